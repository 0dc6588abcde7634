package portal_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/browsertest"
)

// looks are how every screen is looked at.
func looks() (all []browsertest.Look) {
	for _, width := range []int{360, 768, 1280} {
		for _, dark := range []bool{false, true} {
			all = append(all, browsertest.Look{Width: width, Dark: dark})
		}
	}
	return all
}

// screens are the pages as a world can show them, by what they show.
func screens(w *world) map[string]string {
	return map[string]string{
		"SCIM":         "/settings/scim",
		"Revoke":       w.revokePath(),
		"404":          "/no-such-thing",
		"Log":          "/settings/scim/log?reads=yes",
		"Request":      w.requestPath(),
		"Pause":        "/settings/scim/pause",
		"Account":      "/account",
		"Second step":  "/account/second-step",
		"Team":         "/settings/team",
		"Member":       w.memberPath(),
		"Organisation": "/settings/organisation",
		"Home":         "/",
		"People":       "/people",
		"Nobody found": "/people?q=nobody",
		"Person":       w.pathIn("/people?problem=id-double", `/people/[0-9a-f-]{36}`),
		"Health":       "/people/ids",
		"Groups":       "/groups",
		"Group":        w.pathIn("/groups", `/groups/[0-9a-f-]{36}`),
		"Activity":     "/activity",
		"Export":       w.unfinished("owner"),
	}
}

// pathIn finds the first address of a form on a page.
func (w *world) pathIn(page, form string) string {
	return regexp.MustCompile(form).FindString(w.get("owner", page).body)
}

func (w *world) revokePath() string {
	return regexp.MustCompile(`/settings/scim/secrets/[0-9A-Za-z]{8}/revoke`).FindString(w.get("owner", "/settings/scim").body)
}

func (w *world) requestPath() string {
	return regexp.MustCompile(`/settings/scim/log/[0-9a-f-]{36}`).FindString(w.get("owner", "/settings/scim/log?problem=username-taken").body)
}

func (w *world) memberPath() string {
	return regexp.MustCompile(`/settings/team/[0-9a-f-]{36}`).FindString(w.get("owner", "/settings/team").body)
}

// strangersScreens are the pages that are open to everybody.
func strangersScreens(w *world) map[string]string {
	url, err := w.signin.EntranceLink(w.t.Context(), kereru, "lead@kereru.example")
	require.NoError(w.t, err)
	return map[string]string{"Sign in": "/sign-in", "Forgotten": "/forgotten", "Link": strings.TrimPrefix(url.URL, "http://127.0.0.1"), "Dead link": "/link/nothing"}
}

// signIn gives the window the cookie of a visitor.
func (w *world) signIn(b *browsertest.Browser, who string) {
	w.t.Helper()
	b.SetCookie(w.server.URL, "sid", w.cookie(who))
}

func TestEveryScreenIsAccessibleAtEveryWidthInLightAndDark(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.town()
	judged := w.judged(c)
	gone := c.create("gone@kereru.example", whole)
	c.call(http.MethodDelete, "/Users/"+gone, "")
	c.create("t.reed@kereru.example", whole)
	c.call(http.MethodPost, "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"tom@kereru.example"}`)
	w.recorded()
	members, strangers := screens(w), strangersScreens(w)
	members["Person judged"], members["Person deleted"], members["Deleted people"] = judged, "/people/"+gone, "/people?state=deleted"
	for _, look := range looks() {
		b := browsertest.Open(t, look)
		for name, path := range strangers {
			w.examine(b, look, name, path)
		}
		w.signIn(b, "owner")
		for name, path := range members {
			w.examine(b, look, name, path)
		}
		assert.Empty(t, b.Complaints(), look)
	}
}

// examine expects a page to be accessible and to fit the window. With a folder for screenshots it keeps a picture.
func (w *world) examine(b *browsertest.Browser, look browsertest.Look, name, path string) {
	w.t.Helper()
	b.Visit(w.server.URL + path)
	assert.Empty(w.t, b.Inaccessible(), "%s at %s", name, look)
	wide := browsertest.Eval[bool](b, "document.documentElement.scrollWidth > document.documentElement.clientWidth")
	assert.False(w.t, wide, "%s at %s scrolls sideways", name, look)
	if folder := os.Getenv("EXTRAORDINARY_TEST_SCREENSHOTS"); folder != "" {
		b.Screenshot(filepath.Join(folder, name+" "+look.String()+".png"))
	}
}
