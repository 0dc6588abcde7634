package credentials

import (
	"context"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// Revoke ends a credential and every token that was granted to it, or is just being granted. It may be
// repeated, and after an Unavailable it must be: only when it returns nil is every token ended.
// Faults: NotFound; Unavailable.
func (s *Service) Revoke(ctx context.Context, org organisation.ID, clientID string, by activity.Actor) error {
	err := s.change(ctx, org, clientID, by, activity.Revoked, func(c *credential.ClientCredential) error {
		c.Revoke(s.now())
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.tokens.RevokeAll(ctx, org, clientID); err != nil {
		f := fault.Wrap(fault.Unavailable, err)
		f.Detail = "the credential is revoked, but access tokens that it fetched before may still work: revoke it again"
		return f
	}
	return nil
}
