package oauthapi_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/application/credentials"
)

const introspection, revocation = "/oauth2/introspect", "/oauth2/revoke"

// about is a request of c about a token.
func about(path, token string, c credentials.Issued) ask {
	return ask{path: path, form: url.Values{"token": {token}, "token_type_hint": {"refresh_token"}}, basic: [2]string{c.ClientID, c.Secret}}
}

func TestAClientSeesItsOwnTokenWhole(t *testing.T) {
	t.Parallel()
	w := open(t)
	c := w.credential(t, w.acme, "Entra")
	a := w.send(t, about(introspection, w.token(t, c, "scope", "scim.read"), c))
	a.is(t, http.StatusOK, "")
	assert.Equal(t, map[string]any{
		"active": true, "scope": "scim.read", "client_id": c.ClientID, "token_type": "Bearer",
		"iat": float64(w.now.Unix()), "exp": float64(w.now.Unix() + 3600), "iss": publicURL,
	}, a.body)
}

func TestWhatIsNoLiveTokenOfTheClientIsNotActiveAndNothingElse(t *testing.T) {
	t.Parallel()
	w := open(t)
	c, sibling, stranger := w.credential(t, w.acme, "Entra"), w.credential(t, w.acme, "Second"), w.credential(t, w.other, "Entra")
	token, revoked := w.token(t, c), w.token(t, c)
	w.send(t, about(revocation, revoked, c)).is(t, http.StatusOK, "")
	for name, a := range map[string]ask{
		"a sibling's token":                 about(introspection, token, sibling),
		"a token of another organisation":   about(introspection, token, stranger),
		"a revoked token":                   about(introspection, revoked, c),
		"garbage":                           about(introspection, "garbage", c),
		"a token with a changed last digit": about(introspection, token[:53]+"-", c),
		"a secret":                          about(introspection, c.Secret, c),
	} {
		answer := w.send(t, a)
		assert.Equal(t, http.StatusOK, answer.status, name)
		assert.Equal(t, map[string]any{"active": false}, answer.body, name)
	}
	w.now = w.now.Add(time.Hour)
	assert.Equal(t, map[string]any{"active": false}, w.send(t, about(introspection, token, c)).body, "an expired one")
}

func TestIntrospectionAndRevocationAreForClientsThatAuthenticate(t *testing.T) {
	t.Parallel()
	w := open(t)
	c := w.credential(t, w.acme, "Entra")
	token := w.token(t, c)
	for _, path := range []string{introspection, revocation} {
		w.send(t, ask{path: path, form: url.Values{"token": {token}}}).is(t, http.StatusUnauthorized, "invalid_client")
		w.send(t, ask{path: path, form: url.Values{"token": {token}}, headers: http.Header{"Authorization": {"Bearer " + token}}}).is(t, http.StatusUnauthorized, "invalid_client")
		w.send(t, ask{path: path, form: url.Values{"token": {token}}, basic: [2]string{c.ClientID, "wrong"}}).is(t, http.StatusUnauthorized, "invalid_client")
		w.send(t, ask{path: path, form: url.Values{"x": {"1"}}, basic: [2]string{c.ClientID, c.Secret}}).is(t, http.StatusBadRequest, "invalid_request")
		w.send(t, ask{path: path, raw: "token=" + token + "&token=" + token, basic: [2]string{c.ClientID, c.Secret}}).is(t, http.StatusBadRequest, "invalid_request")
		w.send(t, ask{path: path, form: url.Values{"token": {token}, "client_id": {c.ClientID}, "client_secret": {c.Secret}}}).is(t, http.StatusOK, "")
	}
}

func TestARevokedTokenIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	w := open(t)
	c := w.credential(t, w.acme, "Entra")
	token, another := w.token(t, c), w.token(t, c)
	require.True(t, w.accepted(t, token))
	for range 2 {
		w.send(t, about(revocation, token, c)).is(t, http.StatusOK, "")
		assert.False(t, w.accepted(t, token))
	}
	assert.True(t, w.accepted(t, another), "only the one that was named")
}

func TestRevokingWhatIsNotOnesOwnIsNoFaultAndHasNoEffect(t *testing.T) {
	t.Parallel()
	w := open(t)
	c, sibling, stranger := w.credential(t, w.acme, "Entra"), w.credential(t, w.acme, "Second"), w.credential(t, w.other, "Entra")
	token := w.token(t, c)
	own := w.send(t, about(revocation, w.token(t, c), c))
	for _, a := range []ask{about(revocation, token, sibling), about(revocation, token, stranger), about(revocation, "garbage", c), about(revocation, c.Secret, c)} {
		assert.Equal(t, own, w.send(t, a), "the answer does not tell")
	}
	assert.True(t, w.accepted(t, token))
}
