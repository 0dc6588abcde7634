package credentials

import (
	"context"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// List gives all credentials of an organisation, revoked ones too, in the order of their making.
func (s *Service) List(ctx context.Context, org organisation.ID) (all []*credential.ClientCredential, err error) {
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) (err error) {
		all, err = tx.Credentials().All(ctx)
		return err
	})
	return all, err
}
