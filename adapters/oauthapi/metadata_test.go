package oauthapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheMetadataSayWhatWorksAndNoMore(t *testing.T) {
	t.Parallel()
	w := open(t)
	a := w.send(t, ask{method: "GET", path: "/.well-known/oauth-authorization-server"})
	a.is(t, http.StatusOK, "")
	assert.JSONEq(t, `{
		"issuer": "https://scim.example.com",
		"token_endpoint": "https://scim.example.com/oauth2/token",
		"token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
		"introspection_endpoint": "https://scim.example.com/oauth2/introspect",
		"introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
		"revocation_endpoint": "https://scim.example.com/oauth2/revoke",
		"revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
		"grant_types_supported": ["client_credentials"],
		"response_types_supported": [],
		"scopes_supported": ["scim.read", "scim.write"]
	}`, a.text)
}

func TestEveryEndpointOfTheMetadataIsThere(t *testing.T) {
	t.Parallel()
	w := open(t)
	for name, value := range w.send(t, ask{method: "GET", path: "/.well-known/oauth-authorization-server"}).body {
		if address, ok := value.(string); ok && strings.HasSuffix(name, "_endpoint") {
			w.send(t, ask{path: strings.TrimPrefix(address, publicURL), form: grantForm("token", "x")}).is(t, http.StatusUnauthorized, "invalid_client")
		}
	}
}

func TestTheMetadataDoNotFollowTheHostHeader(t *testing.T) {
	t.Parallel()
	w := open(t)
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/.well-known/oauth-authorization-server", nil)
	r.Host = "evil.example"
	r.Header.Set("X-Forwarded-Host", "evil.example")
	recorder := httptest.NewRecorder()
	w.ServeHTTP(recorder, r)
	assert.NotContains(t, recorder.Body.String(), "evil")
}
