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

	"github.com/extraordinary/provisioning/adapters/browsertest"
	"github.com/extraordinary/provisioning/domain/access"
)

// renumber has Entra give somebody another Employee ID.
func (s town) renumber(id, employeeID string) {
	s.w.t.Helper()
	require.Equal(s.w.t, http.StatusOK, s.call(http.MethodPatch, "/Users/"+id, patch(`{"op":"replace","path":"externalId","value":"`+employeeID+`"}`)).StatusCode)
}

func TestAnEarlierEmployeeIDIsConfirmedFromTheLogsRow(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, w *world, b *browsertest.Browser) {
		s := w.town()
		s.renumber(s.ana, "AB13")
		w.recorded()
		w.signIn(b, "owner")
		b.Visit(w.server.URL + "/settings/scim/log?problem=id-changed")
		b.Submit("tbody td:nth-child(2) a")
		assert.Contains(t, b.Text("main"), "Payments to it match until 24 Feb 2027, if you confirm it.")
		b.Submit("form[action$='/earlier'] button")
		assert.Contains(t, b.Text(".note.info"), "Payments to AB12 are matched.")
		assert.Contains(t, b.Text("main"), "Confirmed by Mia Chen on 26 Nov 2026: payments to it match until 24 Feb 2027.")
		assert.Contains(t, b.Text("main"), "Confirmed an earlier Employee ID by Mia Chen")
		b.Submit("form[action$='/earlier'] button")
		assert.Contains(t, b.Text("main"), "if you confirm it.")
	})
}

func TestAnEarlierIDIsConfirmedOnceAndOnlyWhereItMeansNobodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.town()
	path := "/people/" + s.tim
	s.renumber(s.tim, "004712") // Tom has 004711 still
	confirm := func(id string) answer {
		return w.post("manager", path+"/earlier", url.Values{"employeeId": {id}})
	}
	w.get("manager", path).shows(t, http.StatusOK, "Somebody else has it, or nearly, so that payments to it are held.")
	confirm("004711").shows(t, http.StatusUnprocessableEntity, "There is a problem", "Somebody else has 004711, or nearly")
	s.renumber(s.tom, "104711")
	confirm("004711").leads(t, path)
	confirm("004711").leads(t, path)
	assert.Equal(t, 1, strings.Count(w.get("manager", "/activity?about=User").body, "Confirmed an earlier Employee ID"), "what is said twice is recorded once")
	confirm("never theirs").shows(t, http.StatusNotFound)
	w.get("manager", "/people/"+s.tom).shows(t, http.StatusOK, "Somebody else has it, or nearly")
	s.create("new@kereru.example", `,"externalId":"4711"`)
	w.get("manager", path).shows(t, http.StatusOK, "Somebody else has it, or nearly, so that payments to it are held.")

	w.clock.advance(91 * 24 * time.Hour)
	w.member(kereru, "later manager", []access.Role{access.Manager})
	w.get("later manager", path).shows(t, http.StatusOK, "Payments to it are not matched any more.")
	assert.Equal(t, http.StatusConflict, w.post("later manager", "/people/"+s.tom+"/earlier", url.Values{"employeeId": {"004711"}}).StatusCode)
}

func TestAKnownProblemIsNotToBeFixedUntilTheIDIsAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.town()
	path := "/people/" + s.mere
	know := url.Values{"problem": {"id-missing"}, "employeeId": {""}, "reason": {"A contractor, not on the payroll"}}
	w.get("manager", path).shows(t, http.StatusOK, "Mark “No ID” as known", "To fix")
	w.post("manager", path+"/known", url.Values{"problem": {"id-missing"}, "employeeId": {""}, "reason": {" "}}).
		shows(t, http.StatusUnprocessableEntity, "There is a problem", `href="#reason-id-missing"`, "Say why nothing need be done.")
	w.post("manager", path+"/known", know).leads(t, path)
	w.post("owner", path+"/known", know).leads(t, path)
	page := w.get("accountant", path)
	page.shows(t, http.StatusOK, "Known: A contractor, not on the payroll", "Mia Chen, 26 Nov 2026", "Marked a problem as known")
	assert.NotContains(t, page.body, "To fix")
	assert.NotContains(t, page.body, "<button>Mark as known", "an Accountant reads it")
	assert.NotContains(t, page.body, "Take back")
	assert.Equal(t, 1, strings.Count(w.get("owner", "/activity?about=User").body, "Marked a problem as known"))
	assert.Empty(t, names(w.get("manager", "/people?problem=id-missing").body))
	assert.Equal(t, []string{"Mere Paki"}, names(w.get("manager", "/people?problem=id-missing&known=yes").body))
	w.get("manager", "/people/ids").shows(t, http.StatusOK, "Known, not to fix", "1 has no Employee ID", "/people?known=yes&amp;problem=id-missing")
	assert.NotContains(t, w.get("manager", "/").body, "has no Employee ID")

	s.renumber(s.mere, "1234567890123")
	w.get("manager", path).shows(t, http.StatusOK, "Long ID", "To fix")
	assert.NotContains(t, w.get("manager", path).body, "A contractor, not on the payroll <span", "it was said of another ID")
	stale := w.post("manager", path+"/known", url.Values{"problem": {"id-long"}, "employeeId": {"seen before"}, "reason": {"agreed"}})
	stale.shows(t, http.StatusConflict, "Somebody else was quicker")
	w.post("manager", path+"/known", url.Values{"problem": {"id-long"}, "employeeId": {"1234567890123"}, "reason": {"agreed"}}).leads(t, path)
	w.post("manager", path+"/known", url.Values{"problem": {"id-long"}, "employeeId": {"1234567890123"}, "back": {"yes"}}).leads(t, path)
	w.get("manager", path).shows(t, http.StatusOK, "To fix", "A known problem is to be fixed again")
	for _, who := range []string{"lead", "accountant"} {
		w.post(who, path+"/known", know).shows(t, http.StatusNotFound, "There is nothing here")
	}
	w.post("stranger's lead", path+"/known", know).shows(t, http.StatusNotFound)
}

// judged gives somebody an ID that is known to be long, and one that they had before.
func (w *world) judged(s town) (path string) {
	w.t.Helper()
	path = "/people/" + s.create("hana@kereru.example", `,"externalId":"1234567890122","displayName":"Hana Walker"`)
	s.renumber(strings.TrimPrefix(path, "/people/"), "H-1234567890123")
	w.post("owner", path+"/earlier", url.Values{"employeeId": {"1234567890122"}}).leads(w.t, path)
	w.post("owner", path+"/known", url.Values{"problem": {"id-long"}, "employeeId": {"H-1234567890123"}, "reason": {"Agreed with payroll"}}).leads(w.t, path)
	require.Regexp(w.t, regexp.MustCompile(`(?s)Known: Agreed with payroll.*Confirmed by Mia Chen`), w.get("owner", path).body)
	return path
}
