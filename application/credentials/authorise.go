package credentials

import (
	"context"
	"errors"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// Principal is who an access token speaks for.
type Principal struct {
	Organisation organisation.ID
	ClientID     string
	Scopes       []credential.Scope
	Share        ports.Decision // what is left of the organisation's requests
	Schemas      int            // as organisation.Schemas
	Paused       bool           // as organisation.Paused
	KeyID        string         // of the secret that its token was fetched with
}

// What a request takes of its organisation's share: a write costs more than a read. Entra's 25 requests a second
// (entra.md §1.9) are at most half of the default, whatever they are.
const (
	readCost  = 1
	writeCost = 2
)

// Authorise finds out who an access token speaks for, and whether they may do what needs the scope (RFC 6750 §3.1).
// What can be no token of ours is refused without asking the store.
// Faults: Unauthorised; Forbidden if the token lacks the scope; Limited, with the Principal all the same, if the
// organisation has used its share up; Unavailable.
func (s *Service) Authorise(ctx context.Context, token string, need credential.Scope) (Principal, error) {
	d, err := credential.ParseToken(token)
	if err != nil {
		return Principal{}, err
	}
	cost := writeCost
	if need == credential.Read {
		cost = readCost
	}
	t, share, err := s.gate.Admit(ctx, d, cost, s.now())
	switch {
	case errors.Is(err, fault.NotFound):
		return Principal{}, fault.New(fault.Unauthorised, "the access token has expired or was revoked; fetch another from the token endpoint")
	case err != nil:
		return Principal{}, err
	case !t.Allows(need):
		return Principal{}, fault.New(fault.Forbidden, "the access token lacks the scope %s; ask the token endpoint for it, or for no scope at all, which gives all", need)
	}
	who := Principal{t.Organisation, t.ClientID, t.Scopes, share, t.Schemas, t.Paused, t.KeyID}
	if !share.Allowed {
		return who, fault.New(fault.Limited, "your organisation sends more requests than its share; send this one again after the seconds in Retry-After")
	}
	return who, nil
}
