package portal_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/extraordinary/provisioning/adapters/browsertest"
)

// settingsForm is what the page's form would send, with changes.
func (w *world) settingsForm(who string, change url.Values) url.Values {
	w.t.Helper()
	page := w.get(who, "/settings/organisation")
	form := url.Values{"name": {page.value(w.t, "known-name")}, "timeZone": {page.value(w.t, "known-timeZone")}, "tokenLife": {page.value(w.t, "known-tokenLife")}}
	for _, known := range []string{"known-name", "known-timeZone", "known-tokenLife", "known-secondStep"} {
		form.Set(known, page.value(w.t, known))
	}
	for name, values := range change {
		form[name] = values
	}
	return form
}

func TestTheSettingsOfAnOrganisationAreSavedWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.post("lead", "/settings/organisation", w.settingsForm("lead", url.Values{"name": {"Kererū Group"}, "timeZone": {"Pacific/Auckland"}, "tokenLife": {"3"}})).leads(t, "/settings/organisation")
	w.get("lead", "/settings/organisation").shows(t, http.StatusOK, "Kererū Group", "Times are those of Auckland.", `value="3" selected`)
	for field, wrong := range map[string]string{"name": "", "timeZone": "Pacific/Nowhere", "tokenLife": "9"} {
		w.post("lead", "/settings/organisation", w.settingsForm("lead", url.Values{field: {wrong}})).shows(t, http.StatusUnprocessableEntity, "There is a problem")
	}
}

func TestTwoWhoEditAtOnceSeeWhatTheOtherHasWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.settingsForm("lead", url.Values{"name": {"Mine"}})
	w.post("owner", "/settings/organisation", w.settingsForm("owner", url.Values{"name": {"Theirs"}})).leads(t, "/settings/organisation")
	w.post("lead", "/settings/organisation", mine).shows(t, http.StatusConflict, "Mia Chen changed this at 14:03", `value="Mine"`, "There now: Theirs")
	mine.Set("known-name", "Theirs")
	w.post("lead", "/settings/organisation", mine).leads(t, "/settings/organisation")
}

func TestARequiredSecondStepIsSetUpBeforeAnythingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.post("lead", "/settings/organisation", w.settingsForm("lead", url.Values{"secondStep": {"yes"}})).leads(t, "/settings/organisation")
	w.get("manager", "/people").leads(t, "/account/second-step")
	w.get("manager", "/account/second-step").shows(t, http.StatusOK, "Your organisation requires a second step of everybody.")
}

func TestPagesFitASmallWindowAndWideText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.recorded()
	b := browsertest.Open(t, browsertest.Look{Width: 320})
	w.signIn(b, "owner")
	for name, path := range screens(w) {
		b.Visit(w.server.URL + path)
		for what, style := range map[string]string{"as it is": "", "with the spacing of WCAG 1.4.12": "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }"} {
			// A sheet that is made so is not refused by the policy, which is for what a page brings along.
			wide := browsertest.Eval[bool](b, `(() => {
				const sheet = new CSSStyleSheet();
				sheet.replaceSync(`+"`"+style+"`"+`);
				document.adoptedStyleSheets = [sheet];
				return document.documentElement.scrollWidth > document.documentElement.clientWidth;
			})()`)
			assert.False(t, wide, "%s, %s, scrolls sideways at 320 pixels", name, what)
		}
	}
	assert.Empty(t, b.Complaints())
}
