package oauthapi

import (
	"net/http"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
)

// metadata serves GET /.well-known/oauth-authorization-server (RFC 8414 §3): what works, and no more. Its addresses
// come from our settings; what the request says of the host is a stranger's word.
func (a *API) metadata(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		return fault.New(fault.NotAllowed, "%s is not possible here; send GET", r.Method)
	}
	methods := []string{"client_secret_basic", "client_secret_post"}
	send(w, http.StatusOK, struct {
		Issuer            string             `json:"issuer"`
		Token             string             `json:"token_endpoint"`
		TokenMethods      []string           `json:"token_endpoint_auth_methods_supported"`
		Introspection     string             `json:"introspection_endpoint"`
		IntrospectMethods []string           `json:"introspection_endpoint_auth_methods_supported"`
		Revocation        string             `json:"revocation_endpoint"`
		RevokeMethods     []string           `json:"revocation_endpoint_auth_methods_supported"`
		GrantTypes        []string           `json:"grant_types_supported"`
		ResponseTypes     []string           `json:"response_types_supported"`
		Scopes            []credential.Scope `json:"scopes_supported"`
	}{
		a.issuer, a.issuer + TokenPath, methods, a.issuer + IntrospectPath, methods, a.issuer + RevokePath, methods,
		[]string{clientCredentials},
		[]string{}, // required (RFC 8414 §2), and there are none: no authorisation endpoint exists
		[]credential.Scope{credential.Read, credential.Write},
	})
	return nil
}
