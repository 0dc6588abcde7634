package portal_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var secretText = regexp.MustCompile(`scs_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}`)

// value is what a form's field of that name holds on a page.
func (a answer) value(t testing.TB, name string) string {
	t.Helper()
	found := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(a.body)
	require.NotNil(t, found, "no field %s: %s", name, a.body)
	return found[1]
}

// generate makes a secret as the page's own form would, and gives its text.
func (w *world) generate(who string) (secret string, shown answer) {
	w.t.Helper()
	form := w.get(who, "/settings/scim")
	shown = w.post(who, "/settings/scim/secrets", url.Values{"name": {"Entra"}, "years": {"2"}, "after": {form.value(w.t, "after")}})
	require.Equal(w.t, http.StatusOK, shown.StatusCode, shown.body)
	return secretText.FindString(shown.body), shown
}

func TestASecretIsShownOnceAndAReloadNeitherShowsNorMakesAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.get("lead", "/settings/scim").shows(t, http.StatusOK, "Generate credentials", "Authentication method", "http://127.0.0.1/scim/v2", "comes with the credentials")
	first := url.Values{"name": {"Entra"}, "years": {"2"}, "after": {""}}
	secret, shown := w.generate("lead")
	require.NotEmpty(t, secret)
	shown.shows(t, http.StatusOK, "Copy the client secret now", "data:text/plain")
	assert.Empty(t, shown.Header.Get("Location"))

	again := w.post("lead", "/settings/scim/secrets", first)
	again.leads(t, "/settings/scim")
	page := w.ask("lead", http.MethodGet, "/settings/scim", nil, func(r *http.Request) {
		for _, c := range again.Cookies() {
			r.AddCookie(c)
		}
	})
	page.shows(t, http.StatusOK, "The secret was made at 14:03 and cannot be shown again.", "Mia Chen")
	assert.NotContains(t, page.body, secret)
	assert.Equal(t, 1, strings.Count(page.body, "/revoke"), "there is one")
}

func TestASecondSecretWorksBesideTheFirstAndAThirdMustWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.generate("lead")
	after := w.get("lead", "/settings/scim").value(t, "after")
	w.generate("lead")
	page := w.get("lead", "/settings/scim")
	page.shows(t, http.StatusOK, "Two secrets work. Paste the new one into Entra")
	assert.NotContains(t, page.body, `name="after"`)
	w.post("lead", "/settings/scim/secrets", url.Values{"years": {"1"}, "after": {after}}).leads(t, "/settings/scim")
	newest := regexp.MustCompile(`/secrets/([0-9A-Za-z]{8})/revoke`).FindStringSubmatch(page.body)[1]
	w.post("lead", "/settings/scim/secrets", url.Values{"years": {"1"}, "after": {newest}}).
		shows(t, http.StatusUnprocessableEntity, "Two secrets already work. Revoke one first.", "<title>Error: ")
}

func TestAWrongLifeIsSaidAtTheField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.post("lead", "/settings/scim/secrets", url.Values{"name": {"Kept"}, "years": {"9"}, "after": {""}}).
		shows(t, http.StatusUnprocessableEntity, "There is a problem", `href="#years"`, "A secret lives 1, 2 or 3 years.", `value="Kept"`)
	w.post("lead", "/settings/scim/secrets", url.Values{"name": {" "}, "years": {"2"}, "after": {""}}).
		shows(t, http.StatusUnprocessableEntity, `id="name-error"`, `aria-invalid="true"`)
}

func TestRevokingNeedsTheNameTypedAndAFreshPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.generate("lead")
	page := w.get("lead", "/settings/scim")
	path := "/settings/scim" + regexp.MustCompile(`/secrets/[0-9A-Za-z]{8}/revoke`).FindString(page.body)
	w.get("lead", path).shows(t, http.StatusOK, "Let its tokens run out", "End everything now (it leaked)")
	w.post("lead", path, url.Values{"typed": {"entra"}, "tokens": {"end"}}).shows(t, http.StatusUnprocessableEntity, "Type the name of the secret, Entra", `id="end" value="end" checked`)

	w.clock.advance(11 * time.Minute)
	form := url.Values{"typed": {"Entra"}, "tokens": {"keep"}}
	w.post("lead", path, form).shows(t, http.StatusUnprocessableEntity, "Confirm that it is you", `name="typed" value="Entra"`, `action="`+path+`"`)
	form.Set("confirm-password", "wrong")
	w.post("lead", path, form).shows(t, http.StatusUnprocessableEntity, "That is not your password.")
	form.Set("confirm-password", password)
	w.post("lead", path, form).leads(t, "/settings/scim")
	w.get("lead", "/settings/scim").shows(t, http.StatusOK, "Revoked")
	w.get("lead", path).shows(t, http.StatusNotFound)
}

func TestASecretOfAnotherOrganisationIsNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.generate("lead")
	path := "/settings/scim" + regexp.MustCompile(`/secrets/[0-9A-Za-z]{8}/`).FindString(w.get("lead", "/settings/scim").body)
	nowhere := w.get("stranger's lead", "/settings/scim/secrets/00000000/revoke")
	for _, end := range []string{"revoke", "expiry.ics"} {
		got := w.get("stranger's lead", path+end)
		got.shows(t, http.StatusNotFound)
		assert.Equal(t, nowhere.body, got.body)
	}
	assert.NotContains(t, w.get("stranger's lead", "/settings/scim").body, "/revoke")
	w.get("lead", path+"expiry.ics").shows(t, http.StatusOK, "BEGIN:VCALENDAR\r\n", "DTSTART;VALUE=DATE:20281126\r\n")
}
