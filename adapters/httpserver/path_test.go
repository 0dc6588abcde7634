package httpserver_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/mux"
	"github.com/stretchr/testify/assert"

	"github.com/extraordinary/provisioning/adapters/httpserver"
)

// intrusions are put into a good path at every place.
var intrusions = []string{
	"%2F", "%2f", "//", "/./", "/../", "/%2e/", "/%2E%2e/", "/.%2e/", `\`, "%5C", "%5c", "%00", "%0a", "%0D%0A", "%09", "%7f",
	";", ";x=1", "%3B", "%3b", "%252F", "%252e%252e", "%25", "%ff", "%c0%af", "%E2%80%8B", "%e2%80%ae", "%EF%BB%BF", "%c2%85",
	"/..;/", "%u002f", "%", "%zz", "\x7f", "\x01", "%20/..%2f",
}

// bad returns paths that nobody should understand as /scim/v2/Users/7.
func bad() (paths []string) {
	for _, intrusion := range intrusions {
		for _, place := range []string{"%s/scim/v2/Users/7", "/scim%sv2/Users/7", "/scim/v2%sUsers/7", "/scim/v2/Users%s7", "/scim/v2/Users/7%s", "/scim/v2/Us%sers/7"} {
			paths = append(paths, fmt.Sprintf(place, intrusion))
		}
	}
	return append(paths, "*", "scim/v2/Users/7", "/x/../scim/v2/Users/7", "/scim/v2/./Users/7", "/..", "/.", "http://127.0.0.1//scim/v2/Users/7",
		"http://evil.example/scim/v2/../v2/Users/7", "/scim/v2/Users/7/..", "/scim/v2/Users/7/.", "/%73cim/v2/Users//7")
}

// everywhere adds a mount whose handler takes whatever path it is given.
func everywhere(o *httpserver.Options) {
	o.Mounts = append(o.Mounts, httpserver.Mount{Prefix: "/", Fail: failAs("portal"), Register: func(r *mux.Router) {
		r.PathPrefix("/").HandlerFunc(reached)
	}})
}

func TestNoUncleanPathReachesAHandler(t *testing.T) {
	t.Parallel()
	s := newSite(t, everywhere)
	address, _, _ := s.serve(t)
	paths := bad()
	assert.Greater(t, len(paths), 200)
	for _, path := range paths {
		for _, method := range []string{"GET", "POST"} {
			response := raw(t, address, method+" "+path+" HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			assert.Equal(t, http.StatusBadRequest, response.status, "%s %q", method, path)
			if response.header.Get("Content-Security-Policy") == "" { // net/http refused it before anyone of ours was asked
				assert.True(t, strings.HasPrefix(response.body, "400 Bad Request"), "%s %q: %s", method, path, response.body)
			}
		}
	}
}

func TestCleanPathsReachTheirHandler(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{
		"/scim/v2/Users", "/scim/v2/Users/7", "/scim/v2/Users/2819c223-7f76-453a-919d-413861904646", "/scim/v2/Users?filter=a%2Fb%00",
		"/scim/v2/Users/urn:ietf:params:scim:schemas:core:2.0:User", "/scim/v2/Users/%C3%A9", "/scim/v2/%55sers/7", "/scim/v2/Users/a..b", "/scim/v2/Users/...",
	} {
		assert.Equal(t, http.StatusTeapot, s.ask(get(path)).Code, path)
	}
}
