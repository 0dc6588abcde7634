package portal_test

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"

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
		"SCIM": "/settings/scim",
		"404":  "/no-such-thing",
	}
}

// signIn gives the window the cookie of a visitor.
func (w *world) signIn(b *browsertest.Browser, who string) {
	w.t.Helper()
	b.SetCookie(w.server.URL, "sid", url.PathEscape(who))
}

func TestEveryScreenIsAccessibleAtEveryWidthInLightAndDark(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.generate("owner")
	for _, look := range looks() {
		b := browsertest.Open(t, look)
		w.signIn(b, "owner")
		for name, path := range screens(w) {
			b.Visit(w.server.URL + path)
			assert.Empty(t, b.Inaccessible(), "%s at %s", name, look)
			wide := browsertest.Eval[bool](b, "document.documentElement.scrollWidth > document.documentElement.clientWidth")
			assert.False(t, wide, "%s at %s scrolls sideways", name, look)
			if folder := os.Getenv("EXTRAORDINARY_TEST_SCREENSHOTS"); folder != "" {
				b.Screenshot(filepath.Join(folder, name+" "+look.String()+".png"))
			}
		}
		assert.Empty(t, b.Complaints(), look)
	}
}
