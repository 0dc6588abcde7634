package portstest

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// Tokens checks a ports.Tokens. open gives an empty one; its clock, if it has one, should say a time that is not after
// the end of January 2026.
func Tokens(t *testing.T, open func(t *testing.T) ports.Tokens) {
	t.Helper()
	run(t, open, map[string]func(*testing.T, ports.Tokens){
		"a token is read as it was put":               readsTokens,
		"a token ends when it expires":                expiresTokens,
		"a revoked token is gone, others stay":        revokesTokens,
		"all tokens of a client are revoked at once":  revokesClients,
		"all tokens of a secret are revoked at once":  revokesSecrets,
		"a blocked organisation's tokens are refused": blocksOrganisations,
		"a token says the limit of its organisation":  tellsLimits,
		"a token says how often schemas have changed": tellsSchemas,
		"a token says whether provisioning rests":     tellsPauses,
		"an organisation is forgotten":                forgetsOrganisations,
	})
}

func digest(text string) credential.Digest { return sha256.Sum256([]byte(text)) }

func token(org organisation.ID, clientID string) credential.Token {
	return credential.Token{
		Organisation: org, ClientID: clientID, KeyID: "aa", Scopes: []credential.Scope{credential.Read, credential.Write},
		Issued: begun, Expires: begun.Add(time.Hour),
	}
}

func put(t *testing.T, tokens ports.Tokens, text string, token credential.Token) {
	t.Helper()
	require.NoError(t, tokens.Put(t.Context(), digest(text), token))
}

func tellsPauses(t *testing.T, tokens ports.Tokens) {
	paused := func(text string) bool {
		t.Helper()
		got, err := tokens.Get(t.Context(), digest(text), begun)
		require.NoError(t, err)
		return got.Paused
	}
	resting := token(acme, "a")
	put(t, tokens, "before", resting)
	assert.False(t, paused("before"))
	for range 2 {
		require.NoError(t, tokens.SetPaused(t.Context(), acme, true))
	}
	put(t, tokens, "after", resting)
	put(t, tokens, "other", token(globex, "a"))
	assert.True(t, paused("before"))
	assert.True(t, paused("after"))
	assert.False(t, paused("other"))
	require.NoError(t, tokens.SetRateLimit(t.Context(), acme, 7))
	assert.True(t, paused("before"), "another word changes nothing of it")
	require.NoError(t, tokens.SetPaused(t.Context(), acme, false))
	assert.False(t, paused("before"))

	resting = token(globex, "a")
	resting.Paused = true
	put(t, tokens, "told", resting)
	assert.True(t, paused("told"), "as who put it knew it, where nobody has said otherwise")
}

func revokesSecrets(t *testing.T, tokens ports.Tokens) {
	of := func(org organisation.ID, clientID, keyID string) credential.Token {
		granted := token(org, clientID)
		granted.KeyID = keyID
		return granted
	}
	put(t, tokens, "old", of(acme, "a", "old"))
	put(t, tokens, "new", of(acme, "a", "new"))
	put(t, tokens, "other client", of(acme, "b", "old"))
	put(t, tokens, "other organisation", of(globex, "a", "old"))
	for range 2 {
		require.NoError(t, tokens.RevokeSecret(t.Context(), acme, "a", "old"))
	}
	assert.False(t, live(t, tokens, "old"))
	require.ErrorIs(t, tokens.Put(t.Context(), digest("late"), of(acme, "a", "old")), fault.Unauthorised, "one that was just being granted")
	assert.False(t, live(t, tokens, "late"))
	put(t, tokens, "newer", of(acme, "a", "new"))
	for _, text := range []string{"new", "newer", "other client", "other organisation"} {
		assert.True(t, live(t, tokens, text), text)
	}
}

func live(t *testing.T, tokens ports.Tokens, text string) bool {
	t.Helper()
	_, err := tokens.Get(t.Context(), digest(text), begun.Add(time.Minute))
	if err != nil {
		require.ErrorIs(t, err, fault.NotFound)
	}
	return err == nil
}

func readsTokens(t *testing.T, tokens ports.Tokens) {
	want := token(acme, "a")
	put(t, tokens, "one", want)
	got, err := tokens.Get(t.Context(), digest("one"), begun)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	assert.False(t, live(t, tokens, "two"))
}

func expiresTokens(t *testing.T, tokens ports.Tokens) {
	put(t, tokens, "one", token(acme, "a"))
	_, err := tokens.Get(t.Context(), digest("one"), begun.Add(time.Hour-time.Microsecond))
	require.NoError(t, err)
	_, err = tokens.Get(t.Context(), digest("one"), begun.Add(time.Hour))
	require.ErrorIs(t, err, fault.NotFound)
}

func revokesTokens(t *testing.T, tokens ports.Tokens) {
	put(t, tokens, "one", token(acme, "a"))
	put(t, tokens, "two", token(acme, "a"))
	require.NoError(t, tokens.Revoke(t.Context(), digest("one")))
	require.NoError(t, tokens.Revoke(t.Context(), digest("one")), "twice")
	require.NoError(t, tokens.Revoke(t.Context(), digest("unknown")))
	assert.False(t, live(t, tokens, "one"))
	assert.True(t, live(t, tokens, "two"))
}

func revokesClients(t *testing.T, tokens ports.Tokens) {
	put(t, tokens, "one", token(acme, "a"))
	put(t, tokens, "two", token(acme, "a"))
	put(t, tokens, "other client", token(acme, "b"))
	put(t, tokens, "other organisation", token(globex, "a"))
	require.NoError(t, tokens.RevokeAll(t.Context(), acme, "a"))
	assert.False(t, live(t, tokens, "one"))
	assert.False(t, live(t, tokens, "two"))
	assert.True(t, live(t, tokens, "other client"))
	assert.True(t, live(t, tokens, "other organisation"))
	require.NoError(t, tokens.RevokeAll(t.Context(), acme, "a"), "twice")
	require.ErrorIs(t, tokens.Put(t.Context(), digest("just being granted"), token(acme, "a")), fault.Unauthorised)
	assert.False(t, live(t, tokens, "just being granted"))
	put(t, tokens, "later", token(acme, "b"))
	put(t, tokens, "other organisation, later", token(globex, "a"))
	assert.True(t, live(t, tokens, "later"))
	assert.True(t, live(t, tokens, "other organisation, later"))
}

func tellsLimits(t *testing.T, tokens ports.Tokens) {
	limit := func(text string) organisation.RateLimit {
		t.Helper()
		got, err := tokens.Get(t.Context(), digest(text), begun)
		require.NoError(t, err)
		return got.RateLimit
	}
	put(t, tokens, "one", token(acme, "a"))
	put(t, tokens, "other", token(globex, "a"))
	assert.Equal(t, organisation.DefaultRateLimit, limit("one"))
	for _, l := range []organisation.RateLimit{250, organisation.NoRateLimit, organisation.DefaultRateLimit, 3} {
		require.NoError(t, tokens.SetRateLimit(t.Context(), acme, l))
		assert.Equal(t, l, limit("one"))
	}
	late := token(acme, "a")
	late.RateLimit = 250 // the record was read before the limit was set
	put(t, tokens, "late", late)
	assert.EqualValues(t, 3, limit("late"))
	assert.Equal(t, organisation.DefaultRateLimit, limit("other"))
	limited := token(globex, "a")
	limited.RateLimit = 5
	put(t, tokens, "limited", limited)
	assert.EqualValues(t, 5, limit("limited"), "what the record says where nobody set another")
}

func tellsSchemas(t *testing.T, tokens ports.Tokens) {
	schemas := func(text string) int {
		t.Helper()
		got, err := tokens.Get(t.Context(), digest(text), begun)
		require.NoError(t, err)
		return got.Schemas
	}
	put(t, tokens, "one", token(acme, "a"))
	put(t, tokens, "other", token(globex, "a"))
	assert.Zero(t, schemas("one"))
	for changes := range 3 {
		require.NoError(t, tokens.SetSchemas(t.Context(), acme, changes))
		assert.Equal(t, changes, schemas("one"))
	}
	require.NoError(t, tokens.SetRateLimit(t.Context(), acme, 7))
	late := token(acme, "a")
	late.Schemas = 1 // the record was read before the last change
	put(t, tokens, "late", late)
	assert.Equal(t, 2, schemas("late"))
	assert.Zero(t, schemas("other"))
	known := token(globex, "a")
	known.Schemas = 4
	put(t, tokens, "known", known)
	assert.Equal(t, 4, schemas("known"), "what the record says where nobody said another")
}

func forgetsOrganisations(t *testing.T, tokens ports.Tokens) {
	put(t, tokens, "one", token(acme, "a"))
	put(t, tokens, "other", token(globex, "a"))
	require.NoError(t, tokens.SetRateLimit(t.Context(), acme, 3))
	require.NoError(t, tokens.RevokeAll(t.Context(), acme, "b"))
	require.NoError(t, tokens.Block(t.Context(), acme))
	for range 2 {
		require.NoError(t, tokens.Forget(t.Context(), acme))
	}
	require.NoError(t, tokens.Unblock(t.Context(), acme))
	assert.False(t, live(t, tokens, "one"))
	assert.True(t, live(t, tokens, "other"))
	put(t, tokens, "again", token(acme, "c"))
	got, err := tokens.Get(t.Context(), digest("again"), begun)
	require.NoError(t, err)
	assert.Equal(t, organisation.DefaultRateLimit, got.RateLimit)
}

func blocksOrganisations(t *testing.T, tokens ports.Tokens) {
	put(t, tokens, "one", token(acme, "a"))
	put(t, tokens, "other", token(globex, "a"))
	for range 2 {
		require.NoError(t, tokens.Block(t.Context(), acme))
	}
	assert.False(t, live(t, tokens, "one"))
	put(t, tokens, "while blocked", token(acme, "a"))
	assert.False(t, live(t, tokens, "while blocked"))
	assert.True(t, live(t, tokens, "other"))
	for range 2 {
		require.NoError(t, tokens.Unblock(t.Context(), acme))
	}
	assert.True(t, live(t, tokens, "one"))
	assert.True(t, live(t, tokens, "while blocked"))
}
