package portal

import (
	"errors"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/application/signin"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// signInRoutes are open to strangers.
func (p *Portal) signInRoutes() []route {
	return []route{
		{http.MethodGet, "/sign-in", nil, p.askSignIn},
		{http.MethodPost, "/sign-in", nil, p.signIn},
		{http.MethodGet, "/sign-in/code", nil, p.askCode},
		{http.MethodPost, "/sign-in/code", nil, p.code},
		{http.MethodPost, "/sign-out", nil, p.signOut},
		{http.MethodGet, "/forgotten", nil, p.askForgotten},
		{http.MethodPost, "/forgotten", nil, p.forgotten},
		{http.MethodGet, "/link/{token}", nil, p.askLink},
		{http.MethodPost, "/link/{token}", nil, p.useLink},
	}
}

// signingIn is the content of the page to sign in.
type signingIn struct {
	Email, Next string
	Choices     []signin.Choice // the organisations that fit, if there are several
}

func (p *Portal) askSignIn(w http.ResponseWriter, r *http.Request, v Visit) error {
	next := ownPath(r.URL.Query().Get("next"))
	if v.signedIn() {
		redirect(w, r, next)
		return nil
	}
	return p.renderSignIn(w, r, http.StatusOK, signingIn{Next: next}, nil)
}

func (p *Portal) renderSignIn(w http.ResponseWriter, r *http.Request, status int, s signingIn, wrong []fieldError) error {
	return p.render(w, r, Visit{}, status, "access_signin", page{Title: "Sign in", Errors: wrong, Body: s, Bare: true})
}

func (p *Portal) signIn(w http.ResponseWriter, r *http.Request, _ Visit) error {
	shown := signingIn{Email: r.PostFormValue("email"), Next: ownPath(r.PostFormValue("next"))}
	in := organisation.ID(r.PostFormValue("organisation"))
	o, err := p.options.SignIn.SignIn(r.Context(), browserOf(r), shown.Email, r.PostFormValue("password"), in)
	switch {
	case errors.Is(err, fault.Unauthorised):
		return p.renderSignIn(w, r, http.StatusUnprocessableEntity, shown, []fieldError{{"email", fault.Of(err).Detail}})
	case errors.Is(err, fault.Limited):
		w.Header().Set("Retry-After", "30")
		return p.renderSignIn(w, r, http.StatusTooManyRequests, shown, []fieldError{{"email", fault.Of(err).Detail}})
	case err != nil:
		return err
	case len(o.Choices) > 0:
		shown.Choices = o.Choices
		return p.renderSignIn(w, r, http.StatusUnprocessableEntity, shown, nil)
	}
	p.enter(w, r, o, shown.Next)
	return nil
}

// enter gives the browser its new session, and leads on.
func (p *Portal) enter(w http.ResponseWriter, r *http.Request, o signin.Outcome, next string) {
	if o.Half {
		p.setCookie(w, "half", o.Cookie, 10*time.Minute)
		p.setCookie(w, "next", next, 10*time.Minute)
		redirect(w, r, "/sign-in/code")
		return
	}
	p.setCookie(w, "sid", o.Cookie, 0)
	redirect(w, r, next)
}

func (p *Portal) askCode(w http.ResponseWriter, r *http.Request, _ Visit) error {
	if p.cookie(r, "half") == "" {
		redirect(w, r, "/sign-in")
		return nil
	}
	return p.renderCode(w, r, http.StatusOK, nil)
}

func (p *Portal) renderCode(w http.ResponseWriter, r *http.Request, status int, wrong []fieldError) error {
	return p.render(w, r, Visit{}, status, "access_code", page{Title: "Enter your code", Errors: wrong, Bare: true})
}

func (p *Portal) code(w http.ResponseWriter, r *http.Request, _ Visit) error {
	half := p.cookie(r, "half")
	if half == "" {
		redirect(w, r, "/sign-in")
		return nil
	}
	whole, err := p.options.SignIn.Code(r.Context(), browserOf(r), half, r.PostFormValue("code"))
	if errors.Is(err, fault.Unauthorised) {
		p.flash(w, "Too much time has passed. Sign in again.")
		redirect(w, r, "/sign-in")
		return nil
	}
	if wrong, ok := wrongs(err); ok {
		return p.renderCode(w, r, http.StatusUnprocessableEntity, []fieldError{{"code", wrong[0].Text}})
	}
	if err != nil {
		return err
	}
	next := ownPath(p.cookie(r, "next"))
	p.setCookie(w, "half", "", -time.Second)
	p.setCookie(w, "next", "", -time.Second)
	p.enter(w, r, signin.Outcome{Cookie: whole}, next)
	return nil
}

func (p *Portal) signOut(w http.ResponseWriter, r *http.Request, _ Visit) error {
	if cookie := p.cookie(r, "sid"); cookie != "" {
		if err := p.options.SignIn.SignOut(r.Context(), cookie); err != nil {
			return err
		}
	}
	p.setCookie(w, "sid", "", -time.Second)
	p.flash(w, "You are signed out.")
	redirect(w, r, "/sign-in")
	return nil
}

func (p *Portal) askForgotten(w http.ResponseWriter, r *http.Request, _ Visit) error {
	return p.render(w, r, Visit{}, http.StatusOK, "access_forgotten", page{Title: "Forgotten your password?", Body: "", Bare: true})
}

func (p *Portal) forgotten(w http.ResponseWriter, r *http.Request, _ Visit) error {
	err := p.options.SignIn.Forgotten(r.Context(), browserOf(r), r.PostFormValue("email"))
	if wrong, ok := wrongs(err); ok {
		return p.render(w, r, Visit{}, http.StatusTooManyRequests, "access_forgotten", page{Title: "Forgotten your password?", Errors: wrong, Body: r.PostFormValue("email"), Bare: true})
	}
	if err != nil {
		return err
	}
	p.flash(w, "If that address has an account, a link is on its way to it. It works for an hour.")
	redirect(w, r, "/sign-in")
	return nil
}

// opened is the content of the page that a one-time link leads to.
type opened struct {
	signin.Opened
	Name string
}

// Purpose says what the link is for.
func (o opened) Purpose() string {
	switch o.Link.Purpose {
	case access.Invitation:
		return "Join " + o.Organisation.Snapshot().Name
	case access.Reset:
		return "Choose a new password"
	case access.Entrance:
	}
	return "Sign in to " + o.Organisation.Snapshot().Name
}

func (p *Portal) askLink(w http.ResponseWriter, r *http.Request, _ Visit) error {
	found, err := p.options.SignIn.Link(r.Context(), mux.Vars(r)["token"])
	if errors.Is(err, fault.NotFound) {
		return p.deadLink(w, r, http.StatusNotFound, "This link opens nothing", "It may be incomplete: copy all of it. A newer link takes the place of an older one.")
	}
	if err != nil {
		return err
	}
	return p.renderLink(w, r, http.StatusOK, opened{Opened: found, Name: found.Member.Snapshot().Name}, nil)
}

func (p *Portal) renderLink(w http.ResponseWriter, r *http.Request, status int, o opened, wrong []fieldError) error {
	if !o.Works {
		text := "Its time is over. Ask for a new one."
		if !o.Link.Used.IsZero() {
			text = "It was used already. If that was you, sign in with the password that you chose."
		}
		return p.deadLink(w, r, http.StatusGone, "This link does not work any more", text)
	}
	return p.render(w, r, Visit{}, status, "access_link", page{Title: o.Purpose(), Errors: wrong, Body: o, Bare: true})
}

func (p *Portal) deadLink(w http.ResponseWriter, r *http.Request, status int, heading, text string) error {
	shown := failure{Heading: heading, Text: text, Link: "/forgotten", Act: "Ask for a new link"}
	return p.render(w, r, Visit{}, status, "failure", page{Title: heading, Body: shown, Bare: true})
}

func (p *Portal) useLink(w http.ResponseWriter, r *http.Request, v Visit) error {
	name := r.PostFormValue("name")
	o, err := p.options.SignIn.UseLink(r.Context(), browserOf(r), mux.Vars(r)["token"], name, r.PostFormValue("password"))
	if errors.Is(err, fault.NotFound) || errors.Is(err, fault.Conflict) {
		return p.askLink(w, r, v)
	}
	if wrong, ok := wrongs(err); ok {
		found, err := p.options.SignIn.Link(r.Context(), mux.Vars(r)["token"])
		if err != nil {
			return err
		}
		return p.renderLink(w, r, http.StatusUnprocessableEntity, opened{found, name}, wrong)
	}
	if err != nil {
		return err
	}
	p.enter(w, r, o, "/account/second-step") // which is offered once, and leads on for who has one
	return nil
}
