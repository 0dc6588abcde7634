package portal

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/extraordinary/provisioning/domain/fault"
)

// isEnded reports whether err says that nobody is signed in.
func isEnded(err error) bool { return errors.Is(err, fault.Unauthorised) }

// errStranger is the fault of a request without a session.
var errStranger = fault.New(fault.Unauthorised, "sign in first")

// cookie is what a cookie holds; empty: there is none.
func (p *Portal) cookie(r *http.Request, name string) string {
	cookie, err := r.Cookie(p.prefixed(name))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// prefixed is the whole name of a cookie. Where the public address is https, the prefix keeps anybody but this host from
// setting it.
func (p *Portal) prefixed(name string) string {
	if p.secure {
		return "__Host-" + name
	}
	return name
}

// setCookie gives the browser a cookie that no script reads and no other site's form carries. Without an age it ends with
// the browser; a negative age takes it away.
func (p *Portal) setCookie(w http.ResponseWriter, name, value string, age time.Duration) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure where the address is https: over http no browser would send it back
		Name: p.prefixed(name), Value: value, Path: "/", MaxAge: int(age / time.Second),
		Secure: p.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// visit finds who sends r. What a script asks for by itself, to keep a page up to date, is no activity of a person's.
func (p *Portal) visit(r *http.Request) (Visit, error) {
	cookie := p.cookie(r, "sid")
	if cookie == "" {
		return Visit{}, errStranger
	}
	v, err := p.options.Visit(r.Context(), cookie, r.Header.Get("HX-Trigger-Name") != "tick" && r.URL.Query().Get("tick") == "")
	if err != nil {
		return Visit{}, err
	}
	noteVisit(r, v)
	return v, nil
}

// signInAddress is where a stranger is sent from r, and comes back from.
func signInAddress(r *http.Request) string {
	if r.URL.Path == "/" && r.URL.RawQuery == "" {
		return "/sign-in"
	}
	return "/sign-in?next=" + url.QueryEscape(r.URL.RequestURI())
}

// ownPath gives next if it is an address of ours, else the portal's first page. Nobody is sent to another site after
// signing in: browsers read \ as /, and // as the beginning of a host.
func ownPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}

// flash keeps a message for the next page.
func (p *Portal) flash(w http.ResponseWriter, text string) {
	p.setCookie(w, "flash", base64.RawURLEncoding.EncodeToString([]byte(text)), time.Minute)
}

// takeFlash gives the message that was kept, once.
func (p *Portal) takeFlash(w http.ResponseWriter, r *http.Request) string {
	kept := p.cookie(r, "flash")
	if kept == "" {
		return ""
	}
	p.setCookie(w, "flash", "", -time.Second)
	text, err := base64.RawURLEncoding.DecodeString(kept)
	if err != nil || len(text) > 500 {
		return ""
	}
	return string(text)
}
