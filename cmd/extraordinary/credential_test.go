package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/application/credentials"
)

// desk is where an operator types commands, upon one data folder.
type desk struct {
	folder string
	now    time.Time
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	return &desk{folder: t.TempDir(), now: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)}
}

func (d *desk) clock() time.Time { return d.now }

func (d *desk) env(name string) (string, bool) {
	if name == "EXTRAORDINARY_DATA_DIR" {
		return d.folder, true
	}
	return "", false
}

// run runs a command as the shell would.
func (d *desk) run(t *testing.T, args ...string) (code int, out, log string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, system{
		out: &stdout, log: &stderr, random: rand.Reader, now: d.clock, env: d.env,
	})
	return code, stdout.String(), stderr.String()
}

// does runs a command that must succeed and say nothing beside.
func (d *desk) does(t *testing.T, args ...string) string {
	t.Helper()
	code, out, log := d.run(t, args...)
	require.Zero(t, code, log)
	require.Empty(t, log)
	return out
}

// object runs a command that prints one JSON object.
func (d *desk) object(t *testing.T, args ...string) map[string]any {
	t.Helper()
	var o map[string]any
	decoder := json.NewDecoder(strings.NewReader(d.does(t, append(args, "--output", "json")...)))
	require.NoError(t, decoder.Decode(&o))
	assert.False(t, decoder.More(), "one object and nothing else")
	return o
}

// fails runs a command that must fail in one line.
func (d *desk) fails(t *testing.T, code int, args ...string) string {
	t.Helper()
	got, out, log := d.run(t, args...)
	assert.Equal(t, code, got, "%v: %s", args, log)
	assert.Empty(t, out)
	assert.Equal(t, 1, strings.Count(log, "\n"), "%v: %s", args, log)
	return log
}

func withAcme(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t)
	d.does(t, "organisation", "create", "Acme", "--slug", "acme", "--owner", "ann@example.com")
	return d
}

// signsIn tells whether the server would take a client's secret.
func (d *desk) signsIn(t *testing.T, id, secret string) bool {
	t.Helper()
	s := system{random: rand.Reader, now: d.clock, env: d.env}
	services, err := s.open(t.Context(), withSettings(credentialCommand(s.open)))
	require.NoError(t, err)
	defer func() { assert.NoError(t, services.close()) }()
	_, err = services.credentials.Authenticate(t.Context(), netip.Addr{}, id, secret)
	return err == nil
}

func TestACredentialIsMadeAsJSONOfTheContract(t *testing.T) {
	t.Parallel()
	d := withAcme(t)
	o := d.object(t, "credential", "create", "--organisation", "acme", "--name", "Entra")
	assert.Len(t, o, 5)
	assert.Equal(t, "http://127.0.0.1:8080/oauth2/token", o["token_endpoint"])
	assert.Equal(t, "http://127.0.0.1:8080/scim/v2", o["tenant_url"])
	assert.Equal(t, "2028-11-25T12:00:00Z", o["expires_at"])
	assert.True(t, d.signsIn(t, o["client_id"].(string), o["client_secret"].(string)))
}

func TestACredentialIsMadeAsTextToPasteIntoEntra(t *testing.T) {
	t.Parallel()
	d := withAcme(t)
	out := d.does(t, "credential", "create", "--organisation", "acme", "--name", "Entra", "--years", "1", "--public-url", "https://scim.example.com/")
	for _, want := range []string{
		"Tenant URL          https://scim.example.com/scim/v2\n", "Token Endpoint      https://scim.example.com/oauth2/token\n",
		"Client Identifier   c_", "Client Secret       scs_", "shown this once", "expires on 2027-11-25",
	} {
		assert.Contains(t, out, want)
	}
}

func TestASecretIsSeenOnceAndNeverListed(t *testing.T) {
	t.Parallel()
	d := withAcme(t)
	o := d.object(t, "credential", "create", "--organisation", "acme", "--name", "Entra")
	secret := o["client_secret"].(string)
	for _, out := range []string{
		d.does(t, "credential", "list", "--organisation", "acme"),
		d.does(t, "credential", "list", "--organisation", "acme", "--output", "json"),
	} {
		assert.NotContains(t, out, secret[13:56])
		assert.Contains(t, out, secret[4:12], "its beginning tells one from another")
		assert.Contains(t, out, o["client_id"])
	}
}

func TestARotatedSecretAndTheOldOneBothWorkForAWeek(t *testing.T) {
	t.Parallel()
	d := withAcme(t)
	old := d.object(t, "credential", "create", "--organisation", "acme", "--name", "Entra")
	id := old["client_id"].(string)
	out := d.does(t, "credential", "rotate", "--client-id", id)
	assert.Contains(t, out, "The old secret works until 2026-12-02 12:00 UTC")
	assert.Contains(t, d.fails(t, 1, "credential", "rotate", "--client-id", id), "overlap of 0")
	young := d.object(t, "credential", "rotate", "--client-id", id, "--overlap", "0", "--organisation", "acme")
	assert.Equal(t, id, young["client_id"])
	assert.False(t, d.signsIn(t, id, old["client_secret"].(string)))
	assert.True(t, d.signsIn(t, id, young["client_secret"].(string)))
}

func TestARevokedCredentialIsRefusedAndListedSo(t *testing.T) {
	t.Parallel()
	d := withAcme(t)
	o := d.object(t, "credential", "create", "--organisation", "acme", "--name", "Entra")
	id := o["client_id"].(string)
	assert.Contains(t, d.does(t, "credential", "revoke", "--client-id", id), id+" is revoked")
	assert.Equal(t, map[string]any{"client_id": id, "status": "revoked"}, d.object(t, "credential", "revoke", "--client-id", id))
	assert.False(t, d.signsIn(t, id, o["client_secret"].(string)))
	list := d.object(t, "credential", "list", "--organisation", "acme")["credentials"].([]any)
	require.Len(t, list, 1)
	assert.Equal(t, "revoked", list[0].(map[string]any)["status"])
	d.does(t, "credential", "create", "--organisation", "acme", "--name", "Entra") // its name is free again
}

func TestTheStateOfACredentialFollowsItsSecrets(t *testing.T) {
	t.Parallel()
	d := withAcme(t)
	o := d.object(t, "credential", "create", "--organisation", "acme", "--name", "Entra", "--years", "1")
	status := func() map[string]any {
		return d.object(t, "credential", "list", "--organisation", "acme")["credentials"].([]any)[0].(map[string]any)
	}
	assert.Equal(t, "live", status()["status"])
	assert.Nil(t, status()["secrets"].([]any)[0].(map[string]any)["last_used_at"])
	require.True(t, d.signsIn(t, o["client_id"].(string), o["client_secret"].(string)))
	assert.Equal(t, "2026-11-25T12:00:00Z", status()["secrets"].([]any)[0].(map[string]any)["last_used_at"])
	d.now = d.now.AddDate(1, 0, 0)
	assert.Equal(t, "expired", status()["status"])
}

func TestWhatACredentialCommandCannotDoItSaysInOneLineWithWhatToDo(t *testing.T) {
	t.Parallel()
	d := withAcme(t)
	d.does(t, "organisation", "create", "Other", "--slug", "other", "--owner", "bob@example.com")
	mine := d.object(t, "credential", "create", "--organisation", "acme", "--name", "Entra")["client_id"].(string)
	none := mine[:25] + "0000000000"
	for _, try := range []struct {
		args string
		code int
		says string
	}{
		{"credential", 2, "name one of create, list, rotate, revoke"},
		{"credential make", 2, `"make"`},
		{"credential create --name Entra", 2, "--organisation is needed"},
		{"credential create --organisation acme", 2, "--name is needed"},
		{"credential create --organisation nobody --name Entra", 1, "extraordinary organisation list shows them"},
		{"credential create --organisation acme --name Entra", 1, "name: another credential has this name"},
		{"credential create --organisation acme --name X --years 4", 2, "years: a secret lives 1, 2 or 3 years"},
		{"credential create --organisation acme --name X --years many", 2, "--years"},
		{"credential create --organisation acme --name X --output xml", 2, "text or json"},
		{"credential create acme --name X", 2, `"acme"`},
		{"credential list", 2, "--organisation is needed"},
		{"credential list --organisation nobody", 1, "extraordinary organisation list shows them"},
		{"credential rotate", 2, "--client-id is needed"},
		{"credential rotate --client-id entra", 2, "extraordinary credential list"},
		{"credential rotate --client-id " + none, 1, "extraordinary credential list shows them"},
		{"credential rotate --client-id " + mine + " --overlap 91d", 2, "--overlap"},
		{"credential rotate --client-id " + mine + " --overlap 2161h", 2, "overlap: the old secret may live"},
		{"credential rotate --client-id " + mine + " --organisation other", 1, "is no credential of other"},
		{"credential revoke", 2, "--client-id is needed"},
		{"credential revoke --client-id " + none, 1, "extraordinary credential list shows them"},
		{"credential revoke --client-id " + mine + " --organisation other", 1, "is no credential of other"},
	} {
		assert.Contains(t, d.fails(t, try.code, strings.Fields(try.args)...), try.says, try.args)
	}
	assert.Equal(t, "live", d.object(t, "credential", "list", "--organisation", "acme")["credentials"].([]any)[0].(map[string]any)["status"])
	assert.Equal(t, 2, credentials.DefaultYears)
}
