package provisioning

import (
	"context"

	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/ports"
)

// For gives the use cases of an organisation that has schemas of its own, and all schemas that hold in it.
// Faults: Unavailable.
func (s *Service) For(ctx context.Context, org organisation.ID) (*Service, *schema.Registry, error) {
	all := s.all
	err := s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		own, err := tx.Extensions().All(ctx)
		if err != nil {
			return err
		}
		all, err = s.all.With(own...)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	theirs := *s
	theirs.all, theirs.users.definition, theirs.groups.definition = all, all.Type("User"), all.Type("Group")
	return &theirs, all, nil
}
