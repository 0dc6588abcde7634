package scimapi_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestListsAreSorted holds RFC 7644 §3.4.2.3 from the address to the answer.
func TestListsAreSorted(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	for _, user := range []string{
		`{"userName":"b","title":"Pilot","name":{"familyName":"Ora"},"emails":[{"value":"y@x"},{"value":"a@x","primary":true}]}`,
		`{"userName":"A","name":{"familyName":"aroha"},"emails":[{"value":"b@x"}]}`,
		`{"userName":"c","title":"engineer"}`,
	} {
		made(t, who, "/Users", user)
	}
	for _, group := range []string{`{"displayName":"b"}`, `{"displayName":"A"}`, `{"displayName":"c"}`} {
		made(t, who, "/Groups", group)
	}
	for query, want := range map[string]string{
		"/Users":                 "b A c",
		"/Users?sortBy=userName": "A b c",
		"/Users?sortBy=USERNAME&sortOrder=descending":             "c b A",
		"/Users?sortBy=title":                                     "c b A",
		"/Users?sortBy=title&sortOrder=descending":                "A b c",
		"/Users?sortBy=name.familyName&sortOrder=ascending":       "A b c",
		"/Users?sortBy=emails&filter=emails+pr":                   "b A",
		"/Users?sortBy=emails.value&sortOrder=descending&count=2": "c A",
		"/Users?sortBy=emails.value&startIndex=2&count=2":         "A c",
		"/Users?sortBy=meta.created&sortOrder=descending":         "c A b",
		"/Users?sortOrder=descending":                             "b A c",
		"/Users?sortBy=userName&attributes=id":                    "A b c",
		"/Groups?sortBy=displayName":                              "A b c",
		"/Groups?sortBy=displayName&excludedAttributes=members":   "A b c",
	} {
		heard, err := who.send(http.MethodGet, query, nil, nil)
		must(t, err)
		var page struct{ Resources []struct{ ID string } }
		must(t, json.Unmarshal(heard.body, &page))
		var got []string
		for _, r := range page.Resources {
			got = append(got, nameOf(t, who, r.ID))
		}
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: %v, expected %s: %s", query, got, want, heard.body)
		}
	}
	for _, query := range []string{"/Users?sortBy=nothing", "/Users?sortBy=name", "/Users?sortOrder=up", "/Groups?sortBy=members.value"} {
		heard, err := who.send(http.MethodGet, query, nil, nil)
		must(t, err)
		if err := lawful(heard, who.base); err != nil || heard.status != http.StatusBadRequest || !strings.Contains(string(heard.body), `"invalidValue"`) {
			t.Errorf("%s: %d %v %s", query, heard.status, err, heard.body)
		}
	}
	config, err := who.send(http.MethodGet, "/ServiceProviderConfig", nil, nil)
	must(t, err)
	if !strings.Contains(string(config.body), `"sort":{"supported":true}`) {
		t.Errorf("that lists are sorted is told to nobody: %s", config.body)
	}
}

// nameOf reads the name of a user or group.
func nameOf(t *testing.T, who *tenant, id string) string {
	t.Helper()
	for _, endpoint := range []string{"/Users/", "/Groups/"} {
		heard, err := who.send(http.MethodGet, endpoint+id, nil, nil)
		must(t, err)
		var r struct{ UserName, DisplayName string }
		must(t, json.Unmarshal(heard.body, &r))
		if heard.status == http.StatusOK {
			return r.UserName + r.DisplayName
		}
	}
	return ""
}
