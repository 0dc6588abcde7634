package portal_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/extraordinary/provisioning/adapters/browsertest"
)

// everyScreen visits each screen in one look.
func everyScreen(t *testing.T, look browsertest.Look, visit func(b *browsertest.Browser, name string)) {
	t.Helper()
	w := newWorld(t)
	w.town()
	w.recorded()
	b := browsertest.Open(t, look)
	w.signIn(b, "owner")
	for name, path := range screens(w) {
		b.Visit(w.server.URL + path)
		visit(b, name)
	}
	assert.Empty(t, b.Complaints())
}

func TestInForcedColoursBordersCarryWhatTintsDoElsewhere(t *testing.T) {
	t.Parallel()
	seen := 0
	everyScreen(t, browsertest.Look{Forced: true}, func(b *browsertest.Browser, name string) {
		assert.True(t, browsertest.Eval[bool](b, `matchMedia("(forced-colors: active)").matches`))
		seen += b.Count(".badge")
		assert.Empty(t, browsertest.Eval[[]string](b, `[...document.querySelectorAll(".badge, .note, .card, button:not(.quiet), .button, input:not([type=hidden]), select, textarea, progress")]
			.filter((e) => e.checkVisibility() && !["checkbox", "radio"].includes(e.type))
			.filter((e) => { const s = getComputedStyle(e); return s.borderTopStyle === "none" || parseFloat(s.borderTopWidth) < 1; })
			.map((e) => e.outerHTML.slice(0, 120))`), "%s: without a border", name)
		assert.Empty(t, browsertest.Eval[[]string](b, `[...document.querySelectorAll("body *")].filter((e) => getComputedStyle(e).forcedColorAdjust === "none" && !e.closest("svg")).map((e) => e.outerHTML.slice(0, 120))`),
			"%s: keeps colours of its own", name)
		assert.Empty(t, browsertest.Eval[[]string](b, `[...document.querySelectorAll(".badge")].filter((e) => e.textContent.trim() === "").map((e) => e.outerHTML)`), "%s: says nothing in words", name)
	})
	assert.NotZero(t, seen)
}

func TestInForcedColoursThePlaceWhereOneIsLooksUnlikeTheOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := browsertest.Open(t, browsertest.Look{Forced: true})
	w.signIn(b, "owner")
	b.Visit(w.server.URL + "/settings/team")
	for list, side := range map[string]string{".side": "borderLeftColor", ".tabs": "borderBottomColor"} {
		colour := func(which string) string {
			return browsertest.Eval[string](b, "getComputedStyle(document.querySelector('"+list+" a"+which+"'))."+side)
		}
		assert.NotEqual(t, colour(":not([aria-current])"), colour("[aria-current]"), list)
	}
}

// moving lists what on the page takes time to change.
const moving = `[...document.querySelectorAll("*")].filter((e) => {
	const s = getComputedStyle(e);
	return [s.transitionDuration, s.animationDuration].some((all) => all.split(",").some((d) => parseFloat(d) > 0));
}).map((e) => e.tagName)`

func TestNothingMovesForWhoHasAskedForLessMotion(t *testing.T) {
	t.Parallel()
	everyScreen(t, browsertest.Look{}, func(b *browsertest.Browser, name string) {
		assert.Empty(t, browsertest.Eval[[]string](b, moving), name)
	})
	still := 0
	everyScreen(t, browsertest.Look{Motion: true}, func(b *browsertest.Browser, _ string) {
		still += len(browsertest.Eval[[]string](b, moving))
	})
	assert.NotZero(t, still, "for others rows fade in: the look is seen to matter")
}
