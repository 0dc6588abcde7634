// Package portal serves the Customer Portal: the pages on which an organisation's own people connect Microsoft Entra and
// see that it works.
//
// A page is a GET whose address holds its whole state, an act is a form POST that answers 303; without JavaScript
// everything works. A route says which permission it needs, and there is one place that asks for it (routes.go).
package portal

import (
	"context"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/application/credentials"
	"github.com/extraordinary/provisioning/application/members"
	"github.com/extraordinary/provisioning/application/people"
	"github.com/extraordinary/provisioning/application/settings"
	"github.com/extraordinary/provisioning/application/signin"
	"github.com/extraordinary/provisioning/application/traffic"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// Prefix is where the portal is mounted: at all that belongs to nobody else.
const Prefix = "/"

// MaxBody is the size in bytes of the largest form.
const MaxBody = 64 << 10

// Options are what the portal is built upon.
type Options struct {
	PublicURL string // where browsers find the server
	// Visit finds who has the cookie. With touch the visit counts as activity. Faults: Unauthorised; Unavailable.
	Visit func(ctx context.Context, cookie string, touch bool) (Visit, error)
	// Confirm checks the visitor's own password, and notes that it was shown. Faults: Unauthorised, Limited, Unavailable.
	Confirm func(ctx context.Context, v Visit, from, password string) error
	// MemberName is what a member of an organisation is called, former ones too.
	MemberName  func(ctx context.Context, org organisation.ID, id string) (string, error)
	Credentials *credentials.Service
	SignIn      *signin.Service
	Members     *members.Service
	Settings    *settings.Service
	Traffic     *traffic.Service
	People      *people.Service
	Mailed      bool // mails reach people; else an invitation's page shows its link
	Now         func() time.Time
}

// Visit is who looks at a page, and in which organisation.
type Visit struct {
	Organisation     organisation.ID
	OrganisationName string
	Zone             *time.Location
	TokenLife        time.Duration // of the organisation
	MemberID         string
	Name, Email      string // the member's
	Roles            []access.Role
	Ends             time.Time // when the session ends unless something is done
	Confirmed        time.Time // when the visitor last showed a password
	MustSetUp        bool      // a second step, before anything else
	visitor          signin.Visitor
}

// May reports whether the visitor has one of the permissions.
func (v Visit) May(needs ...access.Permission) bool {
	for _, p := range needs {
		if access.Allows(v.Roles, p) {
			return true
		}
	}
	return false
}

// signedIn reports whether v is anybody's.
func (v Visit) signedIn() bool { return v.Organisation != "" }

// Portal is the portal.
type Portal struct {
	options   Options
	secure    bool
	origin    *http.CrossOriginProtection
	templates map[string]*template.Template
	static    static
}

// New makes the portal. It fails if a template cannot be read.
func New(o Options) (*Portal, error) {
	p := &Portal{options: o, secure: strings.HasPrefix(o.PublicURL, "https://"), origin: http.NewCrossOriginProtection()}
	var err error
	if p.static, err = readStatic(); err != nil {
		return nil, err
	}
	if p.templates, err = p.readTemplates(); err != nil {
		return nil, err
	}
	return p, nil
}

// Register mounts the pages.
func (p *Portal) Register(router *mux.Router) {
	for path, methods := range p.byPath() {
		router.Handle(path, p.page(methods))
	}
	router.PathPrefix(staticPrefix).Handler(p.static)
}
