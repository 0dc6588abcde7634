package credentials

import (
	"context"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// RevokeSecret ends one secret of a credential: nobody fetches a token for it any more. The tokens that it has fetched
// live to their own end, unless theirs is asked for too. It may be repeated, and after an Unavailable it must be.
// Faults: NotFound; Unavailable.
func (s *Service) RevokeSecret(ctx context.Context, org organisation.ID, clientID, keyID string, tokens bool, by activity.Actor) error {
	err := s.change(ctx, org, clientID, by, activity.Revoked, func(c *credential.ClientCredential) error {
		return c.RevokeSecret(keyID, s.now())
	})
	if err != nil || !tokens {
		return err
	}
	if err := s.tokens.RevokeSecret(ctx, org, clientID, keyID); err != nil {
		f := fault.Wrap(fault.Unavailable, err)
		f.Detail = "the secret is revoked, but access tokens that it fetched before may still work: revoke it again"
		return f
	}
	return nil
}
