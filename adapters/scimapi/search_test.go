package scimapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
)

// TestASearchRequestAnswersWhatAQueryDoes holds RFC 7644 §3.4.3: what is asked in a body is answered as what is asked
// in an address, and needs no more than the scope to read.
func TestASearchRequestAnswersWhatAQueryDoes(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	for _, name := range []string{"ana.smith", "bo.smith", "cy.jones"} {
		made(t, who, "/Users", `{"userName":"`+name+`@kereru.nz","displayName":"`+name+`"}`)
		made(t, who, "/Groups", `{"displayName":"`+name+`"}`)
	}
	who.token = who.fetchToken(t, "scim.read")
	for body, query := range map[string]url.Values{
		``: {},
		`,"filter":"displayName ew \".smith\"","attributes":["id","meta"]`: {
			"filter": {`displayName ew ".smith"`}, "attributes": {"id,meta"},
		},
		`,"startIndex":2,"count":1`:                     {"startIndex": {"2"}, "count": {"1"}},
		`,"COUNT":0,"else":{"nobody":"knows"}`:          {"count": {"0"}},
		`,"excludedAttributes":["members","meta"]`:      {"excludedAttributes": {"members,meta"}},
		`,"excludedAttributes":"members,meta"`:          {"excludedAttributes": {"members,meta"}},
		`,"filter":"nobody eq \"x\""`:                   {"filter": {`nobody eq "x"`}},
		`,"filter":"userName"`:                          {"filter": {"userName"}},
		`,"count":1.5`:                                  {"count": {"1.5"}},
		`,"attributes":["id"],"excludedAttributes":[4]`: nil,
		`,"filter":true`:                                nil,
		`,"count":{}`:                                   nil,
	} {
		for _, endpoint := range []string{"/Users", "/Groups"} {
			message := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]` + body + `}`
			posted, err := who.send(http.MethodPost, endpoint+"/.search", nil, []byte(message))
			must(t, err)
			must(t, lawful(posted, who.base))
			if query == nil {
				if posted.status != http.StatusBadRequest {
					t.Errorf("%s %s: %d %s", endpoint, body, posted.status, posted.body)
				}
				continue
			}
			got, err := who.send(http.MethodGet, endpoint+"?"+query.Encode(), nil, nil)
			must(t, err)
			if posted.status != got.status || !bytes.Equal(traceless(t, posted.body), traceless(t, got.body)) {
				t.Errorf("%s %s\nposted: %d %s\n   got: %d %s", endpoint, body, posted.status, posted.body, got.status, got.body)
			}
		}
	}
}

// traceless is an answer without what differs from request to request.
func traceless(t *testing.T, body []byte) []byte {
	t.Helper()
	var answer map[string]any
	must(t, json.Unmarshal(body, &answer))
	delete(answer, "traceId")
	text, err := json.Marshal(answer)
	must(t, err)
	return text
}

func TestASearchRequestThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	const request = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}`
	for _, test := range []struct {
		method, path, body string
		status             int
	}{
		{http.MethodPost, "/Users/.search", `{}`, http.StatusBadRequest},
		{http.MethodPost, "/Users/.search", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a"}`, http.StatusBadRequest},
		{http.MethodPost, "/Users/.search", `[]`, http.StatusBadRequest},
		{http.MethodPost, "/Users/.search?count=1", request, http.StatusBadRequest},
		{http.MethodPost, "/Schemas/.search", request, http.StatusMethodNotAllowed},
		{http.MethodGet, "/Groups/.search", ``, http.StatusMethodNotAllowed},
	} {
		heard, err := who.send(test.method, test.path, nil, []byte(test.body))
		must(t, err)
		if err := lawful(heard, who.base); err != nil || heard.status != test.status {
			t.Errorf("%s %s %s: %d %v %s", test.method, test.path, test.body, heard.status, err, heard.body)
		}
	}
	none, err := who.send(http.MethodGet, "/Users", nil, nil)
	must(t, err)
	if !bytes.Contains(none.body, []byte(`"totalResults":0`)) {
		t.Errorf("a search made something: %s", none.body)
	}
}

// TestNobodyIsMe holds the first of the answers that RFC 7644 §3.11 allows: a client signs in, and no person.
func TestNobodyIsMe(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		heard, err := who.send(method, "/Me", nil, []byte(`{}`))
		must(t, err)
		if heard.status != http.StatusNotImplemented {
			t.Errorf("%s: %d", method, heard.status)
		}
		if method != http.MethodHead {
			must(t, lawful(heard, who.base))
		}
	}
}
