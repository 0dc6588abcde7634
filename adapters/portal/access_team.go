package portal

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/application/members"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/fault"
)

// teamRoutes are Settings > Team.
func (p *Portal) teamRoutes() []route {
	staff := needs(access.StaffManagement)
	return []route{
		{http.MethodGet, "/settings/team", staff, p.team},
		{http.MethodPost, "/settings/team", staff, p.invite},
		{http.MethodGet, "/settings/team/{id}", staff, p.teamMember},
		{http.MethodPost, "/settings/team/{id}/roles", staff, p.setRoles},
		{http.MethodPost, "/settings/team/{id}/resend", staff, p.resend},
		{http.MethodPost, "/settings/team/{id}/reset", staff, p.resetMember},
		{http.MethodPost, "/settings/team/{id}/second-step", staff, p.dropSecondStep},
		{http.MethodPost, "/settings/team/{id}/remove", staff, p.removeMember},
	}
}

// team is the content of the page of all members.
type team struct {
	Members []teamMember
	Emails  string // of the form
	Roles   []access.Role
	Invited []members.Invited // just now, with the links that they need; empty if these were mailed
}

// teamMember is one of them.
type teamMember struct {
	access.Snapshot
	State      badge
	SecondStep bool
	You        bool
}

// RoleNames are the member's roles as people read them.
func (m teamMember) RoleNames() string {
	names := make([]string, len(m.Roles))
	for i, r := range m.Roles {
		names[i] = r.Name()
	}
	return strings.Join(names, ", ")
}

func teamMemberOf(m *access.Member, v Visit) teamMember {
	t := teamMember{Snapshot: m.Snapshot(), SecondStep: m.HasSecondStep(), You: m.ID() == v.MemberID, State: badge{"good", "Active"}}
	if !m.Joined() {
		t.State = badge{"info", "Invited"}
	}
	return t
}

// RoleChoices are all roles, for forms.
func (v view) RoleChoices() []access.Role { return access.Roles }

// Has reports whether roles hold one.
func (v view) Has(roles []access.Role, r access.Role) bool { return slices.Contains(roles, r) }

func (p *Portal) team(w http.ResponseWriter, r *http.Request, v Visit) error {
	return p.renderTeam(w, r, v, http.StatusOK, team{}, nil)
}

func (p *Portal) renderTeam(w http.ResponseWriter, r *http.Request, v Visit, status int, t team, wrong []fieldError) error {
	all, err := p.options.Members.List(r.Context(), v.Organisation)
	if err != nil {
		return err
	}
	for _, m := range all {
		t.Members = append(t.Members, teamMemberOf(m, v))
	}
	return p.render(w, r, v, status, "access_team", page{Title: "Team", Section: "/settings", Tab: "/settings/team", Errors: wrong, Body: t})
}

func rolesOf(r *http.Request) (roles []access.Role) {
	for _, text := range r.PostForm["roles"] {
		roles = append(roles, access.Role(text))
	}
	return roles
}

func (v Visit) by() members.By {
	return members.By{Organisation: v.Organisation, MemberID: v.MemberID}
}

func (p *Portal) invite(w http.ResponseWriter, r *http.Request, v Visit) error {
	if ok, err := p.confirmed(w, r, v, "Send the invitations"); !ok || err != nil {
		return err
	}
	t := team{Emails: r.PostFormValue("emails"), Roles: rolesOf(r)}
	emails := strings.FieldsFunc(t.Emails, func(c rune) bool { return strings.ContainsRune(" ,;\r\n\t", c) })
	invited, err := p.options.Members.Invite(r.Context(), v.by(), emails, t.Roles)
	if wrong, ok := wrongs(err); ok {
		return p.renderTeam(w, r, v, http.StatusUnprocessableEntity, t, wrong)
	}
	if err != nil {
		return err
	}
	return p.invited(w, r, v, invited)
}

// invited tells that invitations are on their way; where no mail reaches people, it shows the links, once.
func (p *Portal) invited(w http.ResponseWriter, r *http.Request, v Visit, invited []members.Invited) error {
	if p.options.Mailed {
		p.flash(w, plural(len(invited), "invitation is", "invitations are")+" on the way.")
		redirect(w, r, "/settings/team")
		return nil
	}
	return p.renderTeam(w, r, v, http.StatusOK, team{Invited: invited}, nil)
}

func (p *Portal) teamMember(w http.ResponseWriter, r *http.Request, v Visit) error {
	return p.renderMember(w, r, v, http.StatusOK, memberPage{}, nil)
}

// memberPage is the content of one member's page.
type memberPage struct {
	Member teamMember
	Typed  string
	Link   string // that was just made; shown once
}

func (p *Portal) renderMember(w http.ResponseWriter, r *http.Request, v Visit, status int, m memberPage, wrong []fieldError) error {
	found, err := p.options.Members.Get(r.Context(), v.Organisation, mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	m.Member = teamMemberOf(found, v)
	return p.render(w, r, v, status, "access_member", page{Title: m.Member.Name, Section: "/settings", Tab: "/settings/team", Errors: wrong, Body: m})
}

// changed answers an act on a member.
func (p *Portal) changed(w http.ResponseWriter, r *http.Request, v Visit, err error, message string) error {
	if wrong, ok := wrongs(err); ok {
		return p.renderMember(w, r, v, http.StatusUnprocessableEntity, memberPage{}, wrong)
	}
	if err != nil {
		return err
	}
	p.flash(w, message)
	redirect(w, r, "/settings/team")
	return nil
}

func (p *Portal) setRoles(w http.ResponseWriter, r *http.Request, v Visit) error {
	if ok, err := p.confirmed(w, r, v, "Save the roles"); !ok || err != nil {
		return err
	}
	return p.changed(w, r, v, p.options.Members.SetRoles(r.Context(), v.by(), mux.Vars(r)["id"], rolesOf(r)), "The roles are saved. They hold from the next click on.")
}

func (p *Portal) resend(w http.ResponseWriter, r *http.Request, v Visit) error {
	invited, err := p.options.Members.Resend(r.Context(), v.by(), mux.Vars(r)["id"])
	if err != nil {
		return p.changed(w, r, v, err, "")
	}
	return p.invited(w, r, v, []members.Invited{invited})
}

func (p *Portal) resetMember(w http.ResponseWriter, r *http.Request, v Visit) error {
	if ok, err := p.confirmed(w, r, v, "Make a link"); !ok || err != nil {
		return err
	}
	link, err := p.options.Members.ResetLink(r.Context(), v.by(), mux.Vars(r)["id"])
	if err != nil {
		return p.changed(w, r, v, err, "")
	}
	if p.options.Mailed {
		return p.changed(w, r, v, nil, "A link to choose a new password is on its way.")
	}
	return p.renderMember(w, r, v, http.StatusOK, memberPage{Link: link}, nil)
}

func (p *Portal) dropSecondStep(w http.ResponseWriter, r *http.Request, v Visit) error {
	if ok, err := p.confirmed(w, r, v, "Take the second step away"); !ok || err != nil {
		return err
	}
	return p.changed(w, r, v, p.options.Members.DropSecondStep(r.Context(), v.by(), mux.Vars(r)["id"]), "The second step is gone. They are told by e-mail.")
}

func (p *Portal) removeMember(w http.ResponseWriter, r *http.Request, v Visit) error {
	m, err := p.options.Members.Get(r.Context(), v.Organisation, mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	email := m.Snapshot().Email
	if typed := r.PostFormValue("typed"); m.Joined() && access.Fold(typed) != access.Fold(email) {
		return p.renderMember(w, r, v, http.StatusUnprocessableEntity, memberPage{Typed: typed}, []fieldError{{"typed", "Type " + email + " to remove this member."}})
	}
	if ok, err := p.confirmed(w, r, v, "Remove the member"); !ok || err != nil {
		return err
	}
	err = p.options.Members.Remove(r.Context(), v.by(), m.ID())
	if errors.Is(err, fault.NotFound) {
		err = nil // somebody else was quicker
	}
	return p.changed(w, r, v, err, email+" is no member any more.")
}
