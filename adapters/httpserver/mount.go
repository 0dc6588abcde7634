package httpserver

import (
	"cmp"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/domain/fault"
)

// Mount is the place of one adapter among the addresses.
type Mount struct {
	// Prefix owns itself and what is below it, such as /scim/v2. "/" owns what no other mount does.
	Prefix string
	// Register adds the adapter's routes to a router that has taken Prefix off.
	Register func(*mux.Router)
	// Fail answers err in the adapter's form, by the kind of fault.Of(err). The server calls it where no route is
	// reached: NotFound, NotAllowed (Allow is set), Syntax, TooLarge, Media, Unavailable and Internal.
	Fail func(w http.ResponseWriter, r *http.Request, err error)
	// MaxBody is the size in bytes of the largest body that is read; 0: none is.
	MaxBody int64
	// Compress sends large answers in gzip.
	Compress bool
}

// mounted is a Mount with the router that holds its routes. Each has a router of its own, so that no route of one can
// answer for another's address.
type mounted struct {
	Mount
	routes http.Handler
}

// mounts are sorted: the longest prefix first, "/" last. There always is one of "/": if no adapter has it, it has no
// routes and answers in plain text.
type mounts []mounted

func mountAll(given []Mount) (mounts, error) {
	var all mounts
	seen := map[string]bool{}
	for _, m := range given {
		switch {
		case m.Prefix != "/" && (!strings.HasPrefix(m.Prefix, "/") || m.Prefix != path.Clean(m.Prefix)):
			return nil, fmt.Errorf("mount %q: a prefix is / or such as /scim/v2", m.Prefix)
		case seen[m.Prefix]:
			return nil, fmt.Errorf("mount %s: two mounts have this prefix", m.Prefix)
		case m.Register == nil || m.Fail == nil:
			return nil, fmt.Errorf("mount %s: Register and Fail are needed", m.Prefix)
		}
		seen[m.Prefix] = true
		routes := routesOf(m)
		if m.Compress {
			var err error
			if routes, err = compressed(routes); err != nil {
				return nil, err
			}
		}
		all = append(all, mounted{m, routes})
	}
	if !seen["/"] {
		nobody := Mount{Prefix: "/", Register: func(*mux.Router) {}, Fail: failPlainly}
		all = append(all, mounted{nobody, routesOf(nobody)})
	}
	slices.SortFunc(all, func(a, b mounted) int { return cmp.Compare(len(b.Prefix), len(a.Prefix)) })
	return all, nil
}

func routesOf(m Mount) http.Handler {
	// Without SkipClean mux answers an unclean path by 301, on which clients turn a POST into a GET.
	router := mux.NewRouter().SkipClean(true)
	router.Use(telemetry.Route)
	// In a subrouter, mux 1.8.1 forgets that only the method was wrong as soon as it has looked at the next route, so
	// that which of the two it is has to be found out here.
	unmatched := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		possible := methodsAt(router, r)
		if possible == "" {
			m.fail(w, r, fault.New(fault.NotFound, "there is nothing at this address"))
			return
		}
		w.Header().Set("Allow", possible)
		m.fail(w, r, fault.New(fault.NotAllowed, "%s is not possible here; possible: %s", r.Method, possible))
	})
	router.NotFoundHandler, router.MethodNotAllowedHandler = unmatched, unmatched
	if m.Prefix == "/" {
		m.Register(router)
	} else {
		m.Register(router.PathPrefix(m.Prefix).Subrouter())
	}
	return router
}

// ServeHTTP hands r to the routes of the mount that owns its path.
func (ms mounts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ms.owner(r).routes.ServeHTTP(w, r)
}

// owner finds the mount that r's path belongs to. It reads the path cleaned, so that an unclean one is refused in the
// form of whom it was meant for.
func (ms mounts) owner(r *http.Request) mounted {
	cleaned := path.Clean("/" + r.URL.Path)
	for _, m := range ms {
		if cleaned == m.Prefix || strings.HasPrefix(cleaned, m.Prefix+"/") {
			return m
		}
	}
	return ms[len(ms)-1] // that of "/"
}

func (ms mounts) fail(w http.ResponseWriter, r *http.Request, err error) { ms.owner(r).fail(w, r, err) }

func (m Mount) fail(w http.ResponseWriter, r *http.Request, err error) {
	telemetry.Failure(r.Context(), err)
	m.Fail(w, r, err)
}

// failPlainly answers where no protocol has a form to offer.
func failPlainly(w http.ResponseWriter, r *http.Request, err error) {
	status, detail := plainStatus(err)
	text := detail + "\n"
	if trace := telemetry.TraceID(r.Context()); trace != "" {
		text += "trace id: " + trace + "\n"
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // a caller who is gone cannot be told
}

func plainStatus(err error) (status int, detail string) {
	f := fault.Of(err)
	status, known := plainStatuses[f.Kind]
	if !known {
		return http.StatusInternalServerError, "this is our fault; tell us the trace id and we find out what happened"
	}
	return status, cmp.Or(f.Detail, f.Kind.Error())
}

// plainStatuses has the kinds that Mount.Fail names; any other is our own fault here.
var plainStatuses = map[fault.Kind]int{ //nolint:exhaustive // see above
	fault.NotFound: http.StatusNotFound, fault.NotAllowed: http.StatusMethodNotAllowed, fault.Syntax: http.StatusBadRequest,
	fault.TooLarge: http.StatusRequestEntityTooLarge, fault.Media: http.StatusUnsupportedMediaType,
	fault.Unavailable: http.StatusServiceUnavailable,
}

// methodsAt lists, for Allow, the methods that the router has a route for at r's path.
func methodsAt(router *mux.Router, r *http.Request) string {
	var possible []string
	for _, method := range []string{
		http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPatch, http.MethodPost, http.MethodPut,
	} {
		asked := *r
		asked.Method = method
		if match := (mux.RouteMatch{}); router.Match(&asked, &match) && match.MatchErr == nil {
			possible = append(possible, method)
		}
	}
	return strings.Join(possible, ", ")
}
