package oauthapi_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/application/credentials"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

func basic(pair string) http.Header {
	return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(pair))}}
}

func TestCredentialsAreTakenInTheHeaderInTheBodyAndTheSameInBoth(t *testing.T) {
	t.Parallel()
	w := open(t)
	c := w.credential(t, w.acme, "Entra")
	for name, a := range map[string]ask{
		"Entra's Header":                   {form: grantForm(), basic: [2]string{c.ClientID, c.Secret}},
		"Entra's Body":                     {form: grantForm("client_id", c.ClientID, "client_secret", c.Secret)},
		"Entra's Both":                     {form: grantForm("client_id", c.ClientID, "client_secret", c.Secret), basic: [2]string{c.ClientID, c.Secret}},
		"the header and the identifier":    {form: grantForm("client_id", c.ClientID), basic: [2]string{c.ClientID, c.Secret}},
		"form-encoded more than needed":    {form: grantForm(), headers: basic(strings.ReplaceAll(c.ClientID+":"+c.Secret, "_", "%5F"))},
		"a scheme in lower case":           {form: grantForm(), headers: http.Header{"Authorization": {"basic" + basic(c.ClientID + ":" + c.Secret).Get("Authorization")[5:]}}},
		"empty parameters beside":          {form: grantForm("client_id", "", "client_secret", "", "scope", ""), basic: [2]string{c.ClientID, c.Secret}},
		"parameters that nobody knows":     {form: grantForm("resource", "https://elsewhere.example", "x", "1"), basic: [2]string{c.ClientID, c.Secret}},
		"a charset in the media type":      {form: grantForm(), basic: [2]string{c.ClientID, c.Secret}, headers: http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}},
		"a media type in capitals":         {form: grantForm(), basic: [2]string{c.ClientID, c.Secret}, headers: http.Header{"Content-Type": {"Application/X-WWW-Form-URLEncoded"}}},
		"blanks round the base64 of basic": {form: grantForm(), headers: http.Header{"Authorization": {"Basic   " + basic(c.ClientID + ":" + c.Secret).Get("Authorization")[6:] + " "}}},
	} {
		answer := w.send(t, a)
		require.Equal(t, http.StatusOK, answer.status, "%s: %s", name, answer.text)
		assert.True(t, w.accepted(t, answer.body["access_token"].(string)), name)
	}
}

func TestAGrantHasTheFormOfRFC6749(t *testing.T) {
	t.Parallel()
	w := open(t)
	c := w.credential(t, w.acme, "Entra")
	a := w.send(t, ask{form: grantForm(), basic: [2]string{c.ClientID, c.Secret}})
	a.is(t, http.StatusOK, "")
	assert.Regexp(t, `^sat_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$`, a.body["access_token"])
	delete(a.body, "access_token")
	assert.Equal(t, map[string]any{"token_type": "Bearer", "expires_in": 3600.0, "scope": "scim.read scim.write"}, a.body)
}

func TestATokenHasTheScopesThatWereAskedFor(t *testing.T) {
	t.Parallel()
	w := open(t)
	c := w.credential(t, w.acme, "Entra")
	for asked, want := range map[string]string{
		"scim.read":             "scim.read",
		"scim.write":            "scim.write",
		"scim.write scim.read":  "scim.write scim.read",
		"scim.read scim.read":   "scim.read",
		" scim.read ":           "scim.read",
		" ":                     "scim.read scim.write",
		"scim.read  scim.write": "scim.read scim.write",
	} {
		a := w.send(t, ask{form: grantForm("scope", asked), basic: [2]string{c.ClientID, c.Secret}})
		a.is(t, http.StatusOK, "")
		assert.Equal(t, want, a.body["scope"], "%q", asked)
		for _, need := range []credential.Scope{credential.Read, credential.Write} {
			_, err := w.credentials.Authorise(t.Context(), a.body["access_token"].(string), need)
			if strings.Contains(want, string(need)) {
				require.NoError(t, err, "%q for %s", asked, need)
			} else {
				require.ErrorIs(t, err, fault.Forbidden, "%q for %s", asked, need)
			}
		}
	}
	for _, asked := range []string{"scim", "scim.*", "*", "SCIM.READ", "scim.read.all", "scim.read openid", "scim.read,scim.write", "scim.admin"} {
		w.send(t, ask{form: grantForm("scope", asked), basic: [2]string{c.ClientID, c.Secret}}).is(t, http.StatusBadRequest, "invalid_scope")
	}
}

func TestATokenLivesAsLongAsItsOrganisationWants(t *testing.T) {
	t.Parallel()
	w := open(t)
	c := w.credential(t, w.acme, "Entra")
	require.NoError(t, w.stores.Within(t.Context(), w.acme, func(ctx context.Context, tx ports.Tx) error {
		o, err := tx.Organisation().Get(ctx)
		if err != nil {
			return err
		}
		s := o.Snapshot()
		s.TokenLife = organisation.LongestTokenLife
		return tx.Organisation().Save(ctx, organisation.Restore(s))
	}))
	a := w.send(t, ask{form: grantForm(), basic: [2]string{c.ClientID, c.Secret}})
	assert.InDelta(t, 21600, a.body["expires_in"], 0)
	w.now = w.now.Add(6*time.Hour - time.Second)
	assert.True(t, w.accepted(t, a.body["access_token"].(string)))
	w.now = w.now.Add(time.Second)
	assert.False(t, w.accepted(t, a.body["access_token"].(string)))
}

func TestBothSecretsWorkWhileOneIsRotated(t *testing.T) {
	t.Parallel()
	w := open(t)
	old := w.credential(t, w.acme, "Entra")
	young, err := w.credentials.Rotate(t.Context(), w.acme, old.ClientID, 2, 24*time.Hour, activity.Actor{})
	require.NoError(t, err)
	w.token(t, old)
	w.token(t, young)
	w.now = w.now.Add(24 * time.Hour)
	w.token(t, young)
	w.send(t, ask{form: grantForm(), basic: [2]string{old.ClientID, old.Secret}}).is(t, http.StatusUnauthorized, "invalid_client")
}

func TestARevokedCredentialAndASuspendedOrganisationAreRefusedFromTheNextRequestOn(t *testing.T) {
	t.Parallel()
	w := open(t)
	c, d, e := w.credential(t, w.acme, "Entra"), w.credential(t, w.acme, "Second"), w.credential(t, w.other, "Entra")
	ofC, ofD, ofE := w.token(t, c), w.token(t, d), w.token(t, e)

	require.NoError(t, w.credentials.Revoke(t.Context(), w.acme, c.ClientID, activity.Actor{}))
	assert.False(t, w.accepted(t, ofC))
	w.send(t, ask{form: grantForm(), basic: [2]string{c.ClientID, c.Secret}}).is(t, http.StatusUnauthorized, "invalid_client")
	assert.True(t, w.accepted(t, ofD))

	require.NoError(t, w.organisations.Suspend(t.Context(), w.acme))
	assert.False(t, w.accepted(t, ofD))
	w.send(t, ask{form: grantForm(), basic: [2]string{d.ClientID, d.Secret}}).is(t, http.StatusUnauthorized, "invalid_client")
	assert.True(t, w.accepted(t, ofE), "another organisation notices nothing")

	require.NoError(t, w.organisations.Resume(t.Context(), w.acme))
	assert.True(t, w.accepted(t, w.token(t, d)))
	assert.False(t, w.accepted(t, ofC), "what was revoked stays so")
}

func TestTheSecondOrganisationsCredentialGivesItsOwnTokens(t *testing.T) {
	t.Parallel()
	w := open(t)
	mine, theirs := w.credential(t, w.acme, "Entra"), w.credential(t, w.other, "Entra")
	p, err := w.credentials.Authorise(t.Context(), w.token(t, theirs), credential.Read)
	require.NoError(t, err)
	assert.Equal(t, w.other, p.Organisation)
	// The identifier says which organisation; with the secret of another it opens neither.
	for _, pair := range [][2]string{{mine.ClientID, theirs.Secret}, {theirs.ClientID, mine.Secret}, {mine.ClientID[:24] + theirs.ClientID[24:], theirs.Secret}} {
		w.send(t, ask{form: grantForm(), basic: pair}).is(t, http.StatusUnauthorized, "invalid_client")
	}
}

func TestEveryRefusalOfAClientIsTheSameByteForByte(t *testing.T) {
	t.Parallel()
	w := open(t)
	good, revoked, suspended := w.credential(t, w.acme, "Good"), w.credential(t, w.acme, "Revoked"), w.credential(t, w.other, "Suspended")
	old := w.credential(t, w.acme, "Old")
	_, err := w.credentials.Rotate(t.Context(), w.acme, old.ClientID, 2, 0, activity.Actor{})
	require.NoError(t, err)
	require.NoError(t, w.credentials.Revoke(t.Context(), w.acme, revoked.ClientID, activity.Actor{}))
	require.NoError(t, w.organisations.Suspend(t.Context(), w.other))
	var first *answer
	for name, pair := range map[string][2]string{
		"a client that nobody knows":    {good.ClientID[:25] + "0000000000", good.Secret},
		"an identifier that is none":    {"entra", good.Secret},
		"a wrong secret":                {good.ClientID, old.Secret},
		"a secret that was cut off":     {good.ClientID, good.Secret[:50]},
		"a secret that is none":         {good.ClientID, "hunter2"},
		"an expired secret":             {old.ClientID, old.Secret},
		"a revoked credential":          {revoked.ClientID, revoked.Secret},
		"a suspended organisation":      {suspended.ClientID, suspended.Secret},
		"an organisation that is not":   {"c_" + strings.Repeat("0", 21) + "1_0000000000", good.Secret},
		"the secret of another":         {good.ClientID, revoked.Secret},
		"a percent sign in the secret":  {good.ClientID, good.Secret + "%zz"},
		"a plus sign in the identifier": {good.ClientID + "+", good.Secret},
	} {
		for _, a := range []ask{
			{form: grantForm(), basic: pair},
			{form: grantForm("client_id", pair[0], "client_secret", pair[1])},
			{path: "/oauth2/introspect", form: grantForm("token", "x"), basic: pair},
			{path: "/oauth2/revoke", form: grantForm("token", "x"), basic: pair},
		} {
			got := w.send(t, a)
			got.is(t, http.StatusUnauthorized, "invalid_client")
			if first == nil {
				first = &got
			}
			assert.Equal(t, *first, got, name)
		}
	}
}

func TestLastUsedFollowsTheGrants(t *testing.T) {
	t.Parallel()
	w := open(t)
	c := w.credential(t, w.acme, "Entra")
	w.token(t, c)
	all, err := w.credentials.List(t.Context(), w.acme)
	require.NoError(t, err)
	assert.WithinDuration(t, w.now, all.Credentials[0].Newest().LastUsed, 0)
	assert.Equal(t, credentials.DefaultYears, all.Credentials[0].Newest().Expires.Year()-w.now.Year())
}
