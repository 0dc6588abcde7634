package scimapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestAQueryAtTheRootFindsResourcesOfEveryType(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	who, other := server.newTenant(t), server.newTenant(t)
	made(t, other, "/Users", `{"userName":"theirs","displayName":"x0"}`)
	for n := range 4 {
		made(t, who, "/Groups", fmt.Sprintf(`{"displayName":"g%d"}`, n))
		made(t, who, "/Users", fmt.Sprintf(`{"userName":"u%d","displayName":"x%d"}`, n, n))
	}
	for query, want := range map[string]string{
		"?count=200":                        "8: u0 u1 u2 u3 g0 g1 g2 g3",
		"?startIndex=3&count=4":             "8: u2 u3 g0 g1",
		"?startIndex=7&count=4":             "8: g2 g3",
		"?startIndex=9":                     "8:",
		"?count=0":                          "8:",
		"?filter=userName+eq+%22U1%22":      "1: u1",
		"?filter=displayName+eq+%22g2%22":   "1: g2",
		"?filter=displayName+sw+%22x%22":    "4: u0 u1 u2 u3",
		"?filter=userName+pr&startIndex=4":  "4: u3",
		"?filter=not+(userName+pr)&count=2": "4: g0 g1",
		"?filter=meta.resourceType+eq+%22Group%22+or+userName+eq+%22u3%22": "5: u3 g0 g1 g2 g3",
		"?filter=userName+eq+%22nobody%22":                                 "0:",
		"?attributes=displayName&count=1":                                  "8: x0",
	} {
		heard, err := who.send(http.MethodGet, query, nil, nil)
		must(t, err)
		var p page
		if heard.status != http.StatusOK || lawful(heard, who.base) != nil || json.Unmarshal(heard.body, &p) != nil {
			t.Fatalf("%s: status %d, %v: %s", query, heard.status, lawful(heard, who.base), heard.body)
		}
		got := fmt.Sprintf("%d:", p.TotalResults)
		for _, r := range p.Resources {
			if got += " "; r.UserName != "" {
				got += r.UserName
			} else {
				got += r.DisplayName
			}
		}
		if got != want {
			t.Errorf("%s: %s, expected %s", query, got, want)
		}
	}
	for _, query := range []string{"?sortBy=userName", "?filter=nothing+pr", "?filter=userName+eq", "?startIndex=x"} {
		heard, err := who.send(http.MethodGet, query, nil, nil)
		must(t, err)
		if err := lawful(heard, who.base); err != nil || heard.status != http.StatusBadRequest {
			t.Errorf("%s: status %d, %v: %s", query, heard.status, err, heard.body)
		}
	}
	heard, err := who.send(http.MethodPost, "/.search", nil, []byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"displayName sw \"g\"","count":1}`))
	must(t, err)
	if !strings.Contains(string(heard.body), `"totalResults":4`) || !strings.Contains(string(heard.body), `"displayName":"g0"`) {
		t.Errorf("by .search: %s", heard.body)
	}
}

func TestAWalkFromTheRootSeesEveryResourceOnce(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	var there []string
	for n := range 5 {
		there = append(there, idMade(t, who, "/Users", fmt.Sprintf(`{"userName":"u%d"}`, n)))
	}
	for n := range 5 {
		there = append(there, idMade(t, who, "/Groups", fmt.Sprintf(`{"displayName":"g%d"}`, n)))
	}
	for size := 1; size <= 11; size++ {
		pages := who.walk(t, who.byQuery(t, fmt.Sprintf("?count=%d", size)), nil)
		if got := idsOf(pages); !slices.Equal(got, there) || len(pages) != max((10+size-1)/size, 1) {
			t.Errorf("pages of %d: %v in %d pages, expected %v", size, got, len(pages), there)
		}
	}
	users := who.walk(t, who.byQuery(t, "?count=2&filter=userName+pr"), nil)
	if got := idsOf(users); !slices.Equal(got, there[:5]) {
		t.Errorf("users alone: %v", got)
	}
}
