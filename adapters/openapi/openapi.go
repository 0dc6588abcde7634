// Package openapi describes the HTTP interface in OpenAPI 3.1, for people and for generators of clients.
package openapi

import (
	"encoding/json"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/domain/schema"
)

// Path is where the description is served.
const Path = "/openapi.json"

// API serves the description.
type API struct{ document []byte }

// object is a JSON object whose members are sorted when it is written, so that the description is always the same.
type object = map[string]any

// New writes the description of a service that clients find at publicURL.
func New(publicURL, version string, registry *schema.Registry) (*API, error) {
	document, err := json.MarshalIndent(object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Extraordinary provisioning", "version": version,
			"description": "SCIM 2.0 (RFC 7643, 7644, 9865) for users and groups, opened by the OAuth 2.0 Client Credentials Grant (RFC 6749). " +
				"Each organisation sees its own; which one it is follows from the access token alone.",
		},
		"servers":  []any{object{"url": publicURL}},
		"security": []any{object{"accessToken": []string{}}},
		"tags":     []any{tag("SCIM", "Users and groups"), tag("OAuth2", "Access tokens"), tag("Health", "For those who watch the service")},
		"paths":    paths(registry),
		"components": object{
			"securitySchemes": object{
				"accessToken": object{"type": "oauth2", "flows": object{"clientCredentials": object{
					"tokenUrl": publicURL + "/oauth2/token",
					"scopes":   object{"scim.read": "Read users and groups", "scim.write": "Change users and groups"},
				}}},
				"client": object{"type": "http", "scheme": "basic", "description": "The client identifier and the client secret (RFC 6749 §2.3.1)"},
			},
			"parameters": parameters(),
			"responses":  responses(),
			"schemas":    schemas(registry),
		},
	}, "", " ")
	if err != nil {
		return nil, err
	}
	return &API{append(document, '\n')}, nil
}

// Register mounts the description on a router that has taken Path off.
func (a *API) Register(router *mux.Router) {
	router.HandleFunc("", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(a.document) // a caller who is gone cannot be told
	}).Methods(http.MethodGet, http.MethodHead)
}

func tag(name, description string) object { return object{"name": name, "description": description} }

func ref(kind, name string) object { return object{"$ref": "#/components/" + kind + "/" + name} }
