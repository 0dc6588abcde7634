package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNothingPersonalAndNothingSecretIsInTheServersLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.connect()
	person := c.create("canary.person@kereru.example", `,"externalId":"CANARYID","displayName":"Canary Person"`)
	c.call(http.MethodPost, "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"canary.person@kereru.example"}`)
	w.recorded()
	link, err := w.signin.OwnerLink(t.Context(), kereru, "canary.member@kereru.example")
	require.NoError(t, err)
	path := strings.TrimPrefix(link, "http://127.0.0.1")
	w.get("", path)
	w.post("", path, url.Values{"name": {"Canary Member"}, "password": {"canary password of nobody"}})
	w.post("", "/sign-in", url.Values{"email": {"canary.member@kereru.example"}, "password": {"canary password of nobody"}})
	w.post("", "/forgotten", url.Values{"email": {"canary.member@kereru.example"}})
	w.post("owner", "/settings/team", url.Values{"emails": {"canary.invited@kereru.example"}, "roles": {"manager"}})
	for _, page := range []string{"/settings/scim", "/settings/scim/log?q=canary", "/settings/team", "/account", "/people/" + person, "/people?q=canary", "/nothing/canary?canary=canary"} {
		w.get("owner", page)
	}
	log := w.log.String()
	require.Greater(t, strings.Count(log, "\n"), 15)
	for _, canary := range []string{"canary", "Canary", "CANARYID", strings.TrimPrefix(path, "/link/"), c.secret, c.token, w.cookies["owner"]} {
		assert.NotContains(t, log, canary)
	}
}
