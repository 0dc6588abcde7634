// Package fositestore gives fosite its access tokens: how they are made and where they are kept.
package fositestore

import (
	"context"
	"encoding/hex"
	"io"
	"time"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/oauth2"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
)

// Keeper keeps granted tokens.
type Keeper interface {
	Keep(ctx context.Context, d credential.Digest, t credential.Token) error
}

// Session is what the sessions of requests must be: they know the token that is being granted.
type Session interface {
	fosite.Session
	Token() credential.Token
}

// Store is all that fosite asks for in order to grant a token. To everything else it answers that there is nothing:
// clients authenticate, and tokens are introspected and revoked, by use cases of our own, because fosite's own ways
// answer 401 or 200 while a store is down. So whatever fosite might one day ask besides, no second way in is open.
type Store struct {
	keeper Keeper
	random io.Reader
}

var (
	_ fosite.Storage             = (*Store)(nil)
	_ oauth2.AccessTokenStrategy = (*Store)(nil)
	_ oauth2.AccessTokenStorage  = (*Store)(nil)
)

// New makes a Store. random makes tokens: it is crypto/rand.Reader everywhere but in tests.
func New(keeper Keeper, random io.Reader) *Store { return &Store{keeper, random} }

// GenerateAccessToken makes the text of a token. Its signature, by which fosite names it to a store, is the digest.
func (s *Store) GenerateAccessToken(ctx context.Context, _ fosite.Requester) (text, signature string, err error) {
	text, err = credential.NewToken(s.random)
	return text, s.AccessTokenSignature(ctx, text), err
}

// AccessTokenSignature gives the digest of a token in hex; "" for what is no token of ours.
func (s *Store) AccessTokenSignature(_ context.Context, text string) string {
	d, err := credential.ParseToken(text)
	if err != nil {
		return ""
	}
	return hex.EncodeToString(d[:])
}

// ValidateAccessToken checks the text of a token; whether it is live only a store knows.
func (s *Store) ValidateAccessToken(_ context.Context, _ fosite.Requester, text string) error {
	_, err := credential.ParseToken(text)
	return err
}

// CreateAccessTokenSession keeps a token. It passes the keeper's faults on.
func (s *Store) CreateAccessTokenSession(ctx context.Context, signature string, request fosite.Requester) error {
	session, ok := request.GetSession().(Session)
	var d credential.Digest
	if n, err := hex.Decode(d[:], []byte(signature)); !ok || err != nil || n != len(d) {
		return fault.New(fault.Internal, "a token without its session or its digest")
	}
	t := session.Token()
	t.Scopes = nil
	for _, scope := range request.GetGrantedScopes() {
		t.Scopes = append(t.Scopes, credential.Scope(scope))
	}
	return s.keeper.Keep(ctx, d, t)
}

// GetAccessTokenSession finds nothing.
func (s *Store) GetAccessTokenSession(context.Context, string, fosite.Session) (fosite.Requester, error) {
	return nil, fosite.ErrNotFound
}

// DeleteAccessTokenSession finds nothing to delete.
func (s *Store) DeleteAccessTokenSession(context.Context, string) error { return fosite.ErrNotFound }

// GetClient finds nobody: a client is who has authenticated.
func (s *Store) GetClient(context.Context, string) (fosite.Client, error) {
	return nil, fosite.ErrNotFound
}

// ClientAssertionJWTValid takes no assertion.
func (s *Store) ClientAssertionJWTValid(context.Context, string) error { return fosite.ErrJTIKnown }

// SetClientAssertionJWT takes no assertion.
func (s *Store) SetClientAssertionJWT(context.Context, string, time.Time) error {
	return fosite.ErrJTIKnown
}
