package fositestore_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/ory/fosite"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/fositestore"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
)

// keeper keeps tokens in a map, unless it has a fault.
type keeper struct {
	kept  map[credential.Digest]credential.Token
	fault error
}

func (k *keeper) Keep(_ context.Context, d credential.Digest, t credential.Token) error {
	if k.fault == nil {
		k.kept[d] = t
	}
	return k.fault
}

type session struct {
	fosite.DefaultSession
	token credential.Token
}

func (s *session) Token() credential.Token { return s.token }

func request(scopes ...string) *fosite.Request {
	r := fosite.NewRequest()
	r.Session = &session{token: credential.Token{ClientID: "c_1", Expires: time.Unix(3600, 0)}}
	for _, scope := range scopes {
		r.GrantScope(scope)
	}
	return r
}

func TestATokenIsKeptUnderItsDigestWithTheScopesThatWereGranted(t *testing.T) {
	t.Parallel()
	k := &keeper{kept: map[credential.Digest]credential.Token{}}
	s := fositestore.New(k, rand.Reader)
	text, signature, err := s.GenerateAccessToken(t.Context(), request())
	require.NoError(t, err)
	require.NoError(t, s.CreateAccessTokenSession(t.Context(), signature, request("scim.read")))

	d, err := credential.ParseToken(text)
	require.NoError(t, err)
	assert.Equal(t, map[credential.Digest]credential.Token{
		d: {ClientID: "c_1", Expires: time.Unix(3600, 0), Scopes: []credential.Scope{credential.Read}},
	}, k.kept)
	assert.NotContains(t, signature, text[4:47], "a store sees no token")
}

func TestAFaultOfTheStoreArrivesAsItIs(t *testing.T) {
	t.Parallel()
	down := fault.New(fault.Unavailable, "down")
	s := fositestore.New(&keeper{fault: down}, rand.Reader)
	_, signature, err := s.GenerateAccessToken(t.Context(), request())
	require.NoError(t, err)
	assert.ErrorIs(t, s.CreateAccessTokenSession(t.Context(), signature, request()), down)
}

func TestATokenWithoutDigestSessionOrRandomnessIsOurFault(t *testing.T) {
	t.Parallel()
	k := &keeper{kept: map[credential.Digest]credential.Token{}}
	s := fositestore.New(k, rand.Reader)
	foreign := request()
	foreign.Session = &fosite.DefaultSession{}
	whole := strings.Repeat("0", 64)
	require.ErrorIs(t, s.CreateAccessTokenSession(t.Context(), whole, foreign), fault.Internal)
	for _, signature := range []string{"", "x", whole[:62], whole[:62] + "xx"} {
		require.ErrorIs(t, s.CreateAccessTokenSession(t.Context(), signature, request()), fault.Internal, signature)
	}
	assert.Empty(t, k.kept)
	_, _, err := fositestore.New(k, iotest.ErrReader(errors.New("dry"))).GenerateAccessToken(t.Context(), request())
	require.ErrorIs(t, err, fault.Internal)
}

func TestATextThatIsNoTokenHasNoSignatureAndIsNotValid(t *testing.T) {
	t.Parallel()
	s := fositestore.New(&keeper{}, rand.Reader)
	assert.Empty(t, s.AccessTokenSignature(t.Context(), "garbage"))
	require.ErrorIs(t, s.ValidateAccessToken(t.Context(), nil, "garbage"), fault.Unauthorised)
	text, _, err := s.GenerateAccessToken(t.Context(), nil)
	require.NoError(t, err)
	assert.NoError(t, s.ValidateAccessToken(t.Context(), nil, text))
}

func TestThereIsNoSecondWayToAClientOrAToken(t *testing.T) {
	t.Parallel()
	s := fositestore.New(&keeper{}, rand.Reader)
	_, err := s.GetClient(t.Context(), "c_1")
	require.ErrorIs(t, err, fosite.ErrNotFound)
	_, err = s.GetAccessTokenSession(t.Context(), strings.Repeat("0", 64), &session{})
	require.ErrorIs(t, err, fosite.ErrNotFound)
	require.ErrorIs(t, s.DeleteAccessTokenSession(t.Context(), ""), fosite.ErrNotFound)
	require.Error(t, s.ClientAssertionJWTValid(t.Context(), "jti"))
	require.Error(t, s.SetClientAssertionJWT(t.Context(), "jti", time.Unix(0, 0)))
}
