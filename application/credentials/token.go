package credentials

import (
	"context"
	"errors"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/ports"
)

// Keep keeps a token that is being granted. If the credential was revoked since the client authenticated, there is no
// token. Faults: Limited, with Exceeded as its cause, if the client fetches too many; Unauthorised; Unavailable; after
// each of them, the token is not to be handed out.
func (s *Service) Keep(ctx context.Context, d credential.Digest, t credential.Token) error {
	// It is counted before the store is asked, which the limit is to spare.
	const detail = "the client fetches more tokens than it can need; keep each until it expires, and wait the seconds in Retry-After"
	if err := s.spend(ctx, ports.Bucket{Limit: ports.PerClient, Subject: t.ClientID}, s.grants, detail); err != nil {
		return err
	}
	err := s.tokens.Put(ctx, d, t)
	if errors.Is(err, fault.Unauthorised) {
		return refuse(WasRevoked)
	}
	return err
}

// Introspect gives what a token of who's own stands for (RFC 7662 §2). A token that is none, or is not live, or belongs
// to another client is NotFound. Faults: NotFound, Unavailable.
func (s *Service) Introspect(ctx context.Context, who Client, text string) (credential.Token, error) {
	t, _, err := s.own(ctx, who, text)
	return t, err
}

// End ends a token of who's own (RFC 7009 §2). One that Introspect would not find is left alone and no fault.
// Faults: Unavailable.
func (s *Service) End(ctx context.Context, who Client, text string) error {
	_, d, err := s.own(ctx, who, text)
	switch {
	case errors.Is(err, fault.NotFound):
		return nil
	case err != nil:
		return err
	}
	return s.tokens.Revoke(ctx, d)
}

func (s *Service) own(ctx context.Context, who Client, text string) (credential.Token, credential.Digest, error) {
	none := fault.New(fault.NotFound, "this client has no such token")
	d, err := credential.ParseToken(text)
	if err != nil {
		return credential.Token{}, d, none
	}
	t, err := s.tokens.Get(ctx, d, s.now())
	if err != nil {
		return credential.Token{}, d, err
	}
	if t.Organisation != who.Organisation || t.ClientID != who.ClientID {
		return credential.Token{}, d, none
	}
	return t, d, nil
}
