package oauthapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/localstore"
)

// limited is a world where failures are counted, and a client may fetch four tokens, and then one a second.
func limited(t *testing.T) *world {
	t.Helper()
	w := open(t)
	w.limiter = localstore.NewLimiter(func() time.Time { return w.now })
	return w
}

// over checks an answer to who is over a limit.
func (a answer) over(t *testing.T, limit, reset, retryAfter string) {
	t.Helper()
	a.is(t, http.StatusTooManyRequests, "temporarily_unavailable")
	for name, want := range map[string]string{
		"Retry-After": retryAfter, "RateLimit-Limit": limit, "RateLimit-Remaining": "0", "RateLimit-Reset": reset, "WWW-Authenticate": "",
	} {
		assert.Equal(t, want, a.header.Get(name), name)
	}
	assert.Len(t, a.body, 2, "RFC 6749 §5.2: an error and its description")
}

func TestTheNinthGuessAtAClientIsToldWhenToComeAgain(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/oauth2/token", introspection, revocation} {
		w := limited(t)
		c := w.credential(t, w.acme, "Entra")
		wrong := ask{path: path, form: grantForm("token", "x"), basic: [2]string{c.ClientID, "wrong"}, from: "203.0.113.7:1"}
		for range 8 {
			refused := w.send(t, wrong)
			refused.is(t, http.StatusUnauthorized, "invalid_client")
			assert.Empty(t, refused.header.Get("RateLimit-Limit"), "who guesses does not learn how often it may")
		}
		w.now = w.now.Add(1500 * time.Millisecond)
		w.send(t, wrong).over(t, "8", "239", "29")

		elsewhere, right := wrong, wrong
		elsewhere.from = "203.0.113.8:1"
		w.send(t, elsewhere).is(t, http.StatusUnauthorized, "invalid_client")
		right.basic[1] = c.Secret
		w.send(t, right).is(t, http.StatusOK, "")
		wrong.from = "203.0.113.7:2"
		assert.Equal(t, http.StatusTooManyRequests, w.send(t, wrong).status, "another port is the same address")
		w.now = w.now.Add(29 * time.Second)
		w.send(t, wrong).is(t, http.StatusUnauthorized, "invalid_client")
	}
}

func TestWhoGuessesNothingIsNotLimited(t *testing.T) {
	t.Parallel()
	w := limited(t)
	for range 70 {
		w.send(t, ask{form: grantForm()}).is(t, http.StatusUnauthorized, "invalid_client")
		w.send(t, ask{form: grantForm("client_id", "c")}).is(t, http.StatusUnauthorized, "invalid_client")
		w.send(t, ask{form: grantForm(), headers: basic("c")}).is(t, http.StatusUnauthorized, "invalid_client")
	}
}

func TestAClientThatFetchesTokensWithoutEndIsToldWhenToComeAgain(t *testing.T) {
	t.Parallel()
	w := limited(t)
	c, other := w.credential(t, w.acme, "Entra"), w.credential(t, w.acme, "Second")
	for range 4 {
		w.token(t, c)
	}
	one := ask{form: grantForm(), basic: [2]string{c.ClientID, c.Secret}}
	w.send(t, one).over(t, "4", "4", "1")
	w.send(t, ask{form: grantForm("scope", "scim.admin"), basic: one.basic}).is(t, http.StatusBadRequest, "invalid_scope")
	w.token(t, other)
	w.now = w.now.Add(time.Second)
	token := w.token(t, c)
	for range 10 {
		w.send(t, about(introspection, token, c)).is(t, http.StatusOK, "")
	}
	w.send(t, about(revocation, token, c)).is(t, http.StatusOK, "")
	require.False(t, w.accepted(t, token), "nothing but grants is counted")
}
