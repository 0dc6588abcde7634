package credentials

import (
	"context"
	"time"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/ports"
)

// use is what is to be written down because a secret was used: for most requests nothing.
type use struct{ again, rehash bool }

func (s *Service) useOf(shown credential.Secret, now time.Time) use {
	return use{again: now.Sub(shown.LastUsed) >= time.Minute, rehash: !s.keys.Current(shown.Hash)}
}

// note writes down that who used a secret, at most once a minute, and moves the secret to the key that signs.
func (s *Service) note(ctx context.Context, who Client, secret string, u use) error {
	if !u.again && !u.rehash {
		return nil
	}
	return s.store.Within(ctx, who.Organisation, func(ctx context.Context, tx ports.Tx) error {
		if u.rehash {
			c, err := tx.Credentials().Get(ctx, who.ClientID)
			if err != nil {
				return err
			}
			if c.Rehash(secret, s.keys) {
				if err := tx.Credentials().Save(ctx, c); err != nil {
					return err
				}
			}
		}
		return tx.Credentials().Used(ctx, who.ClientID, who.KeyID, who.At)
	})
}
