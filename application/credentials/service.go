// Package credentials lets an organisation's machines prove who they are: client credentials are made, rotated and
// revoked, exchanged for access tokens, and access tokens are recognised.
package credentials

import (
	"context"
	"io"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// Service holds the use cases. It is safe for concurrent use if random is.
type Service struct {
	store   ports.Store
	tokens  ports.Tokens
	gate    ports.Gate
	limiter ports.Limiter
	grants  ports.Rate // of one client
	keys    credential.Keys
	random  io.Reader
	now     func() time.Time
	newID   func() string
}

// New makes a Service. random makes secrets: it is crypto/rand.Reader everywhere but in tests. newID gives UUIDs of
// version 7.
func New(store ports.Store, tokens ports.Tokens, keys credential.Keys, random io.Reader, now func() time.Time, newID func() string) *Service {
	return &Service{store, tokens, open{tokens}, unlimited{}, ports.Rate{}, keys, random, now, newID}
}

// Behind gives the same use cases with a gate that may limit how much an organisation asks.
func (s *Service) Behind(gate ports.Gate) *Service {
	limited := *s
	limited.gate = gate
	return &limited
}

// open is a gate that limits nothing.
type open struct{ ports.Tokens }

// Admit is ports.Gate's.
func (o open) Admit(ctx context.Context, d credential.Digest, _ int, now time.Time) (credential.Token, ports.Decision, error) {
	t, err := o.Get(ctx, d, now)
	return t, ports.Decision{Allowed: true}, err
}

// Limited gives the same use cases with a limiter that counts failures to authenticate, and the tokens that are granted
// to each client, at the rate grants.
func (s *Service) Limited(by ports.Limiter, grants ports.Rate) *Service {
	limited := *s
	limited.limiter, limited.grants = by, grants
	return &limited
}

// unlimited is a limiter that counts nothing.
type unlimited struct{}

// Take is ports.Limiter's.
func (unlimited) Take(context.Context, ports.Bucket, int, ports.Rate) (ports.Decision, error) {
	return ports.Decision{Allowed: true}, nil
}

// Issued is a credential with the secret that was just made for it. The secret can never be read again.
type Issued struct {
	ClientID, Secret string
	Expires          time.Time
	OthersEnd        time.Time // when the last of the secrets before it ends; zero if none is live
}

// change applies fn to a credential, with its line in the journal, all in one unit of work. fn may run more than once.
func (s *Service) change(ctx context.Context, org organisation.ID, clientID string, by activity.Actor, action activity.Action,
	fn func(*credential.ClientCredential) error,
) error {
	return s.store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		c, err := tx.Credentials().Get(ctx, clientID)
		if err != nil {
			return err
		}
		before := described(c)
		if err := fn(c); err != nil {
			return err
		}
		changes := activity.Diff(before, described(c))
		if len(changes) == 0 {
			return nil
		}
		if err := tx.Credentials().Save(ctx, c); err != nil {
			return err
		}
		return s.record(ctx, tx, by, action, clientID, changes)
	})
}

func (s *Service) record(ctx context.Context, tx ports.Tx, by activity.Actor, action activity.Action, clientID string, changes []activity.Change) error {
	event := activity.Event{
		ID: s.newID(), At: s.now(), Actor: by, Action: action, Changes: changes,
		Subject: activity.Subject{Kind: "ClientCredential", ID: clientID},
	}
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		event.Trace = span.TraceID().String()
	}
	return tx.Activity().Record(ctx, event)
}

// described is what the journal says of a credential: nothing that helps anybody to use it.
func described(c *credential.ClientCredential) *tree.Object {
	s := c.Snapshot()
	var scopes, secrets tree.List
	for _, scope := range s.Scopes {
		scopes = append(scopes, string(scope))
	}
	for _, secret := range s.Secrets {
		secrets = append(secrets, tree.NewObject(
			tree.Member{Name: "keyId", Value: secret.KeyID},
			tree.Member{Name: "expires", Value: secret.Expires.Format(time.RFC3339)},
		))
	}
	o := tree.NewObject(
		tree.Member{Name: "name", Value: s.Name},
		tree.Member{Name: "scopes", Value: scopes},
		tree.Member{Name: "secrets", Value: secrets},
	)
	if !s.Revoked.IsZero() {
		o.Set("revoked", s.Revoked.Format(time.RFC3339))
	}
	return o
}
