package portal

import (
	"net/http"
	"slices"
	"strings"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/ports"
)

// route is one page or one act.
type route struct {
	method, path string
	needs        []access.Permission // one of them; none: it is open to strangers
	serve        handler
}

// handler serves a request of a visitor, who is nobody where the route is open to strangers and a stranger came. It
// returns its fault instead of rendering it.
type handler func(w http.ResponseWriter, r *http.Request, v Visit) error

// needs says that a visitor must have one of these.
func needs(p ...access.Permission) []access.Permission { return p }

// anybody who is signed in.
var anybody = needs(access.Portal)

// routes are all addresses of the portal but for the static files.
func (p *Portal) routes() []route {
	return slices.Concat(
		p.shellRoutes(),
		p.signInRoutes(),
		p.accountRoutes(),
		p.teamRoutes(),
		p.organisationRoutes(),
		p.scimRoutes(),
		p.logRoutes(),
		p.homeRoutes(),
		p.peopleRoutes(), p.judgeRoutes(),
		p.activityRoutes(),
	)
}

// byPath gives the routes of each path by their methods.
func (p *Portal) byPath() map[string]map[string]route {
	paths := map[string]map[string]route{}
	for _, r := range p.routes() {
		if paths[r.path] == nil {
			paths[r.path] = map[string]route{}
		}
		paths[r.path][r.method] = r
	}
	return paths
}

// page serves the routes of one path. Whoever may not use it learns nothing of it: a stranger is sent to sign in, as
// from any address, and a member without the permission sees the page of an unknown address.
func (p *Portal) page(methods map[string]route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.setHeaders(w.Header())
		if from := addressOf(r.RemoteAddr); from.IsValid() {
			r = r.WithContext(ports.WithAddress(r.Context(), from.String()))
		}
		if err := p.open(w, r, methods); err != nil {
			p.Fail(w, r, err)
		}
	})
}

func (p *Portal) open(w http.ResponseWriter, r *http.Request, methods map[string]route) error {
	if err := p.sameOrigin(r); err != nil {
		return err
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	found, known := methods[method]
	if known && found.needs == nil {
		v, err := p.visit(r)
		if err != nil && !isEnded(err) { // a stranger may see it, and somebody whose session has ended is one
			return err
		}
		return found.serve(w, r, v)
	}
	v, err := p.visit(r)
	if err != nil {
		return err
	}
	if v.MustSetUp && !strings.HasPrefix(r.URL.Path, "/account/second-step") {
		redirect(w, r, "/account/second-step")
		return nil
	}
	possible := p.possible(methods, v)
	switch {
	case possible == "":
		return errNowhere
	case !known:
		w.Header().Set("Allow", possible)
		return fault.New(fault.NotAllowed, "%s is not possible here", r.Method)
	case !v.May(found.needs...):
		return errNowhere
	}
	return found.serve(w, r, v)
}

// possible lists, for Allow, the methods that v may use.
func (p *Portal) possible(methods map[string]route, v Visit) string {
	var names []string
	for method, r := range methods {
		if r.needs == nil || v.May(r.needs...) {
			names = append(names, method)
			if method == http.MethodGet {
				names = append(names, http.MethodHead)
			}
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// errNowhere is the fault of an address that the visitor knows nothing of.
var errNowhere = fault.New(fault.NotFound, "there is nothing at this address")

// sameOrigin refuses acts that another site's page makes a browser do. What says neither where it comes from nor that it
// is of this origin is no form of ours.
func (p *Portal) sameOrigin(r *http.Request) error {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	if p.origin.Check(r) != nil || r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
		return errForeign
	}
	return nil
}

var errForeign = fault.New(fault.Forbidden, "this form was sent from another site")

// shellRoutes are the addresses that belong to no part.
func (p *Portal) shellRoutes() []route {
	return []route{
		{http.MethodGet, "/settings", needs(access.StaffManagement, access.ManageIntegrations), p.settings},
	}
}

// settings leads to the first tab that is open to the visitor.
func (p *Portal) settings(w http.ResponseWriter, r *http.Request, v Visit) error {
	for _, tab := range settingsTabs {
		if v.May(tab.needs...) {
			redirect(w, r, tab.Path)
			return nil
		}
	}
	return errNowhere
}

// setHeaders says what a browser may do with a page: run our own script, and nothing else.
func (p *Portal) setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", contentSecurityPolicy)
	// Not no-referrer: with it browsers send "Origin: null", and our own forms would be refused.
	h.Set("Referrer-Policy", "same-origin")
}

const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default"

// redirect answers 303: the browser goes there by GET. path is of our own making.
func redirect(w http.ResponseWriter, r *http.Request, path string) {
	if r.Header.Get("HX-Request") != "" {
		w.Header().Set("HX-Location", path)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Location", path)
	w.WriteHeader(http.StatusSeeOther)
}

// noteVisit writes who looks into the request's line in the log and its span.
func noteVisit(r *http.Request, v Visit) { telemetry.Organisation(r.Context(), string(v.Organisation)) }
