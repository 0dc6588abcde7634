package credentials

import (
	"context"
	"errors"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// Principal is who an access token speaks for.
type Principal struct {
	Organisation organisation.ID
	ClientID     string
	Scopes       []credential.Scope
}

// Authorise finds out who an access token speaks for, and whether they may do what needs the scope (RFC 6750 §3.1).
// What can be no token of ours is refused without asking the store.
// Faults: Unauthorised; Forbidden if the token lacks the scope; Unavailable.
func (s *Service) Authorise(ctx context.Context, token string, need credential.Scope) (Principal, error) {
	d, err := credential.ParseToken(token)
	if err != nil {
		return Principal{}, err
	}
	t, err := s.tokens.Get(ctx, d, s.now())
	switch {
	case errors.Is(err, fault.NotFound):
		return Principal{}, fault.New(fault.Unauthorised, "the access token has expired or was revoked; fetch another from the token endpoint")
	case err != nil:
		return Principal{}, err
	case !t.Allows(need):
		return Principal{}, fault.New(fault.Forbidden, "the access token lacks the scope %s; ask the token endpoint for it, or for no scope at all, which gives all", need)
	}
	return Principal{t.Organisation, t.ClientID, t.Scopes}, nil
}
