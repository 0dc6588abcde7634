package portal_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/portal"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/fault"
)

var variable = regexp.MustCompile(`\{[^}]*\}`)

// fill writes something for the variables of a path.
func fill(path string) string {
	return variable.ReplaceAllString(path, "0190a000-0000-7000-8000-0000000000ff")
}

func TestEveryRouteIsOpenToThoseWhoHaveItsPermissionAndNobodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	roles := map[string][]access.Role{"lead": {access.Lead}, "manager": {access.Manager}, "accountant": {access.Accountant}, "owner": access.Roles, "nobody": nil}
	checked := 0
	for _, r := range w.portal.Routes() {
		if r.Path == "/account/sessions/end-others" {
			continue // it would sign out the others of this test
		}
		path := fill(r.Path)
		if len(r.Needs) == 0 {
			continue // a stranger may
		}
		stranger := w.ask("", r.Method, path, nil)
		unknown := w.ask("", r.Method, "/no-such-thing", nil)
		assert.Equal(t, unknown.StatusCode, stranger.StatusCode, "%s %s tells a stranger something", r.Method, r.Path)
		for who, has := range roles {
			allowed := false
			for _, need := range r.Needs {
				allowed = allowed || access.Allows(has, need)
			}
			got := w.ask(who, r.Method, path, nil)
			if allowed {
				assert.NotEqual(t, http.StatusMethodNotAllowed, got.StatusCode, "%s may %s %s", who, r.Method, r.Path)
				assert.Less(t, got.StatusCode, 500, "%s may %s %s: %s", who, r.Method, r.Path, got.body)
			} else if !mayOther(w, has, r.Path) {
				nowhere := w.ask(who, r.Method, "/no-such-thing", nil)
				assert.Equal(t, http.StatusNotFound, got.StatusCode, "%s may not %s %s", who, r.Method, r.Path)
				assert.Equal(t, nowhere.body, got.body, "%s learns that %s is there", who, r.Path)
				assert.Equal(t, headers(nowhere), headers(got), r.Path)
			}
			checked++
		}
	}
	assert.Greater(t, checked, 4)
}

func TestWhoMayLookAtAPageMayNotThereforeChangeIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for who, want := range map[string]map[string]int{
		"accountant": {http.MethodGet: http.StatusNoContent, http.MethodHead: http.StatusNoContent, http.MethodPost: http.StatusNotFound, http.MethodPut: http.StatusMethodNotAllowed},
		"manager":    {http.MethodGet: http.StatusNoContent, http.MethodPost: http.StatusNoContent, http.MethodDelete: http.StatusMethodNotAllowed},
		"nobody":     {http.MethodGet: http.StatusNotFound, http.MethodPost: http.StatusNotFound, http.MethodPut: http.StatusNotFound},
	} {
		for method, status := range want {
			r := httptest.NewRequestWithContext(t.Context(), method, "/mixed", nil)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			r.AddCookie(&http.Cookie{Name: "sid", Value: w.cookie(who)})
			got := httptest.NewRecorder()
			w.portal.Mixed().ServeHTTP(got, r)
			assert.Equal(t, status, got.Code, "%s, %s", who, method)
		}
	}
}

// mayOther reports whether another method of the path is open to the roles: then they know of it.
func mayOther(w *world, has []access.Role, path string) bool {
	for _, r := range w.portal.Routes() {
		if r.Path != path {
			continue
		}
		for _, need := range r.Needs {
			if access.Allows(has, need) {
				return true
			}
		}
	}
	return false
}

// headers are those that say something of the answer; the rest are counters of the connection.
func headers(a answer) http.Header {
	h := a.Header.Clone()
	h.Del("Date")
	return h
}

func TestAStrangerIsSentToSignInFromAnyAddressAndComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.get("", "/").leads(t, "/sign-in")
	w.get("", "/people?q=tom&state=off").leads(t, "/sign-in?next=%2Fpeople%3Fq%3Dtom%26state%3Doff")
	w.get("", "/no-such-thing").leads(t, "/sign-in?next=%2Fno-such-thing")
	w.get("whose session is over", "/settings").leads(t, "/sign-in?next=%2Fsettings")
	w.post("whose session is over", "/settings/team", nil).shows(t, http.StatusUnauthorized, "You were signed out after 30 minutes. Nothing was saved.")
	swap := w.ask("", http.MethodGet, "/people", nil, func(r *http.Request) { r.Header.Set("HX-Request", "true") })
	assert.Equal(t, "/sign-in", swap.Header.Get("HX-Redirect"), "a part of a page is not swapped for another page")
}

func TestAFormOfAnotherSiteIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, from := range map[string]func(*http.Request){
		"another site":        func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"a neighbour":         func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"another origin":      func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "https://evil.example") },
		"an opaque origin":    func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "null") },
		"nobody knows whence": func(r *http.Request) { r.Header.Del("Sec-Fetch-Site") },
	} {
		for _, r := range w.portal.Routes() {
			got := w.ask("owner", http.MethodPost, fill(r.Path), nil, from)
			assert.Equal(t, http.StatusForbidden, got.StatusCode, "%s, %s", name, r.Path)
		}
	}
	own := func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", w.server.URL) }
	assert.NotEqual(t, http.StatusForbidden, w.ask("owner", http.MethodPost, "/settings", nil, own).StatusCode)
}

func TestEveryAnswerTellsTheBrowserWhatItMayDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, a := range []answer{w.get("owner", "/settings"), w.get("owner", "/no-such-thing"), w.get("", "/"), w.post("owner", "/no-such-thing", nil)} {
		policy := a.Header.Get("Content-Security-Policy")
		for _, directive := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "base-uri 'none'", "form-action 'self'"} {
			assert.Contains(t, policy, directive)
		}
		assert.Equal(t, "no-store", a.Header.Get("Cache-Control"))
		assert.Equal(t, "same-origin", a.Header.Get("Referrer-Policy"))
		assert.Equal(t, "nosniff", a.Header.Get("X-Content-Type-Options"))
	}
}

func TestWhatIsDownOrBrokenSaysSoAndSignsNobodyOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.broken = fault.Wrap(fault.Unavailable, errors.New("connection refused to secret-host"))
	got := w.get("owner", "/settings")
	got.shows(t, http.StatusServiceUnavailable, "We cannot reach our data", "Incident")
	assert.NotEmpty(t, got.Header.Get("Retry-After"))
	assert.NotContains(t, got.body, "secret-host")
	assert.Empty(t, got.Header.Get("Set-Cookie"))
	w.broken = fault.Wrap(fault.Internal, errors.New("secret"))
	w.get("owner", "/settings").shows(t, http.StatusInternalServerError, "Something went wrong on our side")
	w.broken = nil
	assert.Equal(t, http.StatusSeeOther, w.get("owner", "/settings").StatusCode)
}

func TestNobodyIsSentToAnotherSiteAfterSigningIn(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{
		"/people?q=a": "/people?q=a", "": "/", "people": "/", "https://evil.example/": "/", "//evil.example": "/", `/\evil.example`: "/",
		"javascript:alert(1)": "/", "/\n/evil.example": "/", "/\t/evil": "/", "/%0d%0aSet-Cookie:x": "/%0d%0aSet-Cookie:x",
	} {
		assert.Equal(t, want, portal.OwnPath(next), next)
	}
}

func TestStaticFilesAreKeptForEverUnderTheNameOfTheirContent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page := w.get("owner", "/no-such-thing").body
	files := 0
	for _, part := range strings.Split(page, `"`) {
		if !strings.HasPrefix(part, "/static/") {
			continue
		}
		got := w.get("", part)
		require.Equal(t, http.StatusOK, got.StatusCode, part)
		assert.Equal(t, "public, max-age=31536000, immutable", got.Header.Get("Cache-Control"))
		files++
	}
	assert.Equal(t, 4, files)
	assert.Equal(t, http.StatusNotFound, w.get("", "/static/style.css").StatusCode)
}
