package credentials

import (
	"context"
	"time"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// Rotate gives a credential a new secret that lives the given number of years; those before it end after overlap.
// Tokens that were granted for them live to their own end.
// Faults: NotFound; Invalid at "years" or "overlap"; Conflict if it is revoked or too many secrets are live.
func (s *Service) Rotate(ctx context.Context, org organisation.ID, clientID string, years int, overlap time.Duration, by activity.Actor) (made Issued, err error) {
	now := s.now()
	err = s.change(ctx, org, clientID, by, activity.Rotated, func(c *credential.ClientCredential) error {
		secret, err := c.Rotate(years, overlap, s.keys, s.random, now)
		if err != nil {
			return err
		}
		made = Issued{ClientID: clientID, Secret: secret, Expires: c.Newest().Expires}
		for _, old := range c.Snapshot().Secrets {
			if old.KeyID != c.Newest().KeyID && old.Live(now) && old.Expires.After(made.OthersEnd) {
				made.OthersEnd = old.Expires
			}
		}
		return nil
	})
	if err != nil {
		return Issued{}, err
	}
	return made, nil
}
