package organisations

import (
	"context"

	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// Find gives the organisation called slug. Faults: NotFound.
func (s *Service) Find(ctx context.Context, slug string) (*organisation.Organisation, error) {
	id, err := s.registry.Find(ctx, slug)
	if err != nil {
		return nil, err
	}
	return s.get(ctx, id)
}

// List gives all organisations, by slug.
func (s *Service) List(ctx context.Context) ([]*organisation.Organisation, error) {
	ids, err := s.registry.All(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]*organisation.Organisation, len(ids))
	for i, id := range ids {
		if all[i], err = s.get(ctx, id); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s *Service) get(ctx context.Context, id organisation.ID) (o *organisation.Organisation, err error) {
	err = s.store.View(ctx, id, func(ctx context.Context, tx ports.Tx) (err error) {
		o, err = tx.Organisation().Get(ctx)
		return err
	})
	return o, err
}
