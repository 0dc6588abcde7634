// Package scimapi speaks SCIM 2.0 over HTTP (RFC 7644): it reads the wire into domain values, calls one use case and
// renders the answer.
package scimapi

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/application/credentials"
	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/traffic"
)

// Prefix is where the API is mounted below the public URL; the two together are Entra's Tenant URL.
const Prefix = "/scim/v2"

// Authoriser tells who an access token belongs to. Faults: Unauthorised, Forbidden if the token lacks the scope.
type Authoriser interface {
	Authorise(ctx context.Context, token string, need credential.Scope) (credentials.Principal, error)
}

// API serves SCIM.
type API struct {
	base       string // the public URL with Prefix
	authoriser Authoriser
	service    *provisioning.Service
	registry   *schema.Registry
	user       *schema.ResourceType
	group      *schema.ResourceType
	cursors    *scim.Cursors
	now        func() time.Time
	handlers   map[string]map[string]handler // by path and method
	views      *views
	record     func(organisation.ID, traffic.Raw) // nil: nothing is
}

// New makes the API; publicURL is where clients find the server, and now is the clock that cursors expire by.
func New(publicURL string, authoriser Authoriser, service *provisioning.Service, registry *schema.Registry, cursors *scim.Cursors, now func() time.Time) *API {
	a := &API{
		base: publicURL + Prefix, authoriser: authoriser, service: service, registry: registry,
		user: registry.Type("User"), group: registry.Type("Group"), cursors: cursors, now: now,
		views: &views{all: map[organisation.ID]view{}},
	}
	a.handlers = a.methods()
	return a
}

// Recorded tells record of each request of an organisation, when it is answered. record must not make anybody wait.
func (a *API) Recorded(record func(organisation.ID, traffic.Raw)) *API {
	a.record = record
	return a
}

// handler serves one method of one path for an authorised caller. It returns its fault instead of rendering it.
type handler func(w http.ResponseWriter, r *http.Request, who provisioning.Caller) error

// route is one path with all it answers to; Register mounts it, and /ServiceProviderConfig follows from it.
type route struct {
	path     string
	concerns string // the type of resource that traces name; empty: none, or several
	methods  map[string]handler
	reads    bool // with any method, POST too
}

func (a *API) routes() []route {
	return []route{
		{path: "", methods: map[string]handler{"GET": a.searchAll}},
		{path: "/.search", methods: map[string]handler{"POST": asQuery(a.searchAll)}, reads: true},
		{path: "/Users", concerns: "User", methods: map[string]handler{"GET": a.searchUsers, "POST": a.createUser}},
		{path: "/Users/.search", concerns: "User", methods: map[string]handler{"POST": asQuery(a.searchUsers)}, reads: true},
		{path: "/Users/{id}", concerns: "User", methods: map[string]handler{"GET": a.readUser, "PUT": a.replaceUser, "PATCH": a.patchUser, "DELETE": a.deleteUser}},
		{path: "/Groups", concerns: "Group", methods: map[string]handler{"GET": a.searchGroups, "POST": a.createGroup}},
		{path: "/Groups/.search", concerns: "Group", methods: map[string]handler{"POST": asQuery(a.searchGroups)}, reads: true},
		{path: "/Groups/{id}", concerns: "Group", methods: map[string]handler{"GET": a.readGroup, "PUT": a.replaceGroup, "PATCH": a.patchGroup, "DELETE": a.deleteGroup}},
		{path: "/Bulk", methods: map[string]handler{"POST": a.bulk}},
		{path: "/Me", methods: map[string]handler{"GET": me, "POST": me, "PUT": me, "PATCH": me, "DELETE": me}},
		{path: "/ServiceProviderConfig", concerns: "ServiceProviderConfig", methods: map[string]handler{"GET": a.serviceProviderConfig}},
		{path: "/ResourceTypes", concerns: "ResourceType", methods: map[string]handler{"GET": a.resourceTypes}},
		{path: "/ResourceTypes/{id}", concerns: "ResourceType", methods: map[string]handler{"GET": a.resourceType}},
		{path: "/Schemas", concerns: "Schema", methods: map[string]handler{"GET": a.schemas}},
		{path: "/Schemas/{id}", concerns: "Schema", methods: map[string]handler{"GET": a.schema}},
	}
}

// Register mounts the API on a router that has taken Prefix off. Whatever no route owns is answered to authorised
// callers only, like the rest: who may ask is decided on the matched route and nowhere else.
func (a *API) Register(router *mux.Router) {
	for _, route := range a.routes() {
		router.Handle(route.path, a.serve(route))
	}
	router.PathPrefix("/").Handler(a.serve(route{}))
}

// serve authorises the caller, picks the method's handler and renders its fault.
func (a *API) serve(at route) http.Handler {
	allowed := allowedBy(at.methods)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at.concerns != "" {
			telemetry.ResourceType(r.Context(), at.concerns)
		}
		who, err := a.caller(w, r, at.reads)
		if who.Organisation != "" && a.record != nil {
			var told *listener
			if w, told = listen(w, r); told != nil {
				defer func() { a.record(who.Organisation, told.raw(a, who, at.path)) }()
			}
		}
		if err != nil {
			challenge(w, r, err)
			a.Fail(w, r, err)
			return
		}
		method := r.Method
		if method == http.MethodHead { // net/http leaves the body of the answer out (RFC 9110 §9.3.2)
			method = http.MethodGet
		}
		_, found := at.methods[method]
		switch {
		case found:
			err = a.handle(w, r, who, at.path, method)
		case at.methods == nil:
			err = fault.New(fault.NotFound, "there is nothing at this address; the Tenant URL is %s", a.base)
		default:
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			err = fault.New(fault.NotAllowed, "%s is not possible here; possible: %s", r.Method, strings.Join(allowed, ", "))
		}
		if err != nil {
			a.Fail(w, r, err)
		}
	})
}

// handle serves a request as the caller's organisation sees the API.
func (a *API) handle(w http.ResponseWriter, r *http.Request, who provisioning.Caller, path, method string) error {
	theirs, err := a.of(r.Context(), who)
	if err != nil {
		return err
	}
	return theirs.handlers[path][method](w, r, who)
}

// allowedBy lists the methods that an address with these handlers answers to.
func allowedBy(methods map[string]handler) (allowed []string) {
	for method := range methods {
		allowed = append(allowed, method)
		if method == http.MethodGet {
			allowed = append(allowed, http.MethodHead)
		}
	}
	slices.Sort(allowed)
	return allowed
}

// errPaused is the fault of every request to an organisation that has paused provisioning: its client keeps what it has to
// say, and comes again.
var errPaused = fault.New(fault.Unavailable, "Paused by your organisation in Settings, SCIM; resume it there")

// challenge tells whom no token has let in what to do about it (RFC 6750 §3).
func challenge(w http.ResponseWriter, r *http.Request, err error) {
	text := `Bearer realm="scim"`
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch kind := fault.Of(err).Kind; {
	case kind == fault.Forbidden:
		text += `, error="insufficient_scope"`
	case kind != fault.Unauthorised:
		return
	case strings.EqualFold(scheme, "Bearer"): // §3.1: no error code for who sent no token, or tried another way
		text += `, error="invalid_token"`
	}
	w.Header().Set("WWW-Authenticate", text)
}

// caller finds out who asks from the access token alone (RFC 6750 §2.1). No path and no header chooses the
// organisation; what only reads needs no scope to write.
func (a *API) caller(w http.ResponseWriter, r *http.Request, reads bool) (provisioning.Caller, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 {
		return provisioning.Caller{}, fault.New(fault.Unauthorised, "send an access token as Authorization: Bearer …")
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	if len(headers) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return provisioning.Caller{}, fault.New(fault.Unauthorised, "send one access token as Authorization: Bearer …")
	}
	need := credential.Write
	if reads || r.Method == http.MethodGet || r.Method == http.MethodHead {
		need = credential.Read
	}
	who, err := a.authoriser.Authorise(r.Context(), strings.TrimSpace(token), need)
	if who.Organisation != "" { // known even if its share is used up
		telemetry.Organisation(r.Context(), string(who.Organisation))
		telemetry.Credential(r.Context(), who.ClientID)
		telemetry.Provisioning(r.Context())
		tellShare(w, who.Share)
	}
	caller := provisioning.Caller{
		Organisation: who.Organisation, ClientID: who.ClientID, KeyID: who.KeyID, Trace: telemetry.TraceID(r.Context()), Schemas: who.Schemas,
	}
	if err == nil && who.Paused {
		w.Header().Set("Retry-After", "300")
		err = errPaused
	}
	return caller, err
}
