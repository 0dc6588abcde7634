package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAnOrganisationIsMadeAsJSONOfTheContract(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := d.object(t, "organisation", "create", "Kererū Holdings", "--slug", "kereru", "--owner", "mia.chen@example.com")
	assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$`, o["id"])
	delete(o, "id")
	assert.Regexp(t, `^http://127\.0\.0\.1:8080/link/[0-9A-Za-z_-]{64}$`, o["sign_in_url"])
	delete(o, "sign_in_url")
	assert.Equal(t, map[string]any{"slug": "kereru", "name": "Kererū Holdings"}, o)
}

func TestAnOrganisationIsMadeAsTextWithWhatToDoNext(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	out := d.does(t, "organisation", "create", "Acme", "--slug", "acme", "--owner", "ann@example.com")
	assert.Contains(t, out, "Acme is there: slug acme, id ")
	_, next, _ := strings.Cut(out, "Next: extraordinary ")
	d.does(t, strings.Fields(next)...)
}

func TestOrganisationsAreListed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	assert.Contains(t, d.does(t, "organisation", "list"), "no organisation yet")
	assert.Empty(t, d.object(t, "organisation", "list")["organisations"])
	d.does(t, "organisation", "create", "Zeta", "--slug", "zeta", "--owner", "ann@example.com")
	d.does(t, "organisation", "create", "Acme", "--slug", "acme", "--owner", "ann@example.com")
	d.does(t, "organisation", "suspend", "zeta")
	d.does(t, "organisation", "limit", "zeta", "--rate", "250")
	out := d.does(t, "organisation", "list")
	assert.Regexp(t, `(?s)SLUG .*acme +Acme +active +default +2026-11-25.*zeta +Zeta +suspended +250/s`, out)
	list := d.object(t, "organisation", "list")["organisations"].([]any)
	assert.Len(t, list, 2)
	assert.Equal(t, "acme", list[0].(map[string]any)["slug"])
	assert.Contains(t, list[0], "rate_limit")
	assert.Nil(t, list[0].(map[string]any)["rate_limit"])
}

func TestAnOrganisationIsSuspendedAndResumed(t *testing.T) {
	t.Parallel()
	d := withAcme(t)
	c := d.object(t, "credential", "create", "--organisation", "acme", "--name", "Entra")
	id, secret := c["client_id"].(string), c["client_secret"].(string)
	assert.Contains(t, d.does(t, "organisation", "suspend", "acme"), "extraordinary organisation resume acme")
	assert.False(t, d.signsIn(t, id, secret))
	assert.Equal(t, "suspended", d.object(t, "organisation", "suspend", "--organisation", "acme")["status"])
	assert.Contains(t, d.does(t, "organisation", "resume", "acme"), "acme is served again")
	assert.True(t, d.signsIn(t, id, secret))
	assert.Equal(t, "active", d.object(t, "organisation", "resume", "acme", "--organisation", "acme")["status"])
}

func TestWhatAnOrganisationCommandCannotDoItSaysInOneLineWithWhatToDo(t *testing.T) {
	t.Parallel()
	d := withAcme(t)
	for _, try := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{}, 2, "name one of create, list, suspend, resume"},
		{[]string{"remove"}, 2, `"remove"`},
		{[]string{"create"}, 2, "the organisation's name is needed"},
		{[]string{"create", "Acme", "Inc", "--slug", "x", "--owner", "a@b.cd"}, 2, "quotation marks"},
		{[]string{"create", "Acme"}, 2, "--slug is needed"},
		{[]string{"create", "Acme", "--slug", "second"}, 2, "--owner is needed"},
		{[]string{"create", "Acme", "--slug", "Acme Inc", "--owner", "ann@example.com"}, 2, `slug: "Acme Inc" is no slug`},
		{[]string{"create", " ", "--slug", "second", "--owner", "ann@example.com"}, 2, "name: a name has 1 to 100 characters"},
		{[]string{"create", "Acme", "--slug", "second", "--owner", "ann"}, 2, `owner: "ann" is no e-mail address`},
		{[]string{"create", "Acme", "--slug", "acme", "--owner", "ann@example.com"}, 1, `slug: another organisation is called "acme"`},
		{[]string{"suspend"}, 2, "the organisation's slug is needed"},
		{[]string{"suspend", "nobody"}, 1, "extraordinary organisation list shows them"},
		{[]string{"suspend", "acme", "--organisation", "other"}, 2, "name one"},
		{[]string{"resume", "acme", "other"}, 2, "resume --help"},
		{[]string{"list", "--output", "yaml"}, 2, "text or json"},
		{[]string{"limit", "acme"}, 2, "--rate is needed"},
		{[]string{"limit", "--rate", "5"}, 2, "the organisation's slug is needed"},
		{[]string{"limit", "nobody", "--rate", "5"}, 1, "extraordinary organisation list shows them"},
		{[]string{"limit", "acme", "--rate", "many"}, 2, `"many" is no rate; write a whole number of requests a second, 0 for no limit, or default`},
		{[]string{"limit", "acme", "--rate", "-1"}, 2, `"-1" is no rate`},
		{[]string{"limit", "acme", "--rate", "2.5"}, 2, `"2.5" is no rate`},
		{[]string{"limit", "acme", "--rate", "1000001"}, 2, "rate: a rate is a whole number of requests a second up to 1000000"},
		{[]string{"export", "nobody"}, 1, "extraordinary organisation list shows them"},
		{[]string{"export", "acme", "--file", "/nowhere/acme.jsonl.gz"}, 1, "/nowhere/acme.jsonl.gz"},
		{[]string{"erase", "nobody", "--confirm", "nobody"}, 1, "extraordinary organisation list shows them"},
		{[]string{"erase", "acme", "--confirm", "nobody"}, 2, "nothing was erased"},
		{[]string{"erase", "acme", "--confirm", ""}, 2, "nothing was erased"},
		{[]string{"erase", "acme"}, 2, "type its slug again or give --confirm acme"},
	} {
		assert.Contains(t, d.fails(t, try.code, append([]string{"organisation"}, try.args...)...), try.says, try.args)
	}
}
