package portal_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
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

// Each secret is shown in the one answer that makes it, and in no other, whoever asks.
func TestNoSecretIsInAnyAnswerButTheOneThatMakesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.town()
	w.recorded()
	setUp := w.get("manager", "/account/second-step")
	key := regexp.MustCompile(`id="copy-[^"]*">([A-Z2-7 ]{20,})<`).FindStringSubmatch(setUp.body)
	require.NotNil(t, key, setUp.body)
	recovery := w.post("manager", "/account/second-step", url.Values{"code": {authenticator(t, key[1], w.clock.Now())}})
	codes := regexp.MustCompile(`(?s)<pre id="codes"[^>]*>(.*?)</pre>`).FindStringSubmatch(recovery.body)
	require.NotNil(t, codes, recovery.body)
	link, err := w.signin.OwnerLink(t.Context(), kereru, "another@kereru.example")
	require.NoError(t, err)

	secrets := map[string]string{
		"the client secret": c.secret, "its digest": "v1:", "an access token": c.token, "a password": password, "a password's hash": made(password), "argon2": "$argon2",
		"a key of the second step": strings.ReplaceAll(key[1], " ", ""), "as it is written": key[1], "a one-time link": link[strings.LastIndexByte(link, '/')+1:],
	}
	for i, code := range strings.Fields(codes[1]) {
		secrets[fmt.Sprint("recovery code ", i)] = code
	}
	for who, cookie := range w.cookies {
		secrets["the cookie of "+who] = cookie
	}
	paths := []string{"/settings/scim/log.csv", "/settings/scim/checklist"}
	for _, path := range screens(w) {
		paths = append(paths, path)
	}
	for _, r := range w.portal.Routes() {
		if r.Method == http.MethodGet {
			paths = append(paths, fill(r.Path))
		}
	}
	asked := 0
	for who := range w.cookies {
		for _, path := range paths {
			got := w.get(who, path)
			text := fmt.Sprint(got.Header) + got.body
			for what, secret := range secrets {
				if strings.Contains(text, secret) {
					t.Errorf("%s of %s holds %s", path, who, what)
				}
			}
			asked++
		}
	}
	for _, act := range []string{"/people/export", "/activity/export", "/people/ids/export"} {
		file := w.post("owner", act, url.Values{"problem": {"id-missing"}})
		require.Equal(t, http.StatusOK, file.StatusCode)
		for what, secret := range secrets {
			assert.NotContains(t, file.body, secret, "%s holds %s", act, what)
		}
	}
	assert.Greater(t, asked, 200)
}
