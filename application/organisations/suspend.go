package organisations

import (
	"context"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// Suspend stops all service to an organisation; its data stay. The tokens are blocked first, so that service has
// ended even if the second step fails. It may be repeated, and after a fault it must be. Faults: NotFound, Unavailable.
func (s *Service) Suspend(ctx context.Context, id organisation.ID) error {
	if err := s.tokens.Block(ctx, id); err != nil {
		return err
	}
	return s.change(ctx, id, activity.Suspended, func(o *organisation.Organisation) error {
		o.Suspend()
		return nil
	})
}

// Resume takes Suspend back, in the other order: while it is half done, service is still stopped. It may be repeated,
// and after a fault it must be. Faults: NotFound, Unavailable.
func (s *Service) Resume(ctx context.Context, id organisation.ID) error {
	err := s.change(ctx, id, activity.Resumed, func(o *organisation.Organisation) error {
		o.Resume()
		return nil
	})
	if err != nil {
		return err
	}
	return s.tokens.Unblock(ctx, id)
}

func (s *Service) change(ctx context.Context, id organisation.ID, action activity.Action, apply func(*organisation.Organisation) error) error {
	return s.store.Within(ctx, id, func(ctx context.Context, tx ports.Tx) error {
		o, err := tx.Organisation().Get(ctx)
		if err != nil {
			return err
		}
		before := described(o)
		if err := apply(o); err != nil {
			return err
		}
		changes := activity.Diff(before, described(o))
		if len(changes) == 0 {
			return nil
		}
		if err := tx.Organisation().Save(ctx, o); err != nil {
			return err
		}
		return s.record(ctx, tx, action, id, changes)
	})
}
