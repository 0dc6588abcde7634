package portal_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/browsertest"
	"github.com/extraordinary/provisioning/domain/fault"
)

// bothWays runs a journey with scripts and without: everything works without.
func bothWays(t *testing.T, journey func(t *testing.T, w *world, b *browsertest.Browser)) {
	t.Helper()
	for _, look := range []browsertest.Look{{}, {NoScripts: true}} {
		t.Run(look.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			b := browsertest.Open(t, look)
			journey(t, w, b)
			assert.Empty(t, b.Complaints())
		})
	}
}

// heading is the first heading of the page.
func heading(b *browsertest.Browser) string { return b.Text("h1") }

func TestTheOwnersLinkOpensOnceAndSetsAPassword(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, w *world, b *browsertest.Browser) {
		link, err := w.signin.OwnerLink(t.Context(), kereru, "new.owner@kereru.example")
		require.NoError(t, err)
		address := w.server.URL + strings.TrimPrefix(link, "http://127.0.0.1")
		for range 2 { // a scanner of mails
			w.get("", strings.TrimPrefix(link, "http://127.0.0.1")).shows(t, http.StatusOK, "Choose a password")
		}
		b.Visit(address)
		b.Type("#name", "Nia Moana")
		b.Type("#password", "short")
		b.Submit("button.main")
		assert.Contains(t, b.Text("#errors"), "at least 12 characters")
		b.Type("#password", "four words of nobody")
		b.Submit("button.main")
		b.Visit(w.server.URL + "/account")
		assert.Equal(t, "Your account", heading(b))
		assert.Contains(t, b.Text(".who"), "Nia Moana")
		b.Submit(".who button")
		assert.Equal(t, "Sign in", heading(b))
		b.Visit(address)
		assert.Equal(t, "This link does not work any more", heading(b))

		b.Visit(w.server.URL + "/settings/scim")
		assert.Contains(t, b.Address(), "/sign-in?next=%2Fsettings%2Fscim")
		b.Type("#email", "new.owner@kereru.example")
		b.Type("#password", "wrong wrong wrong")
		b.Submit("button.main")
		assert.Contains(t, b.Text("#errors"), "That e-mail and password do not match.")
		b.Type("#password", "four words of nobody")
		b.Submit("button.main")
		assert.Equal(t, "Connect Microsoft Entra", heading(b), "and one comes back to where one was going")
	})
}

func TestCredentialsAreGeneratedShownOnceAndAReloadMakesNoOther(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, w *world, b *browsertest.Browser) {
		w.signIn(b, "lead")
		b.Visit(w.server.URL + "/settings/scim")
		b.Submit("form[action='/settings/scim/secrets'] button")
		secret := secretText.FindString(b.Text("main"))
		require.NotEmpty(t, secret)
		href := browsertest.Eval[string](b, "document.querySelector('a[download]').href")
		assert.Contains(t, href, secret, "the download holds it, and asks nobody")
		b.Visit(w.server.URL + "/settings/scim")
		assert.NotContains(t, b.Text("main"), secret)
		assert.Equal(t, 1, b.Count("a[href$='/revoke']"))
	})
}

func TestWithoutThePermissionThereIsNoSCIMTab(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, w *world, b *browsertest.Browser) {
		w.signIn(b, "manager")
		b.Visit(w.server.URL + "/account")
		assert.Zero(t, b.Count("a[href^='/settings']"))
		b.Visit(w.server.URL + "/settings/scim")
		assert.Equal(t, "There is nothing here", heading(b))
	})
}

func TestTheCheckListTicksItselfWhileThePageIsOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := browsertest.Open(t, browsertest.Look{})
	w.signIn(b, "lead")
	c := w.connect()
	w.recorded()
	b.Visit(w.server.URL + "/settings/scim")
	assert.Equal(t, 2, b.Count(".step.done"))
	c.create("tom@kereru.example", whole)
	w.recorded()
	deadline := time.Now().Add(20 * time.Second)
	for b.Count(".step.done") < 4 && time.Now().Before(deadline) {
		time.Sleep(200 * time.Millisecond)
	}
	assert.Equal(t, 4, b.Count(".step.done"), "a person, with an Employee ID")
	assert.Empty(t, b.Complaints())
}

func TestASecretIsRevokedWithItsNameTypedAndAFreshPassword(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, w *world, b *browsertest.Browser) {
		c := w.connect()
		w.clock.advance(11 * time.Minute)
		w.signIn(b, "lead")
		b.Visit(w.server.URL + "/settings/scim")
		b.Submit("a[href$='/revoke']")
		b.Press("#end")
		b.Type("#typed", "Entra")
		b.Submit("button.danger")
		assert.Equal(t, "Confirm that it is you", heading(b))
		b.Type("#confirm-password", password)
		b.Submit("button.main")
		assert.Contains(t, b.Text(".note.info"), "is revoked.")
		assert.Equal(t, http.StatusUnauthorized, c.call(http.MethodGet, "/Users", "").StatusCode)
	})
}

func TestADuplicateIsFoundFromHomeToItsRemedyInTwoClicks(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, w *world, b *browsertest.Browser) {
		c := w.connect()
		c.create("tom@kereru.example", whole)
		c.call(http.MethodPost, "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"TOM@kereru.example"}`)
		w.recorded()
		w.signIn(b, "lead")
		b.Visit(w.server.URL + "/")
		b.Submit("a[href='/settings/scim/log?problem=username-taken']")
		b.Submit("tbody a[href^='/settings/scim/log/']")
		assert.Contains(t, b.Text("main"), "Another person already has the userName TOM@kereru.example.")
		assert.Contains(t, b.Text("main"), "correct the user principal name")
	})
}

func TestPeopleAreSortedOnANarrowScreenToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town()
	b := browsertest.Open(t, browsertest.Look{Width: 360})
	w.signIn(b, "lead")
	b.Visit(w.server.URL + "/people")
	first := b.Text("tbody a")
	b.Submit("thead a[href*='sort=-name']")
	assert.NotEqual(t, first, b.Text("tbody a"))
	assert.Equal(t, "descending", browsertest.Eval[string](b, "document.querySelector('th[aria-sort]').getAttribute('aria-sort')"))
	assert.Empty(t, b.Complaints())
}

func TestTheLastOrganisationLeadCannotBeRemoved(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, w *world, b *browsertest.Browser) {
		w.signIn(b, "owner")
		b.Visit(w.server.URL + "/settings/team")
		lead := regexp.MustCompile(`/settings/team/[0-9a-f-]{36}`).FindAllString(w.get("owner", "/settings/team").body, -1)
		for _, path := range lead { // whoever else is a Lead goes first
			b.Visit(w.server.URL + path)
			if strings.Contains(b.Text(".facts"), "lead@") {
				b.Type("#typed", "lead@kereru.example")
				b.Submit("form[action$='/remove'] button")
				assert.Contains(t, b.Text(".note.info"), "is no member any more.")
			}
		}
		for _, path := range lead {
			w.get("owner", path)
			b.Visit(w.server.URL + path)
			if heading(b) != "There is nothing here" && strings.Contains(b.Text(".facts"), "owner@") {
				b.Type("#typed", "owner@kereru.example")
				b.Submit("form[action$='/remove'] button")
				assert.Contains(t, b.Text("#errors"), "is the only Organisation Lead. Give someone else the role first.")
			}
		}
	})
}

func TestASessionThatEndsInMidFormLeadsBackAfterSigningIn(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, w *world, b *browsertest.Browser) {
		w.signIn(b, "lead")
		b.Visit(w.server.URL + "/settings/organisation")
		w.clock.advance(31 * time.Minute)
		b.Submit("main button.main")
		assert.Contains(t, b.Text("main"), "Nothing was saved.")
		b.Visit(w.server.URL + "/settings/organisation")
		b.Type("#email", "lead@kereru.example")
		b.Type("#password", password)
		b.Submit("button.main")
		assert.Equal(t, "Organisation", heading(b))
	})
}

func TestAStoreThatIsDownShowsItsPageAndSignsNobodyOut(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, w *world, b *browsertest.Browser) {
		w.signIn(b, "lead")
		b.Visit(w.server.URL + "/settings/scim")
		w.broken = fault.New(fault.Unavailable, "down")
		b.Visit(w.server.URL + "/settings/scim")
		assert.Equal(t, "We cannot reach our data", heading(b))
		w.broken = nil
		b.Visit(w.server.URL + "/settings/scim")
		assert.Equal(t, "Connect Microsoft Entra", heading(b))
	})
}

// payloads are texts that run as scripts where they are not escaped.
func payloads() (all []string) {
	for _, script := range []string{"alert(1)", "alert`1`", "top['al'+'ert'](1)", "confirm(document.domain)", "prompt(1)"} {
		for _, form := range []string{
			`<script>%s</script>`, `"><script>%s</script>`, `'><script>%s</script>`, `</title><script>%s</script>`, `</textarea><script>%s</script>`, `<img src=x onerror=%s>`,
			`"><img src=x onerror=%s>`, `<svg onload=%s>`, `<svg><script>%s</script></svg>`, `<body onload=%s>`, `<iframe src="javascript:%s">`, `javascript:%s`,
			`" onmouseover="%s" x="`, `' onfocus='%s' autofocus='`, `<details open ontoggle=%s>`, `<input autofocus onfocus=%s>`, `<video><source onerror=%s></video>`,
			`{{%s}}`, `${%s}`, `<math><mi xlink:href="javascript:%s">x</mi></math>`, `<a href="jAvAsCrIpT:%s">x</a>`, `<object data="javascript:%s">`,
			`<style>@import'javascript:%s'</style>`, `<div style="background:url(javascript:%s)">`, `<!--><script>%s</script>-->`, `<form action="javascript:%s"><button>x`,
			`\u003cscript\u003e%s\u003c/script\u003e`, `&lt;script&gt;%s&lt;/script&gt;`, `<sc<script>ript>%s</sc</script>ript>`, `<button hx-on:click="%s">x</button>`,
			`<div hx-get="/" hx-trigger="load[%s]">`, `<template><script>%s</script></template>`, `<noscript><p title="</noscript><script>%s</script>">`, `<xmp><script>%s</script></xmp>`,
			`<marquee onstart=%s>`, `<isindex action="javascript:%s" type=image>`, `<link rel=stylesheet href="javascript:%s">`, `<meta http-equiv=refresh content="0;javascript:%s">`,
			`<base href="javascript:%s//">`, `<embed src="javascript:%s">`,
		} {
			all = append(all, fmt.Sprintf(form, script))
		}
	}
	return all
}

func TestNothingThatADirectorySaysRunsInABrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.connect()
	all := payloads()
	require.GreaterOrEqual(t, len(all), 200)
	last := ""
	for i, text := range all {
		last = c.create(fmt.Sprintf("p%d@kereru.example", i), fmt.Sprintf(`,"externalId":%q,"displayName":%q,"title":%q`, text, text, text))
	}
	for i, text := range all[:40] {
		c.call(http.MethodPost, "/Groups", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":%q}`, fmt.Sprint(i, text)))
	}
	w.recorded()
	b := browsertest.Open(t, browsertest.Look{})
	w.signIn(b, "owner")
	seen := 0
	for _, path := range w.textual(last) {
		b.Visit(w.server.URL + path)
		assert.Equal(t, 2, b.Count("script"), "%s: our two scripts and no other", path)
		text := browsertest.Eval[string](b, "document.body.textContent")
		for _, p := range all {
			if strings.Contains(text, p) {
				seen++
			}
		}
	}
	assert.Greater(t, seen, 200, "they are shown as the texts that they are")
	assert.Empty(t, b.Complaints())
}

// textual are pages that show what a directory says.
func (w *world) textual(person string) (paths []string) {
	for next := "/settings/scim/log"; next != ""; {
		paths = append(paths, next)
		older := regexp.MustCompile(`<a href="([^"]*)" rel="next"`).FindStringSubmatch(w.get("owner", next).body)
		if next = ""; older != nil {
			next = strings.ReplaceAll(older[1], "&amp;", "&")
		}
	}
	for next := "/people"; next != ""; {
		paths = append(paths, next)
		older := regexp.MustCompile(`<a href="([^"]*)" rel="next"`).FindStringSubmatch(w.get("owner", next).body)
		if next = ""; older != nil {
			next = strings.ReplaceAll(older[1], "&amp;", "&")
		}
	}
	return append(paths, "/settings/scim/log?q="+url.QueryEscape("<script>"), "/people/"+person, "/people/ids", "/people?q="+url.QueryEscape("<script>"), "/groups", "/activity", "/")
}

func TestEveryControlIsReachedByTheKeyboardAndShowsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.recorded()
	b := browsertest.Open(t, browsertest.Look{})
	w.signIn(b, "owner")
	for name, path := range screens(w) {
		b.Visit(w.server.URL + path)
		controls := browsertest.Eval[int](b, `[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")].filter((e) => e.checkVisibility({visibilityProperty: true})).length
			- [...document.querySelectorAll("input[type=radio]")].filter((e) => e.checkVisibility() && !e.checked).length`)
		reached, first := 0, ""
		for step := 0; step < 300; step++ {
			b.Keys("\t")
			at := browsertest.Eval[string](b, `(() => {
				const e = document.activeElement;
				if (!e || e === document.body) return "";
				const s = getComputedStyle(e);
				if (e === window.last) return "within"; // a field for a date has parts
				window.last = e;
				if (e.dataset.reached) return "again";
				e.dataset.reached = "yes";
				return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 ? "seen " + e.className : "unseen " + e.outerHTML.slice(0, 200);
			})()`)
			if at == "" || at == "again" {
				break
			}
			if at == "within" {
				continue
			}
			if first == "" {
				first = at
			}
			assert.NotContains(t, at, "unseen", "%s: its focus is not to be seen", name)
			reached++
		}
		assert.Equal(t, "seen skip", first, "%s: the way past the navigation comes first", name)
		assert.Equal(t, controls, reached, "%s: controls that the keyboard reaches", name)
	}
}

func TestAPageIsLight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.recorded()
	weight := func(path string) int {
		got := w.get("owner", path)
		require.Equal(t, http.StatusOK, got.StatusCode, path)
		var packed strings.Builder
		z := gzip.NewWriter(&packed)
		_, err := io.WriteString(z, got.body)
		require.NoError(t, err)
		require.NoError(t, z.Close())
		return packed.Len()
	}
	for name, path := range screens(w) {
		got := w.get("owner", path)
		if got.StatusCode != http.StatusOK {
			continue
		}
		total, scripts, files := weight(path), 0, 1
		for _, file := range regexp.MustCompile(`"(/static/[^"]+)"`).FindAllStringSubmatch(got.body, -1) {
			n := weight(file[1])
			total, files = total+n, files+1
			if strings.HasSuffix(file[1], ".js") {
				scripts += n
			}
			if strings.HasSuffix(file[1], ".css") {
				assert.LessOrEqual(t, n, 12<<10, "styles")
			}
		}
		assert.LessOrEqual(t, total, 60<<10, name)
		assert.LessOrEqual(t, scripts, 18<<10, name)
		assert.LessOrEqual(t, files, 6, name)
		assert.LessOrEqual(t, strings.Count(got.body, "<"), 3000, name)
		for _, address := range regexp.MustCompile(`(?:src|href|action)="([^"]+)"`).FindAllStringSubmatch(got.body, -1) {
			assert.Regexp(t, `^(/|#|data:|$)`, address[1], "%s: nothing from another host", name)
		}
	}
	assert.LessOrEqual(t, weight("/settings/scim/checklist"), 2<<10, "a poll")
}
