package credentials

import (
	"context"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// DefaultYears is how long a secret lives where nobody says how long.
const DefaultYears = 2

// Create makes a credential whose secret lives the given number of years.
// Faults: Invalid at "name" or "years"; Conflict at "name" if one that is not revoked has it.
func (s *Service) Create(ctx context.Context, org organisation.ID, name string, years int, by activity.Actor) (Issued, error) {
	c, secret, err := credential.New(org, name, years, s.keys, s.random, s.now())
	if err != nil {
		return Issued{}, err
	}
	made := Issued{ClientID: c.Snapshot().ClientID, Secret: secret, Expires: c.Newest().Expires}
	err = s.store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		if err := tx.Credentials().Add(ctx, c); err != nil {
			return err
		}
		return s.record(ctx, tx, by, activity.Created, made.ClientID, activity.Diff(nil, described(c)))
	})
	if err != nil {
		return Issued{}, err
	}
	return made, nil
}
