package scimapi_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
)

// TestAWalkOfAThousandIsTheWholeListAndStaysSoWhileOthersAreWritten holds, for sorts and sizes of pages drawn by lot,
// that the pages of a walk are those of the same list by number, one behind the other. Then it walks again while
// users are created, changed and deleted between the pages: who was there all the time is seen once.
func TestAWalkOfAThousandIsTheWholeListAndStaysSoWhileOthersAreWritten(t *testing.T) {
	t.Parallel()
	const users = 1000
	who := newServer(t).newTenant(t)
	lot := rand.New(rand.NewPCG(9865, 2))
	var there []string
	for n := range users {
		there = append(there, idMade(t, who, "/Users", fmt.Sprintf(`{"userName":"u%04d","displayName":"d%d","active":%t}`,
			lot.IntN(1<<20)*users+n, lot.IntN(9), n%3 == 0)))
	}
	slices.Sort(there)
	sorts := []string{"", "&sortBy=id", "&sortBy=userName", "&sortBy=displayName", "&sortBy=active", "&sortBy=title", "&sortBy=meta.created"}
	for range 8 {
		query := fmt.Sprintf("/Users?attributes=userName&count=%d%s&sortOrder=%s",
			61+lot.IntN(140), sorts[lot.IntN(len(sorts))], []string{"ascending", "descending"}[lot.IntN(2)])
		walked := idsOf(who.walk(t, who.byQuery(t, query), nil))
		if whole := who.byNumber(t, query); len(whole) != users || !slices.Equal(walked, whole) {
			t.Errorf("%s: the walk saw %d, the list has %d, and they differ", query, len(walked), len(whole))
		}
	}

	round := 0
	seen := idsOf(who.walk(t, who.byQuery(t, "/Users?count=100&sortBy=userName"), func(p page) {
		round++
		for _, name := range []string{"a", "v"} { // before all pages, and behind them
			address := made(t, who, "/Users", fmt.Sprintf(`{"userName":"%s%d"}`, name, round))
			if round%2 == 0 {
				done(t, who, http.MethodDelete, address, "", http.StatusNoContent)
			}
		}
		for _, r := range []int{0, len(p.Resources) - 1} { // the last of a page is where the next one begins
			done(t, who, http.MethodPatch, "/Users/"+p.Resources[r].ID, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
				"Operations":[{"op":"replace","path":"userName","value":"0`+p.Resources[r].UserName+`"}]}`, http.StatusOK)
		}
	}))
	slices.Sort(seen)
	if len(slices.Compact(slices.Clone(seen))) != len(seen) {
		t.Error("a user was seen twice")
	}
	for _, id := range there {
		if _, found := slices.BinarySearch(seen, id); !found {
			t.Errorf("%s was lost", id)
		}
	}
}

// byNumber gives the ids of a whole list, page after page by startIndex.
func (w *tenant) byNumber(t *testing.T, query string) (ids []string) {
	t.Helper()
	for {
		heard, err := w.send(http.MethodGet, fmt.Sprintf("%s&startIndex=%d", query, len(ids)+1), nil, nil)
		must(t, err)
		var p page
		must(t, json.Unmarshal(heard.body, &p))
		if len(p.Resources) == 0 {
			return ids
		}
		ids = append(ids, idsOf([]page{p})...)
	}
}

func done(t *testing.T, who *tenant, method, path, body string, status int) {
	t.Helper()
	heard, err := who.send(method, path, nil, []byte(body))
	must(t, err)
	if heard.status != status {
		t.Fatalf("%s %s: status %d: %s", method, path, heard.status, heard.body)
	}
}
