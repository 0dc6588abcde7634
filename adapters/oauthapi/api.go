// Package oauthapi is the authorisation server's HTTP side: client credentials grants (RFC 6749 §4.4) on fosite,
// introspection (RFC 7662), revocation (RFC 7009) and metadata (RFC 8414).
//
// fosite drives the grant. Round it stand a reader that is stricter than fosite's, an authentication of our own and
// answers of our own: each closes holes that fosite has, and hole_test.go names them.
package oauthapi

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/mux"
	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/oauth2"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/application/credentials"
	"github.com/extraordinary/provisioning/application/traffic"
	"github.com/extraordinary/provisioning/domain/fault"
)

// Where the API is mounted below the public URL. The addresses are contract: customers have them in their Entra tenants.
const (
	Prefix          = "/oauth2"
	TokenPath       = Prefix + "/token"
	IntrospectPath  = Prefix + "/introspect"
	RevokePath      = Prefix + "/revoke"
	WellKnownPrefix = "/.well-known"
	MetadataPath    = WellKnownPrefix + "/oauth-authorization-server"
)

// Tokens is how fosite makes and keeps access tokens.
type Tokens interface {
	fosite.Storage
	oauth2.AccessTokenStrategy
	oauth2.AccessTokenStorage
}

// API serves OAuth2.
type API struct {
	issuer      string
	credentials *credentials.Service
	provider    fosite.OAuth2Provider
	record      func(traffic.Asked)
	now         func() time.Time
}

// Options are what the API is built upon.
type Options struct {
	PublicURL   string // where clients find the server; it is the issuer identifier
	Credentials *credentials.Service
	Tokens      Tokens
	Now         func() time.Time
	Record      func(traffic.Asked) // is told of each request for a token, and must not make anybody wait; nil: nobody is
}

// New makes the API.
func New(o Options) *API {
	a := &API{issuer: o.PublicURL, credentials: o.Credentials, record: o.Record, now: o.Now}
	a.provider = fosite.NewOAuth2Provider(o.Tokens, configuration(a.client, o.Tokens))
	return a
}

// Register mounts the endpoints on a router that has taken Prefix off.
func (a *API) Register(router *mux.Router) {
	router.Handle(strings.TrimPrefix(TokenPath, Prefix), a.rendered(counted(formed(a.recorded(a.grant)))))
	router.Handle(strings.TrimPrefix(IntrospectPath, Prefix), a.rendered(formed(a.introspect)))
	router.Handle(strings.TrimPrefix(RevokePath, Prefix), a.rendered(formed(a.revoke)))
}

// RegisterMetadata mounts the metadata on a router that has taken WellKnownPrefix off.
func (a *API) RegisterMetadata(router *mux.Router) {
	router.Handle(strings.TrimPrefix(MetadataPath, WellKnownPrefix), a.rendered(a.metadata))
}

// handler serves a request. It returns its fault instead of rendering it.
type handler func(w http.ResponseWriter, r *http.Request) error

// rendered renders the faults of h.
func (a *API) rendered(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			a.Fail(w, r, err)
		}
	})
}

// formed reads the form of a POST for h.
func formed(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			return fault.New(fault.NotAllowed, "%s is not possible here; send a form by POST", r.Method)
		}
		form, err := readForm(w, r)
		if err != nil {
			return err
		}
		// fosite finds the form where net/http would have put it, and so reads no body of its own.
		r.Form, r.PostForm = form, form
		return h(w, r)
	}
}

// recorded tells of requests for a token, and nothing of what was shown but its look.
func (a *API) recorded(h handler) handler {
	if a.record == nil {
		return h
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		form := r.PostForm // h may put another in its place
		err := h(w, r)
		id, secret, _ := credentialsOf(r, form) // what cannot be read names nobody
		asked := traffic.Asked{
			At: a.now(), ClientID: id, Scope: form.Get("scope"), Status: http.StatusOK, Reason: err,
			Trace: telemetry.TraceID(r.Context()), Theirs: r.Header.Get("client-request-id"),
		}
		asked.Shown, asked.KeyID = traffic.ShapeOf(secret)
		if err != nil {
			asked.Status, _ = answer(fault.Of(err).Kind)
		}
		a.record(asked)
		return err
	}
}

// authenticate finds out which client sends r, by its credentials alone.
func (a *API) authenticate(r *http.Request, form url.Values) (credentials.Client, error) {
	id, secret, err := credentialsOf(r, form)
	if err != nil {
		return credentials.Client{}, err
	}
	peer, _ := netip.ParseAddrPort(r.RemoteAddr) // who comes by no network shares the limits of the zero address
	who, err := a.credentials.Authenticate(r.Context(), peer.Addr(), id, secret)
	if err != nil {
		return credentials.Client{}, err
	}
	telemetry.Organisation(r.Context(), string(who.Organisation))
	telemetry.Credential(r.Context(), who.ClientID)
	return who, nil
}
