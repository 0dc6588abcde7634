package scimapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// page is an answer to a listing.
type page struct {
	TotalResults, ItemsPerPage int
	StartIndex                 *int
	NextCursor                 string
	Resources                  []struct{ ID, UserName, DisplayName string }
}

// walk asks for page after page until the last, and calls between after each.
func (w *tenant) walk(t *testing.T, ask func(cursor string) answer, between func(page)) (pages []page) {
	t.Helper()
	for cursor := ""; ; {
		heard := ask(cursor)
		var p page
		if heard.status != http.StatusOK || lawful(heard, w.base) != nil || json.Unmarshal(heard.body, &p) != nil {
			t.Fatalf("status %d, %v: %s", heard.status, lawful(heard, w.base), heard.body)
		}
		if p.StartIndex != nil || p.ItemsPerPage != len(p.Resources) {
			t.Fatalf("a page of a walk has no number: %s", heard.body)
		}
		pages = append(pages, p)
		if between != nil {
			between(p)
		}
		if cursor = p.NextCursor; cursor == "" {
			return pages
		}
		if url.QueryEscape(cursor) != cursor {
			t.Fatalf("%q is not URL-safe (RFC 9865 §2)", cursor)
		}
	}
}

// byQuery asks at an address.
func (w *tenant) byQuery(t *testing.T, path string) func(cursor string) answer {
	return func(cursor string) answer {
		heard, err := w.send(http.MethodGet, path+"&cursor="+cursor, nil, nil)
		must(t, err)
		return heard
	}
}

func idsOf(pages []page) (ids []string) {
	for _, p := range pages {
		for _, r := range p.Resources {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

func TestAWalkSeesEveryResourceOnceWhileOthersAreWritten(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	var there []string
	for n := range 60 {
		there = append(there, idMade(t, who, "/Users", fmt.Sprintf(`{"userName":"u%02d","displayName":"d%d"}`, n, n%7)))
	}
	for _, query := range []string{
		"/Users?count=7", "/Users?count=7&sortBy=userName&sortOrder=descending", "/Users?count=7&sortBy=displayName",
		"/Users?count=7&sortBy=title", "/Users?count=7&filter=userName+sw+%22u%22&sortBy=meta.lastModified",
	} {
		round := 0
		pages := who.walk(t, who.byQuery(t, query), func(p page) {
			// Some come before, some behind, and one that was seen goes and comes back as another.
			round++
			name := fmt.Sprintf("%s-%d-%d", []string{"a", "z"}[round%2], round, len(query))
			gone := made(t, who, "/Users", fmt.Sprintf(`{"userName":%q,"displayName":"x"}`, name))
			if round%2 == 0 {
				_, err := who.send(http.MethodDelete, gone, nil, nil)
				must(t, err)
			}
		})
		seen := idsOf(pages)
		for _, id := range there {
			if n := count(seen, id); n != 1 {
				t.Errorf("%s: %s was seen %d times", query, id, n)
			}
		}
		for _, id := range seen {
			if count(seen, id) > 1 {
				t.Errorf("%s: %s was seen again", query, id)
			}
		}
		for _, p := range pages[:len(pages)-1] {
			if len(p.Resources) != 7 || p.TotalResults < 60 {
				t.Errorf("%s: a page of %d of %d", query, len(p.Resources), p.TotalResults)
			}
		}
	}
}

// idMade is made, of which it gives the id.
func idMade(t *testing.T, who *tenant, endpoint, body string) string {
	t.Helper()
	return strings.TrimPrefix(made(t, who, endpoint, body), endpoint+"/")
}

func count(all []string, one string) (n int) {
	for _, s := range all {
		if s == one {
			n++
		}
	}
	return n
}

func TestAWalkGoesThroughGroupsAndSearchRequests(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	var want []string
	for _, name := range []string{"c", "a", "B"} {
		want = append(want, idMade(t, who, "/Groups", fmt.Sprintf(`{"displayName":%q}`, name)))
	}
	want[0], want[1], want[2] = want[1], want[2], want[0]
	if got := idsOf(who.walk(t, who.byQuery(t, "/Groups?count=2&sortBy=displayName"), nil)); !slices.Equal(got, want) {
		t.Errorf("%v, expected %v", got, want)
	}
	got := idsOf(who.walk(t, func(cursor string) answer {
		body := fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"count":1,"sortBy":"displayName","cursor":%q}`, cursor)
		heard, err := who.send(http.MethodPost, "/Groups/.search", nil, []byte(body))
		must(t, err)
		return heard
	}, nil))
	if !slices.Equal(got, want) {
		t.Errorf("by .search: %v, expected %v", got, want)
	}
}

func TestAPageThatHoldsNothingIsTheLast(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	made(t, who, "/Users", `{"userName":"a"}`)
	for query, total := range map[string]int{"/Users?count=0": 1, "/Users?count=-3": 1, "/Users?count=5": 1, "/Users?filter=userName+eq+%22b%22": 0} {
		pages := who.walk(t, who.byQuery(t, query), nil)
		if len(pages) != 1 || pages[0].TotalResults != total {
			t.Errorf("%s: %+v", query, pages)
		}
	}
}

func TestACursorIsGoodForItsOwnWalkAlone(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	who, other := server.newTenant(t), server.newTenant(t)
	for n := range 5 {
		for _, tenant := range []*tenant{who, other} {
			made(t, tenant, "/Users", fmt.Sprintf(`{"userName":"u%d"}`, n))
			made(t, tenant, "/Groups", fmt.Sprintf(`{"displayName":"g%d"}`, n))
		}
	}
	begun := who.byQuery(t, "/Users?count=2&sortBy=userName")("")
	var first page
	must(t, json.Unmarshal(begun.body, &first))
	refused := func(by *tenant, query, kind string) string {
		t.Helper()
		heard, err := by.send(http.MethodGet, query, nil, nil)
		must(t, err)
		if heard.status != http.StatusBadRequest || lawful(heard, by.base) != nil || !strings.Contains(string(heard.body), `"scimType":"`+kind+`"`) {
			t.Errorf("%s: status %d, expected %s: %s", query, heard.status, kind, heard.body)
		}
		var failure struct{ Detail string }
		must(t, json.Unmarshal(heard.body, &failure))
		return failure.Detail
	}
	cursor := "&cursor=" + first.NextCursor
	garbage := refused(who, "/Users?count=2&sortBy=userName&cursor=abc", "invalidCursor")
	if strange := refused(other, "/Users?count=2&sortBy=userName"+cursor, "invalidCursor"); strange != garbage {
		t.Errorf("another organisation's cursor is told from garbage: %q, %q", strange, garbage)
	}
	refused(who, "/Users?count=2"+cursor, "invalidCursor")
	refused(who, "/Users?count=2&sortBy=userName&sortOrder=descending"+cursor, "invalidCursor")
	refused(who, "/Users?count=2&sortBy=userName&filter=active+pr"+cursor, "invalidCursor")
	refused(who, "/Groups?count=2&sortBy=displayName"+cursor, "invalidCursor")
	refused(who, "/Users?count=2&sortBy=userName&startIndex=1"+cursor, "invalidCursor")
	refused(who, "/Users?count=2&startIndex=1&cursor", "invalidCursor")
	refused(who, "/Users?count=3&sortBy=userName"+cursor, "invalidCount")
	changed := []byte(first.NextCursor)
	if changed[20] = 'A'; first.NextCursor[20] == 'A' {
		changed[20] = 'B'
	}
	refused(who, "/Users?count=2&sortBy=userName&cursor="+string(changed), "invalidCursor")
	server.ahead.Add(int64(61 * time.Minute))
	who.token = who.fetchToken(t, "")
	refused(who, "/Users?count=2&sortBy=userName"+cursor, "expiredCursor")
}
