package scimapi_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// hostileAddresses are what stands below the Tenant URL; {id} is a user who is there.
var hostileAddresses = []string{
	"", "/", "//", "/.", "/Users/", "/Users//", "//Users", "/Users/{id}/", "/Users/{id}/x", "/Users/%00", "/Users/%ff", "/Users/%2e%2e",
	"/Users/..%2fGroups", "/Users/%2F", "/Users/%25", "/Users/{id}%00", "/%F0%9F%98%80", "/Users%3Ffilter", "/Groups/{id}", "/Schemas/%00",
	"/Schemas/{id}", "/ResourceTypes/%2e", "/ServiceProviderConfig/x", "/Me", "/Bulk", "/.search", "/Users/.search", "/Groups/.search/x",
	"/Users/{id}?attributes=%00", "/Users/{id}?attributes=,,,", "/Users/{id}?attributes=%ff&x", "/Users/{id}?excludedAttributes=id,schemas,meta",
	"/Users?filter", "/Users?filter=", "/Users?filter=%ff", "/Users?filter=%00", "/Users?filter=userName+eq+%22%00%22", "/Users?filter=userName+eq+%22%5Cu0000%22",
	"/Users?filter=userName+eq+%22%5Cud800%22", "/Users?filter=meta.created+gt+%22-99999-01-01T00:00:00Z%22", "/Users?filter=active+eq+1e999",
	"/Users?filter=externalId+co+%22%25_%5C%5C%27%22", "/Groups?filter=members[value+eq+%22%27%22]", "/Groups?filter=members+eq+%22%ef%bf%bf%22",
	"/Users?filter=(((((((((((((((((((userName+pr)))))))))))))))))))", "/Users?filter=%22", "/Users?count=99999999999999999999", "/Users?count=-99",
	"/Users?startIndex=-9223372036854775808", "/Users?startIndex=2147483647&count=2147483647", "/Users?count=1e3", "/Users?count=%00",
	"/Users?sortBy=%00", "/Users?sortBy=emails[type+eq+1]", "/Users?sortOrder=%ff", "/Users?%zz", "/Users?a;b", "/Users?&&&=&", "/Users?cursor=AAAA",
	"/Users?cursor=%00", "/Groups?cursor&startIndex=1", "/Groups?cursor&count=0", "/Schemas?filter=%00", "/Schemas?count=%00",
	"?filter=%00", "?filter=userName+pr+and+members+pr", "?sortBy=%00", "?cursor=AAAA", "?cursor&count=-1", "?startIndex=2147483647", "?attributes=%ff",
}

// writtenTo are the addresses that hostileBodies are sent to, by each method that has a body.
var writtenTo = []string{"/Users", "/Users/{id}", "/Groups", "/Groups/{group}", "/Users/.search", "/Groups/.search", "/.search", "/Bulk", "/Me"}

var hostileBodies = []string{
	"", "null", "[]", "{}", `"x"`, "1e999999", `{"userName":`, "\xff\xfe", "\x00", `{"userName":"\ud800"}`, "{\"userName\":\"a\xffb\"}", `{"userName":"\u0000"}`,
	`{"displayName":"\u0000"}`, `{"displayName":{"a":[]}}`, `{"userName":"x","userName":"y"}`, `{"schemas":[null],"userName":null}`, `{"schemas":{}}`,
	`{"userName":"` + strings.Repeat("x", 70000) + `"}`, strings.Repeat("[", 100000), strings.Repeat(`{"a":`, 20000),
	`{"displayName":"g","members":[{"value":""}]}`, `{"displayName":"h","members":[{"value":"\u0001"},null,7]}`, `{"displayName":"i","members":"{id}"}`,
	`{"Operations":null}`, `{"Operations":[null,1]}`, `{"Operations":[{"op":"add","path":"[","value":1}]}`, `{"Operations":[{"op":"add","path":7,"value":1}]}`,
	`{"Operations":[{"op":"remove","path":"emails[value eq 1e999]"}]}`, `{"Operations":[{"op":"add","value":[[]]}]}`,
	`{"Operations":[{"op":"replace","path":"emails[type eq \"work\"].value","value":{"a":[]}}]}`,
	`{"Operations":[{"op":"add","path":"members","value":[{"value":"{id}"},{"value":"0190a000-0000-7000-8000-ffffffffffff"}]}]}`,
	`{"Operations":[{"op":"remove","path":"members[display co \"\\u0000\"]"}]}`, `{"Operations":[{"op":"add","path":"id","value":"x"},{"op":"remove","path":"meta"}]}`,
	`{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"startIndex":1e400,"count":-1e10}`,
	`{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"\u0000","cursor":""}`,
	`{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"failOnErrors":-1e400,"Operations":[{"method":"POST","path":"/Users/..","bulkId":"\u0001","data":[]}]}`,
	`{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"DELETE","path":"/Users/%00"},{"method":"PUT","path":"//"},null]}`,
}

// TestNothingAClientSendsIsAFaultOfOurs sends what is broken, and holds that it is refused as what it is: in SCIM's form,
// and never as a fault of ours.
func TestNothingAClientSendsIsAFaultOfOurs(t *testing.T) {
	t.Parallel()
	faultless(t, newServer(t))
}

func TestNothingAClientSendsIsAFaultOfOursOnPostgresAndRedis(t *testing.T) {
	t.Parallel()
	faultless(t, newServerOn(t, production, direct))
}

func faultless(t *testing.T, s *server) {
	t.Helper()
	who := s.newTenant(t)
	id := idMade(t, who, "/Users", `{"userName":"hostile"}`)
	ids := strings.NewReplacer("{id}", id, "{group}", idMade(t, who, "/Groups", `{"displayName":"hostile"}`))
	send := func(method, address, body string) error {
		heard, err := who.send(method, ids.Replace(address), nil, []byte(ids.Replace(body)))
		switch {
		case err != nil:
		case heard.status >= http.StatusInternalServerError && heard.status != http.StatusNotImplemented:
			err = fmt.Errorf("it was taken for our fault: %d %s", heard.status, heard.body)
		case method != http.MethodHead:
			err = lawful(heard, who.base)
		}
		if err != nil {
			err = fmt.Errorf("%s %s %.200q: %w", method, address, body, err)
		}
		return err
	}
	must(t, each(len(hostileAddresses), func(i int) (err error) {
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "BREW", "POST", "PUT", "PATCH"} {
			err = errors.Join(err, send(method, hostileAddresses[i], ""))
		}
		return err
	}))
	must(t, each(len(writtenTo)*len(hostileBodies), func(i int) (err error) {
		for _, method := range []string{"POST", "PUT", "PATCH"} {
			err = errors.Join(err, send(method, writtenTo[i%len(writtenTo)], hostileBodies[i/len(writtenTo)]))
		}
		return err
	}))
	read, err := who.send(http.MethodGet, "/Users/"+id, nil, nil)
	must(t, err)
	if read.status != http.StatusOK || !strings.Contains(string(read.body), `"userName"`) {
		t.Errorf("what was there is broken: %d %s", read.status, read.body)
	}
}

// TestAnAddressIsReadDecoded holds RFC 3986 §2.1 and §6.2.2: an address is the same with characters percent-encoded,
// and another with a slash at its end.
func TestAnAddressIsReadDecoded(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	path := made(t, who, "/Users", `{"userName":"mia chen"}`)
	for address, status := range map[string]int{
		"/%55sers": http.StatusOK,
		path[:len(path)-1] + fmt.Sprintf("%%%X", path[len(path)-1]):         http.StatusOK,
		"/Schemas/urn%3Aietf%3Aparams%3Ascim%3Aschemas%3Acore%3A2.0%3AUser": http.StatusOK,
		"/Users?%66ilter=userName%20eq%20%22mia%20chen%22&attributes=id":    http.StatusOK,
		"/Users?filter=userName+eq+%22mia+chen%22":                          http.StatusOK,
		"/Users/":                           http.StatusNotFound,
		path + "/":                          http.StatusNotFound,
		"/ServiceProviderConfig/":           http.StatusNotFound,
		"/Users%2F" + path[len("/Users/"):]: http.StatusBadRequest,
		"//Users":                           http.StatusBadRequest,
		"/./Users":                          http.StatusBadRequest,
		"/Groups/.." + path:                 http.StatusBadRequest,
	} {
		heard, err := who.send(http.MethodGet, address, nil, nil)
		must(t, err)
		if err := lawful(heard, who.base); err != nil || heard.status != status {
			t.Errorf("%s: %d, expected %d %v: %s", address, heard.status, status, err, heard.body)
		}
		if strings.Contains(address, "ilter=") && !strings.Contains(string(heard.body), `"totalResults":1`) {
			t.Errorf("%s: %s", address, heard.body)
		}
	}
}

// TestAResourceHasOneAddress holds RFC 7644 §3.13: another version than ours is refused, and so is none.
func TestAResourceHasOneAddress(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	token := map[string]string{"Authorization": "Bearer " + who.token}
	for path, status := range map[string]int{
		"/scim/v2/Users": http.StatusOK, "/scim/v1/Users": http.StatusNotFound, "/scim/v3/Users": http.StatusNotFound, "/scim/V2/Users": http.StatusNotFound,
		"/scim/Users": http.StatusNotFound, "/v2/Users": http.StatusNotFound, "/Users": http.StatusNotFound,
	} {
		heard, err := who.server.send(http.MethodGet, who.url+path, token, nil)
		must(t, err)
		if heard.status != status {
			t.Errorf("%s: %d %s", path, heard.status, heard.body)
		}
	}
}

func TestALargeListComesInGzipToThoseWhoTakeIt(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	createUsers(t, who, 40)
	plain, err := who.send(http.MethodGet, "/Users", map[string]string{"Accept-Encoding": "identity"}, nil)
	must(t, err)
	packed, err := who.send(http.MethodGet, "/Users", map[string]string{"Accept-Encoding": "gzip"}, nil) // the client decodes only what it asked for itself
	must(t, err)
	if plain.header.Get("Content-Encoding") != "" || packed.header.Get("Content-Encoding") != "gzip" || packed.header.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("the headers are %v and %v", plain.header, packed.header)
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed.body))
	must(t, err)
	text, err := io.ReadAll(reader)
	must(t, err)
	if !bytes.Equal(text, plain.body) || len(packed.body) > len(plain.body)/4 {
		t.Errorf("%d bytes became %d", len(plain.body), len(packed.body))
	}
}

// TestAMessageThatIsTooLargeIsToldTheLimit holds RFC 7644 §3.12, table 8.
func TestAMessageThatIsTooLargeIsToldTheLimit(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	heard, err := who.send(http.MethodPost, "/Users", nil, []byte(`{"userName":"`+strings.Repeat("x", 1<<20)+`"}`))
	must(t, err)
	var said struct{ Detail string }
	must(t, json.Unmarshal(heard.body, &said))
	if err := lawful(heard, who.base); err != nil || heard.status != http.StatusRequestEntityTooLarge || !strings.Contains(said.Detail, "1048576") {
		t.Errorf("%d %v %s", heard.status, err, heard.body)
	}
}
