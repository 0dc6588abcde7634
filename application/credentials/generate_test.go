package credentials_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
)

func TestGeneratingMakesOneSecretHoweverOftenTheFormIsSent(t *testing.T) {
	t.Parallel()
	h := open(t)
	mia := activity.Actor{Kind: activity.Member, ID: "mia"}
	first, err := h.Generate(t.Context(), acme, "Entra", 2, "", mia)
	require.NoError(t, err)
	_, err = h.Generate(t.Context(), acme, "Entra", 2, "", mia)
	require.ErrorIs(t, err, fault.Stale)

	st, err := h.Standing(t.Context(), acme)
	require.NoError(t, err)
	assert.Equal(t, first.ClientID, st.ClientID)
	second, err := h.Generate(t.Context(), acme, "", 1, st.After, activity.Actor{Kind: activity.Member, ID: "ana"})
	require.NoError(t, err)
	assert.Equal(t, first.ClientID, second.ClientID, "in Entra nothing but the secret changes")
	_, err = h.Generate(t.Context(), acme, "", 1, st.After, mia)
	require.ErrorIs(t, err, fault.Stale)

	st, err = h.Standing(t.Context(), acme)
	require.NoError(t, err)
	_, err = h.Generate(t.Context(), acme, "", 1, st.After, mia)
	require.ErrorIs(t, err, fault.Conflict, "two work already")
	require.Len(t, st.Secrets, 2)
	assert.Equal(t, 2, st.Live)
	assert.Equal(t, "ana", st.Secrets[0].MadeBy.ID)
	assert.Equal(t, mia, st.Secrets[1].MadeBy)

	require.NoError(t, h.RevokeSecret(t.Context(), acme, first.ClientID, st.Secrets[1].KeyID, false, mia))
	st, err = h.Standing(t.Context(), acme)
	require.NoError(t, err)
	assert.Equal(t, 1, st.Live)
	assert.True(t, st.Secrets[1].Revoked)
	assert.False(t, st.Secrets[0].Revoked)
	assert.Equal(t, mia, st.Secrets[1].RevokedBy)

	require.NoError(t, h.Revoke(t.Context(), acme, first.ClientID, operator))
	st, err = h.Standing(t.Context(), acme)
	require.NoError(t, err)
	assert.Empty(t, st.ClientID, "none is in use")
	another, err := h.Generate(t.Context(), acme, "Entra", 2, st.After, mia)
	require.NoError(t, err)
	assert.NotEqual(t, first.ClientID, another.ClientID)
}

func TestOneSecretIsRevokedAndTheOtherGoesOn(t *testing.T) {
	t.Parallel()
	h := open(t)
	old := h.create(t)
	renewed, err := h.Rotate(t.Context(), acme, old.ClientID, 1, credential.ToTheirEnd, operator)
	require.NoError(t, err)
	assert.Equal(t, old.Expires, renewed.OthersEnd, "nothing ends until somebody says so")
	before, after := h.grant(t, old), h.grant(t, renewed)
	keyID, err := credential.ParseSecret(old.Secret)
	require.NoError(t, err)

	require.NoError(t, h.RevokeSecret(t.Context(), acme, old.ClientID, keyID, false, operator))
	_, err = h.Authenticate(t.Context(), old.ClientID, old.Secret)
	require.ErrorIs(t, err, fault.Unauthorised)
	_, err = h.Authenticate(t.Context(), old.ClientID, renewed.Secret)
	require.NoError(t, err)
	_, err = h.Authorise(t.Context(), before, credential.Read)
	require.NoError(t, err, "Entra uses a token to its end")

	h.store.faults["Tokens.RevokeSecret"] = errors.New("connection refused")
	err = h.RevokeSecret(t.Context(), acme, old.ClientID, keyID, true, operator)
	require.ErrorIs(t, err, fault.Unavailable)
	assert.Contains(t, fault.Of(err).Detail, "revoke it again")
	h.store.faults["Tokens.RevokeSecret"] = nil
	require.NoError(t, h.RevokeSecret(t.Context(), acme, old.ClientID, keyID, true, operator))
	_, err = h.Authorise(t.Context(), before, credential.Read)
	require.ErrorIs(t, err, fault.Unauthorised)
	_, err = h.Authorise(t.Context(), after, credential.Read)
	require.NoError(t, err)
	require.ErrorIs(t, h.RevokeSecret(t.Context(), acme, old.ClientID, "nokey", true, operator), fault.NotFound)
}
