package portal

import (
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/gorilla/mux"
	"rsc.io/qr"

	"github.com/extraordinary/provisioning/application/signin"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/fault"
)

// accountRoutes are everybody's own.
func (p *Portal) accountRoutes() []route {
	return []route{
		{http.MethodGet, "/account", anybody, p.account},
		{http.MethodPost, "/account/name", anybody, p.rename},
		{http.MethodPost, "/account/password", anybody, p.changePassword},
		{http.MethodGet, "/account/second-step", anybody, p.askSecondStep},
		{http.MethodPost, "/account/second-step", anybody, p.switchOn},
		{http.MethodPost, "/account/second-step/off", anybody, p.switchOff},
		{http.MethodPost, "/account/sessions/{id}/end", anybody, p.endSession},
		{http.MethodPost, "/account/sessions/end-others", anybody, p.endOthers},
	}
}

// account is the content of the visitor's own page.
type account struct {
	Name, Email string
	Roles       []string
	SecondStep  bool
	Recovery    int // codes that are left
	Required    bool
	Sessions    []accountSession
}

type accountSession struct {
	access.Session
	This bool
}

func (p *Portal) accountOf(r *http.Request, v Visit) (account, error) {
	a := account{Name: v.Name, Email: v.Email}
	for _, role := range v.Roles {
		a.Roles = append(a.Roles, role.Name())
	}
	if v.visitor.Member == nil {
		return a, nil
	}
	a.SecondStep, a.Recovery = v.visitor.Member.HasSecondStep(), len(v.visitor.Member.Snapshot().Second.Recovery)
	a.Required = v.visitor.Organisation.Snapshot().SecondStep
	live, err := p.options.SignIn.Sessions(r.Context(), v.visitor)
	for _, s := range live {
		a.Sessions = append(a.Sessions, accountSession{s, s.Digest == v.visitor.Session.Digest})
	}
	return a, err
}

func (p *Portal) account(w http.ResponseWriter, r *http.Request, v Visit) error {
	return p.renderAccount(w, r, v, http.StatusOK, nil)
}

func (p *Portal) renderAccount(w http.ResponseWriter, r *http.Request, v Visit, status int, wrong []fieldError) error {
	a, err := p.accountOf(r, v)
	if err != nil {
		return err
	}
	return p.render(w, r, v, status, "access_account", page{Title: "Your account", Section: "/account", Errors: wrong, Body: a})
}

// done answers an act on the visitor's own account: what was wrong, or a message.
func (p *Portal) done(w http.ResponseWriter, r *http.Request, v Visit, err error, message string) error {
	if wrong, ok := wrongs(err); ok {
		return p.renderAccount(w, r, v, http.StatusUnprocessableEntity, wrong)
	}
	if err != nil {
		return err
	}
	p.flash(w, message)
	redirect(w, r, "/account")
	return nil
}

func (p *Portal) rename(w http.ResponseWriter, r *http.Request, v Visit) error {
	return p.done(w, r, v, p.options.SignIn.Rename(r.Context(), v.visitor, r.PostFormValue("name")), "Your name is saved.")
}

func (p *Portal) changePassword(w http.ResponseWriter, r *http.Request, v Visit) error {
	if ok, err := p.confirmed(w, r, v, "Change the password"); !ok || err != nil {
		return err
	}
	return p.done(w, r, v, p.options.SignIn.ChangePassword(r.Context(), v.visitor, r.PostFormValue("password")),
		"Your password is changed, and all other browsers are signed out.")
}

// settingUp is the content of the page on which a second step is set up.
type settingUp struct {
	signin.Setup
	Picture  template.HTML
	Required bool
	Recovery []string // shown once
}

// Groups writes the key in groups of four, as people type it.
func (s settingUp) Groups() string {
	var b strings.Builder
	for i, c := range s.Secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// AsText are the recovery codes, one a line.
func (s settingUp) AsText() string { return strings.Join(s.Recovery, "\n") + "\n" }

// Download is the same as a link that saves it.
func (s settingUp) Download() template.URL { return textFile(s.AsText()) }

func (p *Portal) askSecondStep(w http.ResponseWriter, r *http.Request, v Visit) error {
	if v.visitor.Member == nil || v.visitor.Member.HasSecondStep() {
		redirect(w, r, "/account")
		return nil
	}
	return p.renderSecondStep(w, r, v, http.StatusOK, nil)
}

func (p *Portal) renderSecondStep(w http.ResponseWriter, r *http.Request, v Visit, status int, wrong []fieldError) error {
	setup, err := p.options.SignIn.SetUp(r.Context(), v.visitor)
	if err != nil {
		return err
	}
	picture, err := drawn(setup.Address)
	if err != nil {
		return err
	}
	return p.render(w, r, v, status, "access_second", page{Title: "Set up a second step", Section: "/account", Errors: wrong, Body: settingUp{Setup: setup, Picture: picture, Required: v.MustSetUp}})
}

func (p *Portal) switchOn(w http.ResponseWriter, r *http.Request, v Visit) error {
	if v.visitor.Member == nil || v.visitor.Member.HasSecondStep() {
		redirect(w, r, "/account")
		return nil
	}
	recovery, err := p.options.SignIn.SwitchOn(r.Context(), v.visitor, r.PostFormValue("code"))
	if wrong, ok := wrongs(err); ok {
		return p.renderSecondStep(w, r, v, http.StatusUnprocessableEntity, wrong)
	}
	if err != nil {
		return err
	}
	return p.render(w, r, v, http.StatusOK, "access_second", page{Title: "Your recovery codes", Section: "/account", Body: settingUp{Recovery: recovery}})
}

func (p *Portal) switchOff(w http.ResponseWriter, r *http.Request, v Visit) error {
	if ok, err := p.confirmed(w, r, v, "Switch the second step off"); !ok || err != nil {
		return err
	}
	return p.done(w, r, v, p.options.SignIn.SwitchOff(r.Context(), v.visitor), "The second step is off.")
}

func (p *Portal) endSession(w http.ResponseWriter, r *http.Request, v Visit) error {
	return p.done(w, r, v, p.options.SignIn.EndSession(r.Context(), v.visitor, mux.Vars(r)["id"]), "That browser is signed out.")
}

func (p *Portal) endOthers(w http.ResponseWriter, r *http.Request, v Visit) error {
	return p.done(w, r, v, p.options.SignIn.EndOthers(r.Context(), v.visitor), "All other browsers are signed out.")
}

// drawn makes a picture that an authenticator reads: one path of squares, its geometry in attributes.
func drawn(text string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fault.Wrap(fault.Internal, err)
	}
	var b strings.Builder
	size := strconv.Itoa(code.Size + 4)
	b.WriteString(`<svg class="qr" role="img" aria-label="Picture for your authenticator" viewBox="-2 -2 ` + size + " " + size + `" shape-rendering="crispEdges"><path fill="#000000" d="`)
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				b.WriteString("M" + strconv.Itoa(x) + " " + strconv.Itoa(y) + "h1v1h-1z")
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return template.HTML(b.String()), nil //nolint:gosec // figures alone
}
