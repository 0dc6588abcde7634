package httpserver_test

import (
	"net/http"
	"testing"

	"github.com/gorilla/mux"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/httpserver"
)

func TestWhateverReachesNoRouteIsRefusedInTheFormOfItsProtocol(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	large := string(make([]byte, 9<<10))
	for name, c := range map[string]struct {
		r        *http.Request
		status   int
		allow    string
		protocol string
		kind     string
	}{
		"an address below SCIM":      {get("/scim/v2/Nothing"), 404, "", "scim", "not found"},
		"SCIM itself":                {get("/scim/v2"), 404, "", "scim", "not found"},
		"an address below OAuth":     {get("/oauth2/nothing"), 404, "", "oauth", "not found"},
		"a method of users":          {request("DELETE", "/scim/v2/Users", ""), 405, "GET, POST", "scim", "method not allowed"},
		"a method of one user":       {request("PUT", "/scim/v2/Users/7", ""), 405, "GET, PATCH", "scim", "method not allowed"},
		"HEAD where it is not":       {request("HEAD", "/scim/v2/Users/7", ""), 405, "GET, PATCH", "scim", "method not allowed"},
		"an invented method":         {request("BREW", "/scim/v2/Users", ""), 405, "GET, POST", "scim", "method not allowed"},
		"a preflight":                {request("OPTIONS", "/scim/v2/Users", ""), 405, "GET, POST", "scim", "method not allowed"},
		"a method of the token":      {get("/oauth2/token"), 405, "POST", "oauth", "method not allowed"},
		"a body too large for OAuth": {request("POST", "/oauth2/token", large), 413, "", "oauth", "too large"},
		"a body too large for SCIM":  {request("POST", "/scim/v2/Users", string(make([]byte, 1<<20+1))), 413, "", "scim", "too large"},
		"an unclean path":            {get("/scim/v2//Users"), 400, "", "scim", "invalid syntax"},
		"an unclean path to OAuth":   {get("//oauth2/token"), 400, "", "oauth", "invalid syntax"},
		"an encoded body":            {from(request("POST", "/scim/v2/Users", "x"), "", "Content-Encoding", "gzip"), 415, "", "scim", "unsupported media type"},
		"a body encoded twice": {
			from(request("POST", "/scim/v2/Users", "x"), "", "Content-Encoding", "identity", "Content-Encoding", "br"),
			415, "", "scim", "unsupported media type",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := s.ask(c.r)
			assert.Equal(t, c.status, w.Code)
			assert.Equal(t, c.allow, w.Header().Get("Allow"))
			assertHardened(t, w.Header(), name)
			said := refusalOf(t, w.Body)
			assert.Equal(t, c.protocol, said.Protocol)
			assert.Equal(t, c.kind, said.Kind)
			assert.Regexp(t, "^[0-9a-f]{32}$", said.Trace)
			assert.NotEmpty(t, said.Detail)
		})
	}
}

func TestAnAddressOfNobodyIsRefusedInPlainText(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, target := range []string{"/", "/scim", "/scim/v2x/Users", "/SCIM/v2/Users", "/scim/v2Users", "/favicon.ico", "/oauth2x"} {
		w := s.ask(get(target))
		assert.Equal(t, http.StatusNotFound, w.Code, target)
		assert.Regexp(t, "^there is nothing at this address\ntrace id: [0-9a-f]{32}\n$", w.Body.String())
		assertHardened(t, w.Header(), target)
	}
}

func TestAMountOfEverythingElseDoesNotAnswerForOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t, everywhere)
	assert.Equal(t, http.StatusTeapot, s.ask(get("/settings")).Code)
	for target, status := range map[string]int{"/oauth2/token": 405, "/oauth2/x": 404, "/oauth2": 404, "/scim/v2/x": 404} {
		w := s.ask(get(target))
		assert.Equal(t, status, w.Code, target)
		assert.NotEqual(t, "portal", refusalOf(t, w.Body).Protocol)
	}
}

func TestMountsThatContradictEachOtherAreRefused(t *testing.T) {
	t.Parallel()
	for want, mounts := range map[string][]httpserver.Mount{
		`two mounts have this prefix`:                    {oauth(), oauth()},
		`mount "x/": a prefix is / or such as /scim/v2`:  {{Prefix: "x/", Register: func(*mux.Router) {}, Fail: failAs("")}},
		`mount "/x/": a prefix is / or such as /scim/v2`: {{Prefix: "/x/", Register: func(*mux.Router) {}, Fail: failAs("")}},
		`mount /x: Register and Fail are needed`:         {{Prefix: "/x"}},
	} {
		_, err := httpserver.New(httpserver.Options{Mounts: mounts})
		require.ErrorContains(t, err, want)
	}
}

func TestBrowsersAreToldToStayWithHTTPSIfItIsThere(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]string{"https://scim.example.com": "max-age=31536000", "http://127.0.0.1:8080": ""} {
		s := newSite(t, func(o *httpserver.Options) { o.PublicURL = public })
		assert.Equal(t, want, s.ask(get("/scim/v2/Users")).Header().Get("Strict-Transport-Security"))
	}
}
