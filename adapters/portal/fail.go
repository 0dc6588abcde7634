package portal

import (
	"net/http"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/domain/fault"
)

// answer is the whole of our error mapping. The exhaustive linter refuses a new kind that is not named here.
func answer(k fault.Kind) int {
	switch k {
	case fault.Unauthorised:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.NotAllowed:
		return http.StatusMethodNotAllowed
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.Media:
		return http.StatusUnsupportedMediaType
	case fault.Limited:
		return http.StatusTooManyRequests
	case fault.Conflict, fault.Stale:
		return http.StatusConflict
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Syntax, fault.Invalid, fault.Unresolved, fault.Mutability, fault.TooMany, fault.NoTarget, fault.InvalidFilter,
		fault.InvalidPath, fault.InvalidCursor, fault.ExpiredCursor, fault.InvalidCount, fault.Unsupported:
		return http.StatusBadRequest
	case fault.Internal:
	}
	return http.StatusInternalServerError
}

// failure is what the page of a fault says.
type failure struct {
	Heading, Text string
	Incident      string // the trace id, for us
	Link, Act     string // where to go on, and what that is called
}

// Fail renders err as a page. A fault of our own shows an incident number and nothing else: neither store nor session nor
// the page's own template is asked.
func (p *Portal) Fail(w http.ResponseWriter, r *http.Request, err error) {
	p.setHeaders(w.Header())
	f := fault.Of(err)
	status := answer(f.Kind)
	if f.Kind == fault.Unauthorised {
		p.failStranger(w, r)
		return
	}
	v, bare := Visit{}, true
	if status == http.StatusNotFound || status == http.StatusMethodNotAllowed {
		var ended error
		if v, ended = p.visit(r); isEnded(ended) { // what there is and is not, only members learn
			p.failStranger(w, r)
			return
		}
		bare = !v.signedIn()
	}
	shown := failure{Link: "/", Act: "Go to Home"}
	switch {
	case status == http.StatusNotFound:
		shown.Heading, shown.Text = "There is nothing here", "The address may be mistyped, what it showed may be gone, or you may lack the permission to see it. An Organisation Lead can give you permissions."
	case status == http.StatusMethodNotAllowed:
		shown.Heading, shown.Text = "That is not possible here", "This address cannot be used in this way. Go back and use the page's own buttons."
	case status == http.StatusForbidden:
		shown.Heading, shown.Text = "Nothing was done", "This form was not sent from our own page. Open the page again and repeat what you did."
	case status == http.StatusTooManyRequests:
		shown.Heading, shown.Text = "Too many tries", "Wait 30 seconds, then try again."
		w.Header().Set("Retry-After", "30")
	case status == http.StatusConflict:
		shown.Heading, shown.Text = "Somebody else was quicker", "What you saw has changed meanwhile. Open the page again: it shows what is there now."
	case status == http.StatusServiceUnavailable:
		telemetry.Failure(r.Context(), err)
		shown.Heading, shown.Text = "We cannot reach our data", "It is our fault and passes. Entra keeps your changes and sends them again. You are still signed in."
		shown.Incident, shown.Link, shown.Act = telemetry.TraceID(r.Context()), "", ""
		w.Header().Set("Retry-After", "5")
	case status >= http.StatusInternalServerError:
		telemetry.Failure(r.Context(), err)
		shown.Heading, shown.Text = "Something went wrong on our side", "Nothing that you did is lost on Entra's side. If it happens again, tell us the incident number."
		shown.Incident = telemetry.TraceID(r.Context())
	default:
		shown.Heading, shown.Text = "That could not be read", "Go back and send the form again."
	}
	if status == http.StatusTooManyRequests || bare {
		v = Visit{}
	}
	if err := p.render(w, r, v, status, "failure", page{Title: shown.Heading, Body: shown, Bare: bare}); err != nil {
		telemetry.Failure(r.Context(), err)
		http.Error(w, "this is our fault", http.StatusInternalServerError)
	}
}

// failStranger sends whoever is not signed in to sign in. A form that was sent is not repeated there: the page says that
// nothing was saved.
func (p *Portal) failStranger(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("HX-Request") != "":
		w.Header().Set("HX-Redirect", "/sign-in")
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		redirect(w, r, signInAddress(r))
	default:
		shown := failure{"You were signed out", "You were signed out after 30 minutes. Nothing was saved.", "", "/sign-in", "Sign in"}
		if rendered := p.render(w, r, Visit{}, http.StatusUnauthorized, "failure", page{Title: shown.Heading, Body: shown, Bare: true}); rendered != nil {
			telemetry.Failure(r.Context(), rendered)
			http.Error(w, "sign in again", http.StatusUnauthorized)
		}
	}
}
