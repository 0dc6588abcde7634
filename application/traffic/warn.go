package traffic

import (
	"context"
	"errors"
	"time"

	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/mail"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// warnings are how many days before its end it is said of a secret, and on that day.
var warnings = []int{0, 1, 7, 14, 30}

// Warn mails those who manage integrations that the organisation's newest secret ends soon, or has ended; once for each of
// 30, 14, 7 and 1 days before, and on the day. portal is the page where another is made.
func (s *Service) Warn(ctx context.Context, org organisation.ID, portal string) error {
	now := s.now()
	return s.store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		o, err := tx.Organisation().Get(ctx)
		if errors.Is(err, fault.NotFound) {
			return nil // erased meanwhile
		}
		if err != nil {
			return err
		}
		all, err := tx.Credentials().All(ctx)
		if err != nil {
			return err
		}
		name, secret := newestOf(all)
		days, due := dueIn(secret, now)
		if !due || !o.Active() {
			return nil
		}
		state, err := tx.Traffic().State(ctx)
		if err != nil {
			return err
		}
		if said, ever := state.Warned[secret.KeyID]; ever && said <= days {
			return nil
		}
		state.Warned = map[string]int{secret.KeyID: days} // of older ones nothing more is said
		members, err := tx.Staff().All(ctx)
		if err != nil {
			return err
		}
		for _, m := range members {
			if m.Allows(access.ManageIntegrations) {
				letter := mail.SecretEnds(m.Snapshot().Email, o.Snapshot().Name, name, portal, secret.Expires, now)
				letter.ID, letter.Due = s.newID(), now
				file := mail.Expiry(secret.KeyID, name, portal, secret.Expires, now)
				letter.Attachment = &file
				if err := tx.Outbox().Queue(ctx, letter); err != nil {
					return err
				}
			}
		}
		return tx.Traffic().SaveState(ctx, state)
	})
}

// newestOf is the last secret of the credential in use, with the credential's name.
func newestOf(all []*credential.ClientCredential) (name string, secret credential.Secret) {
	for _, c := range all {
		if v := c.Snapshot(); v.Revoked.IsZero() {
			name, secret = v.Name, c.Newest()
		}
	}
	return name, secret
}

// dueIn says whether a secret ends within 30 days, or ended within the last week, and in which of the steps of warnings.
func dueIn(secret credential.Secret, now time.Time) (days int, due bool) {
	left := secret.Expires.Sub(now)
	if secret.KeyID == "" || left < -7*24*time.Hour {
		return 0, false
	}
	for _, d := range warnings {
		if left <= time.Duration(d)*24*time.Hour {
			return d, true
		}
	}
	return 0, false
}
