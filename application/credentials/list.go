package credentials

import (
	"context"
	"time"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// Listing is the credentials of an organisation as they stand at a time.
type Listing struct {
	At          time.Time
	Credentials []*credential.ClientCredential // in the order of their making
}

// List gives all credentials of an organisation, revoked ones too.
func (s *Service) List(ctx context.Context, org organisation.ID) (Listing, error) {
	l := Listing{At: s.now()}
	err := s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) (err error) {
		l.Credentials, err = tx.Credentials().All(ctx)
		return err
	})
	return l, err
}
