package scimapi_test

import (
	"net/http"
	"strings"
	"testing"
)

// made sends a body that makes a resource, and gives the resource's path.
func made(t *testing.T, who *tenant, endpoint, body string) (path string) {
	t.Helper()
	heard, err := who.send(http.MethodPost, endpoint, nil, []byte(body))
	must(t, err)
	if heard.status != http.StatusCreated {
		t.Fatalf("%d %s", heard.status, heard.body)
	}
	return strings.TrimPrefix(heard.header.Get("Location"), who.base)
}

// TestWhatHasNotChangedIsNotSentAgain holds RFC 7644 §3.14 and RFC 9110 §13.1.2.
func TestWhatHasNotChangedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	for _, path := range []string{
		made(t, who, "/Users", `{"userName":"etta@kereru.nz"}`), made(t, who, "/Groups", `{"displayName":"Etta's"}`),
	} {
		for tags, status := range map[string]int{
			`W/"1"`: http.StatusNotModified, `"1"`: http.StatusNotModified, `*`: http.StatusNotModified,
			`W/"7", W/"1"`: http.StatusNotModified, `W/"2"`: http.StatusOK, `1`: http.StatusOK, ``: http.StatusOK,
		} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				heard, err := who.send(method, path+"?attributes=displayName", map[string]string{"If-None-Match": tags}, nil)
				must(t, err)
				if heard.status != status || heard.header.Get("ETag") != `W/"1"` || heard.header.Get("Content-Location") != who.base+path {
					t.Errorf("%s %s with %s: %d %v", method, path, tags, heard.status, heard.header)
				}
				if bodiless := status == http.StatusNotModified || method == http.MethodHead; bodiless != (len(heard.body) == 0) {
					t.Errorf("%s %s with %s: the body is %q", method, path, tags, heard.body)
				}
			}
		}
	}
}

// TestAVersionThatIsNotWantedIsNotSent holds RFC 9110 §13.1.1, by the weak comparison that SCIM needs.
func TestAVersionThatIsNotWantedIsNotSent(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	for _, path := range []string{
		made(t, who, "/Users", `{"userName":"etta@kereru.nz"}`), made(t, who, "/Groups", `{"displayName":"Etta's"}`),
	} {
		for tags, status := range map[string]int{`W/"1"`: http.StatusOK, `*`: http.StatusOK, `W/"7", "1"`: http.StatusOK, `W/"2"`: http.StatusPreconditionFailed} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				heard, err := who.send(method, path, map[string]string{"If-Match": tags}, nil)
				must(t, err)
				if heard.status != status || (status == http.StatusOK) != (heard.header.Get("Content-Location") != "") {
					t.Errorf("%s %s with %s: %d %v", method, path, tags, heard.status, heard.header)
				}
			}
		}
	}
}

func TestAChangeHappensOnlyToTheVersionsThatItsConditionsAllow(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	patch := []byte(`{"Operations":[{"op":"replace","path":"displayName","value":"B"}]}`)
	for _, test := range []struct {
		ifMatch, ifNoneMatch string
		happens              bool
	}{
		{`*`, ``, true},
		{`W/"1"`, `W/"2"`, true},
		{`W/"2"`, ``, false},
		{``, `*`, false},
		{``, `W/"1"`, false},
		{`*`, `W/"1"`, false},
		{``, `W/"2"`, true},
	} {
		for endpoint, body := range map[string]string{
			"/Users": `{"userName":"etta@kereru.nz","displayName":"A"}`, "/Groups": `{"displayName":"A"}`,
		} {
			path := made(t, who, endpoint, body)
			for _, change := range []struct {
				method string
				body   []byte
			}{{http.MethodPatch, patch}, {http.MethodPut, []byte(body)}, {http.MethodDelete, nil}} {
				version, err := who.send(http.MethodHead, path, nil, nil)
				must(t, err)
				if version.header.Get("ETag") != `W/"1"` {
					continue // changed by the PATCH before
				}
				heard, err := who.send(change.method, path, map[string]string{"If-Match": test.ifMatch, "If-None-Match": test.ifNoneMatch}, change.body)
				must(t, err)
				if happened := heard.status < http.StatusMultipleChoices; happened != test.happens || !happened && heard.status != http.StatusPreconditionFailed {
					t.Errorf("%s %s with %+v: %d %s", change.method, path, test, heard.status, heard.body)
				}
			}
			read, err := who.send(http.MethodGet, path, nil, nil)
			must(t, err)
			if changed := read.header.Get("ETag") != `W/"1"`; changed != test.happens {
				t.Errorf("%s with %+v: it is now %s", path, test, read.body)
			}
			_, err = who.send(http.MethodDelete, path, nil, nil)
			must(t, err)
		}
	}
}

func TestEveryAddressThatIsReadAnswersToHEAD(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	paths := []string{
		made(t, who, "/Users", `{"userName":"hedy@kereru.nz"}`), made(t, who, "/Groups", `{"displayName":"Heads"}`),
		"/Users", "/Groups", "/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas",
		"/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", "/Users/none", "/nothing",
	}
	for _, path := range paths {
		get, err := who.send(http.MethodGet, path, nil, nil)
		must(t, err)
		head, err := who.send(http.MethodHead, path, nil, nil)
		must(t, err)
		if head.status != get.status || len(head.body) > 0 {
			t.Errorf("%s: HEAD is %d %q, GET %d", path, head.status, head.body, get.status)
		}
		for _, name := range []string{"Content-Type", "ETag", "Content-Location"} {
			if head.header.Get(name) != get.header.Get(name) {
				t.Errorf("%s: %s is %q, and of GET %q", path, name, head.header.Get(name), get.header.Get(name))
			}
		}
	}
	heard, err := who.send(http.MethodPost, paths[0], nil, []byte(`{}`))
	must(t, err)
	if heard.header.Get("Allow") != "DELETE, GET, HEAD, PATCH, PUT" {
		t.Errorf("Allow is %q", heard.header.Get("Allow"))
	}
}
