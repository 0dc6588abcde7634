package credentials

import (
	"context"
	"time"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// Generate makes the secret that an organisation's Entra signs in with: the first one with a credential, and any other
// beside the one before it, under the same client identifier, until that is revoked or ends. after is the key id of the
// newest secret that whoever asks knows of, empty if they know of none: a request that is sent twice makes one secret.
// Faults: Stale if there is a newer secret than after; Invalid at "name" or "years"; Conflict if two secrets are live.
func (s *Service) Generate(ctx context.Context, org organisation.ID, name string, years int, after string, by activity.Actor) (made Issued, err error) {
	err = s.store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		if _, err := tx.Organisation().Get(ctx); err != nil { // whoever does the same at this moment waits
			return err
		}
		all, err := tx.Credentials().All(ctx)
		if err != nil {
			return err
		}
		c := current(all)
		if newest(c) != after {
			return fault.New(fault.Stale, "a secret was made meanwhile, and cannot be shown again")
		}
		if c == nil {
			made, err = s.first(ctx, tx, org, name, years, by)
		} else {
			made, err = s.another(ctx, tx, c.Snapshot().ClientID, years, by)
		}
		return err
	})
	if err != nil {
		return Issued{}, err
	}
	return made, nil
}

// current is the credential that an organisation uses: the last that was not revoked, or nil.
func current(all []*credential.ClientCredential) *credential.ClientCredential {
	for i := range all {
		if c := all[len(all)-1-i]; c.Snapshot().Revoked.IsZero() {
			return c
		}
	}
	return nil
}

func newest(c *credential.ClientCredential) string {
	if c == nil {
		return ""
	}
	return c.Newest().KeyID
}

func (s *Service) first(ctx context.Context, tx ports.Tx, org organisation.ID, name string, years int, by activity.Actor) (Issued, error) {
	c, secret, err := credential.New(org, name, years, s.keys, s.random, s.now())
	if err != nil {
		return Issued{}, err
	}
	if err := tx.Credentials().Add(ctx, c); err != nil {
		return Issued{}, err
	}
	id := c.Snapshot().ClientID
	return Issued{ClientID: id, Secret: secret, Expires: c.Newest().Expires}, s.record(ctx, tx, by, activity.Created, id, activity.Diff(nil, described(c)))
}

func (s *Service) another(ctx context.Context, tx ports.Tx, clientID string, years int, by activity.Actor) (Issued, error) {
	c, err := tx.Credentials().Get(ctx, clientID)
	if err != nil {
		return Issued{}, err
	}
	before := described(c)
	secret, err := c.Rotate(years, credential.ToTheirEnd, s.keys, s.random, s.now())
	if err != nil {
		return Issued{}, err
	}
	if err := tx.Credentials().Save(ctx, c); err != nil {
		return Issued{}, err
	}
	return Issued{ClientID: clientID, Secret: secret, Expires: c.Newest().Expires},
		s.record(ctx, tx, by, activity.Rotated, clientID, activity.Diff(before, described(c)))
}

// Standing is what an organisation signs in with, and how each of its secrets came and went.
type Standing struct {
	ClientID string // of the credential in use; empty if there is none
	Name     string
	After    string // as Generate wants it
	Live     int    // secrets of the credential in use that may be used now
	Secrets  []SecretStanding
}

// SecretStanding is one secret, the newest first.
type SecretStanding struct {
	ClientID, Name   string // of its credential
	KeyID            string
	Created, Expires time.Time
	LastUsed         time.Time // zero: never
	Live             bool
	MadeBy           activity.Actor
	Revoked          bool // it was ended before its time
	RevokedBy        activity.Actor
	Current          bool // of the credential in use
}

// Standing tells what an organisation signs in with.
func (s *Service) Standing(ctx context.Context, org organisation.ID) (st Standing, err error) {
	now := s.now()
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		st = Standing{}
		all, err := tx.Credentials().All(ctx)
		if err != nil {
			return err
		}
		using := current(all)
		if using != nil {
			c := using.Snapshot()
			st.ClientID, st.Name, st.After = c.ClientID, c.Name, newest(using)
		}
		for i := range all {
			c := all[len(all)-1-i].Snapshot()
			events, err := tx.Activity().Of(ctx, activity.Subject{Kind: "ClientCredential", ID: c.ClientID}, 1000)
			if err != nil {
				return err
			}
			for j := range c.Secrets {
				secret := c.Secrets[len(c.Secrets)-1-j]
				one := SecretStanding{
					ClientID: c.ClientID, Name: c.Name, KeyID: secret.KeyID, Created: secret.Created, Expires: secret.Expires,
					LastUsed: secret.LastUsed, Live: secret.Live(now), Current: c.ClientID == st.ClientID,
				}
				one.attribute(events)
				if one.Live && one.Current {
					st.Live++
				}
				st.Secrets = append(st.Secrets, one)
			}
		}
		return nil
	})
	return st, err
}

// attribute says who made the secret and who ended it before its time, by what the journal says of it.
func (o *SecretStanding) attribute(events []activity.Event) {
	for _, e := range events {
		for _, change := range e.Changes {
			if change.Path != "secrets" {
				continue
			}
			before, after := expiryOf(change.From, o.KeyID), expiryOf(change.To, o.KeyID)
			switch {
			case before == "" && after != "":
				o.MadeBy = e.Actor
			case before != after:
				o.Revoked, o.RevokedBy = true, e.Actor
			}
		}
	}
}

// expiryOf gives when a secret ends by what described says of all; empty if it is not among them.
func expiryOf(secrets tree.Value, keyID string) string {
	list, _ := secrets.(tree.List)
	for _, v := range list {
		if secret, _ := v.(*tree.Object); secret.Get("keyId") == keyID {
			text, _ := secret.Get("expires").(string)
			return text
		}
	}
	return ""
}
