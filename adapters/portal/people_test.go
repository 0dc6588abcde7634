package portal_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/portal"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/application/people"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// town is an organisation with people of whom some have problems, by their ids.
type town struct {
	*client
	tom, tim, ana, mere, finance string
}

func (w *world) town() town {
	w.t.Helper()
	c := w.connect()
	s := town{client: c}
	s.tom = c.create("tom@kereru.example", `,"externalId":"004711","displayName":"Tom Reed"`)
	s.tim = c.create("tim@kereru.example", `,"externalId":"004711","name":{"givenName":"Tim","familyName":"Reed"}`)
	s.ana = c.create("ana@kereru.example", `,"externalId":"AB12","displayName":"=Ana Roy"`)
	s.mere = c.create("mere@kereru.example", `,"displayName":"Mere Paki"`)
	got := c.call(http.MethodPost, "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Finance","members":[{"value":"`+s.tom+`"},{"value":"`+s.ana+`"}]}`)
	require.Equal(w.t, http.StatusCreated, got.StatusCode, got.body)
	s.finance = regexp.MustCompile(`"id":"([0-9a-f-]{36})"`).FindStringSubmatch(got.body)[1]
	s.off(s.ana)
	return s
}

// off switches somebody off.
func (s town) off(id string) {
	s.w.t.Helper()
	got := s.call(http.MethodPatch, "/Users/"+id, patch(`{"op":"replace","path":"active","value":false}`))
	require.Less(s.w.t, got.StatusCode, 300, got.body)
}

// names lists the people of a list, in its order.
func names(page string) (names []string) {
	for _, m := range regexp.MustCompile(`<td role="cell"><a href="/people/[0-9a-f-]{36}">([^<]*)</a>`).FindAllStringSubmatch(page, -1) {
		names = append(names, m[1])
	}
	return names
}

func TestPeopleAreListedSearchedAndFiltered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.get("accountant", "/people").shows(t, http.StatusOK, "No one yet. Entra's first cycle can take an hour.")
	s := w.town()
	for path, want := range map[string][]string{
		"/people":                                   {"=Ana Roy", "Mere Paki", "Tim Reed", "Tom Reed"},
		"/people?sort=-name":                        {"Tom Reed", "Tim Reed", "Mere Paki", "=Ana Roy"},
		"/people?sort=-created":                     {"Mere Paki", "=Ana Roy", "Tim Reed", "Tom Reed"},
		"/people?q=REED":                            {"Tim Reed", "Tom Reed"},
		"/people?q=AB":                              {"=Ana Roy"},
		"/people?q=mere%40":                         {"Mere Paki"},
		"/people?state=off":                         {"=Ana Roy"},
		"/people?state=active&q=a":                  {"Mere Paki", "Tim Reed", "Tom Reed"},
		"/people?problem=id-double":                 {"Tim Reed", "Tom Reed"},
		"/people?problem=id-missing":                {"Mere Paki"},
		"/people?problem=id-double&q=tom":           {"Tom Reed"},
		"/people?group=" + s.finance:                {"=Ana Roy", "Tom Reed"},
		"/people?group=" + s.finance + "&state=off": {"=Ana Roy"},
	} {
		assert.Equal(t, want, names(w.get("accountant", path).body), path)
	}
	w.get("accountant", "/people?q=nobody+of+that+name").shows(t, http.StatusOK, "Nobody matches.", "Clear filters")
	w.get("accountant", "/people?state=off").shows(t, http.StatusOK, "since 26 Nov 2026")
	w.get("accountant", "/people?q=reed").shows(t, http.StatusOK, "2 people", `value="reed"`)
	assert.Empty(t, names(w.get("accountant", "/people?state=nonsense&problem=nonsense").body), "nobody has what there is not")
}

func TestEveryGroupCanBeFilteredByHoweverManyThereAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.connect()
	for n := range 201 {
		c.call(http.MethodPost, "/Groups", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"G%03d"}`, n))
	}
	w.get("accountant", "/people").shows(t, http.StatusOK, "No one yet.")
	tom := c.create("tom@kereru.example", whole)
	page := w.get("accountant", "/people")
	page.shows(t, http.StatusOK, "G199</option>", "The first 200 groups. For another, open its own page from")
	assert.NotContains(t, page.body, "G200</option>")
	last := regexp.MustCompile(`/groups/([0-9a-f-]{36})">G200<`).FindStringSubmatch(w.get("accountant", "/groups?q=G200").body)
	require.NotNil(t, last)
	w.get("accountant", "/groups/"+last[1]).shows(t, http.StatusOK, `<a href="/people?group=`+last[1]+`">Filter its people</a>`)
	c.call(http.MethodPatch, "/Groups/"+last[1], patch(`{"op":"add","path":"members","value":[{"value":"`+tom+`"}]}`))
	chosen := w.get("accountant", "/people?group="+last[1])
	chosen.shows(t, http.StatusOK, `<option value="`+last[1]+`" selected>G200</option>`)
	assert.Equal(t, []string{"Tom Reed"}, names(chosen.body))
	w.get("accountant", "/people?group="+newID()).shows(t, http.StatusOK, "Nobody matches.")
}

func TestPeopleAreSortedByTheHeadsOfTheirColumns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town()
	for path, heads := range map[string][]string{
		"/people?state=active":       {`aria-sort="ascending"><a href="/people?sort=-name&amp;state=active">Name</a>`, `<th scope="col" role="columnheader"><a href="/people?sort=userName&amp;state=active">userName</a>`},
		"/people?sort=-name":         {`aria-sort="descending"><a href="/people?sort=name">Name</a>`},
		"/people?sort=userName":      {`aria-sort="ascending"><a href="/people?sort=-userName">userName</a>`, `<a href="/people?sort=-created">First provisioned</a>`},
		"/people?sort=-created&q=re": {`aria-sort="descending"><a href="/people?q=re&amp;sort=created">First provisioned</a>`, `<input type="hidden" name="sort" value="-created">`},
	} {
		page := w.get("accountant", path)
		page.shows(t, http.StatusOK, heads...)
		assert.Equal(t, 1, strings.Count(page.body, "aria-sort="), path)
	}
}

func TestLongListsAreTurnedBothWays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.connect()
	for n := range 101 {
		c.create(fmt.Sprintf("p%03d@kereru.example", n), "")
	}
	follow := func(page, rel string) string {
		m := regexp.MustCompile(`<a href="([^"]*)" rel="` + rel + `">`).FindStringSubmatch(page)
		if m == nil {
			return ""
		}
		return w.get("owner", strings.ReplaceAll(m[1], "&amp;", "&")).body
	}
	first := w.get("owner", "/people?state=active").body
	assert.Contains(t, first, "101 people")
	assert.Empty(t, follow(first, "prev"))
	second := follow(first, "next")
	third := follow(second, "next")
	assert.Equal(t, []string{"p100@kereru.example"}, names(third))
	assert.Empty(t, follow(third, "next"))
	assert.Equal(t, names(second), names(follow(third, "prev")))
	assert.Equal(t, names(first), names(follow(second, "prev")))
	assert.Len(t, append(names(first), names(second)...), 100)
}

func TestAPersonsPageTellsWhatIsWrongWhoSharesTheIDAndWhatHappened(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.town()
	w.get("accountant", "/people/"+s.tom).shows(t, http.StatusOK, "Tom Reed", "tom@kereru.example", "004711", "Somebody else has the same Employee ID. Payments to it are held.",
		`<a href="/people/`+s.tim+`">Tim Reed</a>`, "What to change in Entra", `<a href="/groups/`+s.finance+`">Finance</a>`, "<strong>Created</strong> by Entra", "They cannot be edited here")
	w.clock.advance(20 * time.Minute)
	page := w.get("accountant", "/people/"+s.ana).body
	assert.Contains(t, page, "since <time")
	assert.Contains(t, page, "(20 minutes ago)")
	assert.Contains(t, page, "<strong>Switched off</strong> by Entra")
	assert.NotContains(t, page, "To fix", "who is off has nothing to be fixed")
	for _, nobody := range []string{"0190a000-0000-7000-8000-0000000000ff", "ffff", "x"} {
		w.get("owner", "/people/"+nobody).shows(t, http.StatusNotFound, "There is nothing here")
		w.get("owner", "/groups/"+nobody).shows(t, http.StatusNotFound, "There is nothing here")
	}
	w.get("stranger's lead", "/people/"+s.tom).shows(t, http.StatusNotFound, "There is nothing here")
	w.get("stranger's lead", "/groups/"+s.finance).shows(t, http.StatusNotFound, "There is nothing here")
	assert.Empty(t, names(w.get("stranger's lead", "/people").body))
}

func TestWhoWasDeletedIsShownForThirtyDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.town()
	w.get("accountant", "/people?state=deleted").shows(t, http.StatusOK, "Nobody was deleted within 30 days.")
	require.Equal(t, http.StatusNoContent, s.call(http.MethodDelete, "/Users/"+s.tim, "").StatusCode)
	w.clock.advance(10 * time.Minute)
	require.Equal(t, http.StatusNoContent, s.call(http.MethodDelete, "/Users/"+s.mere, "").StatusCode)
	list := w.get("accountant", "/people?state=deleted")
	list.shows(t, http.StatusOK, "2 people were deleted within 30 days", "tim@kereru.example", "<code>004711</code>", "on 26 Nov 2026, gone on 26 Dec 2026")
	assert.Equal(t, []string{"Mere Paki", "Tim Reed"}, names(list.body), "the last first")
	assert.Equal(t, []string{"=Ana Roy", "Tom Reed"}, names(w.get("accountant", "/people").body))
	page := w.get("accountant", "/people/"+s.tim)
	page.shows(t, http.StatusNotFound, "Tim Reed", "Deleted", "by Entra on 26 Nov 2026, 14:03.", "If it was a mistake", "<strong>Created</strong>")
	assert.NotContains(t, page.body, "/settings/scim")
	assert.Equal(t, http.StatusNotFound, s.call(http.MethodGet, "/Users/"+s.tim, "").StatusCode, "to Entra there is nobody")
	w.get("stranger's lead", "/people/"+s.tim).shows(t, http.StatusNotFound, "There is nothing here")
	w.get("stranger's lead", "/people?state=deleted").shows(t, http.StatusOK, "Nobody was deleted")
	w.clock.advance(30*24*time.Hour + time.Minute)
	w.member(kereru, "later", []access.Role{access.Accountant})
	w.get("later", "/people/"+s.tim).shows(t, http.StatusNotFound, "There is nothing here")
	w.get("later", "/people?state=deleted").shows(t, http.StatusOK, "Nobody was deleted within 30 days.")
}

func TestWhoMaySeeTheLogIsLedToSomebodysRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.town()
	w.recorded()
	for path, id := range map[string]string{"/people/" + s.tom: s.tom, "/groups/" + s.finance: s.finance} {
		link := "/settings/scim/log?subject=" + id
		assert.Contains(t, w.get("lead", path).body, `href="`+link+`"`)
		assert.NotContains(t, w.get("accountant", path).body, "/settings/scim/log")
		w.get("lead", link).shows(t, http.StatusOK, "Created")
		row := regexp.MustCompile(`<strong>Created</strong> by [^\n]*?<a href="(/settings/scim/log/[0-9a-f-]{36})">See the request</a>`).FindStringSubmatch(w.get("lead", path).body)
		require.NotNil(t, row, path)
		w.get("lead", row[1]).shows(t, http.StatusOK, "What happened", "<code>POST ")
	}
}

func TestALineOfTheStoryLeadsToNoRowThatIsNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.town() // nothing of it is recorded
	assert.NotContains(t, w.get("lead", "/people/"+s.tom).body, "See the request<")
}

func TestGroupsTellWhoIsInAndWhoCameAndWent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.get("accountant", "/groups").shows(t, http.StatusOK, "No one yet.")
	s := w.town()
	list := w.get("accountant", "/groups").body
	assert.Contains(t, list, `<a href="/groups/`+s.finance+`">Finance</a></td><td role="cell" class="number" data-label="Active">1</td><td role="cell" class="number" data-label="Off">1</td>`)
	w.get("accountant", "/groups?q=nance").shows(t, http.StatusOK, "1 group,")
	w.get("accountant", "/groups?q=xx").shows(t, http.StatusOK, "No group matches.")
	page := w.get("accountant", "/groups/"+s.finance).body
	assert.Equal(t, []string{"=Ana Roy", "Tom Reed"}, names(page))
	assert.Contains(t, page, "1 active, 1 off")
	assert.Equal(t, []string{"Tom Reed"}, names(w.get("accountant", "/groups/"+s.finance+"?q=tom").body))
	got := s.call(http.MethodPatch, "/Groups/"+s.finance, patch(`{"op":"remove","path":"members[value eq \"`+s.tom+`\"]"}`))
	require.Less(t, got.StatusCode, 300, got.body)
	w.get("accountant", "/groups/"+s.finance).shows(t, http.StatusOK, "<strong>Members changed</strong> by Entra", "Tom Reed → nothing", "0 active, 1 off")
}

func TestEmployeeIDHealthTurnsGreenWhenEntraSendsBetterIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.town()
	w.get("accountant", "/people/ids").shows(t, http.StatusOK, "0 of 3 are fine", "share one ID with somebody", "payments held", "has no Employee ID", "What to change in Entra", `<a href="/people/`+s.mere+`">Mere Paki</a>`)
	assert.NotContains(t, w.get("accountant", "/people/ids").body, "green since")
	w.clock.advance(time.Minute)
	s.call(http.MethodPatch, "/Users/"+s.tim, patch(`{"op":"replace","path":"externalId","value":"004712"}`))
	s.call(http.MethodPatch, "/Users/"+s.mere, patch(`{"op":"replace","path":"externalId","value":"004713"}`))
	w.clock.advance(time.Minute)
	w.get("accountant", "/people/ids").shows(t, http.StatusOK, "All 3 active people have a usable Employee ID.", "green since 26 Nov 2026, 14:04")
	assert.Empty(t, names(w.get("accountant", "/people?problem=id-double").body))
}

func TestActivityTellsWhoDidWhatInThePortal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.get("lead", "/activity").shows(t, http.StatusOK, "Nothing yet.")
	w.post("lead", "/settings/organisation", w.settingsForm("lead", url.Values{"name": {"Kererū Group"}, "timeZone": {"Pacific/Auckland"}}))
	page := w.get("lead", "/activity")
	page.shows(t, http.StatusOK, "from 127.0.0.1", "Kererū Holdings → Kererū Group", "the organisation", "Mia Chen", "1 act,")
	w.get("lead", "/activity?about=Member").shows(t, http.StatusOK, "Nothing matches.")
	w.get("lead", "/activity?about=Organisation&from=2026-11-26&to=2026-11-27").shows(t, http.StatusOK, "Kererū Group")
	w.get("lead", "/activity?to=2026-11-25").shows(t, http.StatusOK, "Nothing matches.")
	w.get("accountant", "/activity").shows(t, http.StatusNotFound, "There is nothing here")
	assert.Contains(t, w.post("lead", "/activity/export", nil).body, "Mia Chen,127.0.0.1,")
	assert.Contains(t, w.post("lead", "/activity/export", nil).body, "name: Kererū Holdings → Kererū Group")
	unheard := activity.Event{ // as one from before addresses were kept
		ID: "01900000-0000-7000-8000-000000000001", At: time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC), Action: activity.Changed,
		Actor: activity.Actor{Kind: activity.Member, ID: "mia"}, Subject: activity.Subject{Kind: "Organisation", ID: string(kereru)},
	}
	require.NoError(t, w.store.Within(t.Context(), kereru, func(ctx context.Context, tx ports.Tx) error { return tx.Activity().Record(ctx, unheard) }))
	assert.Contains(t, w.post("lead", "/activity/export", nil).body, "somebody,not known,Changed,")
	w.get("lead", "/activity").shows(t, http.StatusOK, "from where is not known")
	w.get("stranger's lead", "/activity").shows(t, http.StatusOK, "Nothing yet.")
}

func TestHomeTellsInFiveSecondsHowThingsAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.get("lead", "/").shows(t, http.StatusOK, "Not set up", "It takes about ten minutes.", `href="/settings/scim">Connect Microsoft Entra</a>`, "No one yet.")
	assert.NotContains(t, w.get("lead", "/").body, "24 hours", "there is no traffic to speak of")
	w.get("accountant", "/").shows(t, http.StatusOK, "Not set up", "Ask an Organisation Lead: Mia Chen")
	w.town()
	w.recorded()
	home := w.get("lead", "/")
	home.shows(t, http.StatusOK, "Connected", "Entra last called", "To fix", "share one ID with somebody", "See who", `<a href="/people?state=active">3</a>`, `<a href="/people?state=off">1</a>`, `<a href="/people?sort=-created">4</a>`, "It expires in", "See the log")
	home.shows(t, http.StatusOK, "requests in 24 hours, 0 % refused, busiest at 14:00.")
	for _, link := range []string{"/settings/scim", "/activity"} {
		assert.NotContains(t, w.get("accountant", "/").body, `href="`+link, "who may not go there sees no link")
	}
}

func TestHomeLeadsWhoMayReadTheLogToWhatWasRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.town()
	s.call(http.MethodPost, "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"TOM@kereru.example"}`)
	w.recorded()
	w.get("lead", "/").shows(t, http.StatusOK, "userName taken", `<a href="/settings/scim/log?problem=username-taken" aria-label="See the requests: userName taken">See the requests</a>`)
	assert.NotContains(t, w.get("lead", "/").body, "log?problem=id-", "To fix counts people, not requests")
	assert.NotContains(t, w.get("accountant", "/").body, "userName taken", "who may not read the log")
}

func TestNoFaultOfOnePartHidesTheRestOfHome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town()
	w.recorded()
	closed, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "closed.db"), sqlite.Options{Now: w.clock.Now})
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	options := w.options()
	options.People = people.New(closed, w.clock.Now, newID)
	w.portal, err = portal.New(options)
	require.NoError(t, err)
	w.serve()
	w.get("lead", "/").shows(t, http.StatusOK, "Could not be read.", `<a href="/">Try again</a>`, "Connected", "It expires in")
	w.get("lead", "/people").shows(t, http.StatusServiceUnavailable, "We cannot reach our data")
}

// crowd makes so many people, of whom each second has an Employee ID.
func (w *world) crowd(n int) {
	w.t.Helper()
	of := schema.Core().Type("User")
	require.NoError(w.t, w.store.Within(w.t.Context(), kereru, func(ctx context.Context, tx ports.Tx) error {
		for i := range n {
			attributes := tree.NewObject(
				tree.Member{Name: "userName", Value: fmt.Sprintf("person%d@kereru.example", i)}, tree.Member{Name: "displayName", Value: fmt.Sprintf("Person %d of the crowd", i)},
			)
			if i%2 == 0 {
				attributes.Set("externalId", fmt.Sprintf("%06d", i+100_000))
			}
			u, _, err := directory.NewUser(of, directory.ID(newID()), attributes, w.clock.Now())
			if err != nil {
				return err
			}
			if err := tx.Users().Add(ctx, u); err != nil {
				return err
			}
		}
		return nil
	}))
}

// BenchmarkPagesOf10000People tells how long each page takes the server, with nothing remembered of the people.
func BenchmarkPagesOf10000People(b *testing.B) {
	w := newWorld(b)
	w.crowd(10_000)
	c := w.connect()
	group := c.call(http.MethodPost, "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Everybody"}`).body
	everybody := regexp.MustCompile(`"id":"([0-9a-f-]{36})"`).FindStringSubmatch(group)[1]
	person := c.create("tom@kereru.example", whole)
	w.everybodyIn(b, everybody)
	w.recorded()
	for _, path := range []string{
		"/", "/people", "/people?q=person+99", "/people?q=nobody", "/people?state=off", "/people?problem=id-missing", "/people?group=" + everybody,
		"/people/ids", "/people/" + person, "/groups", "/groups/" + everybody, "/activity",
	} {
		b.Run("GET "+path, func(b *testing.B) {
			for b.Loop() {
				if got := w.get("owner", path); got.StatusCode != http.StatusOK {
					b.Fatal(got.body)
				}
			}
		})
	}
	b.Run("the people after a change", func(b *testing.B) {
		n := 0
		for b.Loop() {
			b.StopTimer()
			n++
			c.call(http.MethodPatch, "/Users/"+person, patch(fmt.Sprintf(`{"op":"replace","path":"title","value":"%d"}`, n)))
			b.StartTimer()
			if got := w.get("owner", "/people"); got.StatusCode != http.StatusOK {
				b.Fatal(got.body)
			}
		}
	})
}

// everybodyIn makes all people members of a group.
func (w *world) everybodyIn(b *testing.B, group string) {
	b.Helper()
	require.NoError(b, w.store.Within(b.Context(), kereru, func(ctx context.Context, tx ports.Tx) error {
		var all []directory.ID
		if err := tx.People().Holders(ctx, func(h ports.Holder) error { all = append(all, h.ID); return nil }); err != nil {
			return err
		}
		for some := range slices.Chunk(all, 1000) {
			if _, err := tx.Members().Add(ctx, directory.ID(group), some); err != nil {
				return err
			}
		}
		return nil
	}))
}
