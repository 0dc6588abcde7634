package portal

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/application/credentials"
	apptraffic "github.com/extraordinary/provisioning/application/traffic"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/fault"
)

// scimRoutes are Settings > SCIM, but for the log.
func (p *Portal) scimRoutes() []route {
	integrations := needs(access.ManageIntegrations)
	return []route{
		{http.MethodGet, "/settings/scim", integrations, p.scim},
		{http.MethodPost, "/settings/scim/secrets", integrations, p.generate},
		{http.MethodGet, "/settings/scim/secrets/{id}/revoke", integrations, p.askRevoke},
		{http.MethodPost, "/settings/scim/secrets/{id}/revoke", integrations, p.revoke},
		{http.MethodGet, "/settings/scim/secrets/{id}/expiry.ics", integrations, p.expiryCalendar},
		{http.MethodGet, "/settings/scim/checklist", integrations, p.checklist},
		{http.MethodGet, "/settings/scim/pause", integrations, p.askPause},
		{http.MethodPost, "/settings/scim/pause", integrations, p.pause},
		{http.MethodPost, "/settings/scim/resume", integrations, p.resume},
	}
}

// connection is the page's content.
type connection struct {
	TenantURL, TokenEndpoint string
	Standing                 credentials.Standing
	Secrets                  []secretRow
	Waited                   time.Duration       // since the credentials were made
	Made                     *credentials.Issued // the secret that was just made: only the answer to its making has it
	MadeAt                   time.Time
	Name, Years              string // of the form
	State                    apptraffic.Connection
	Mapped                   map[string]apptraffic.Mapped
	Advice                   string // about the older of two secrets
	SafeToRevoke             bool
	PausedBy                 string
}

// Checks is the check-list.
func (c connection) Checks() []apptraffic.Check { return c.State.Checks() }

// Complete reports whether all of it is ticked, but for what is optional.
func (c connection) Complete() bool {
	for _, check := range c.Checks() {
		if !check.Ticked && check.Progress != "optional" {
			return false
		}
	}
	return true
}

// Stuck reports whether nothing has arrived for ten minutes after the credentials were made.
func (c connection) Stuck() bool {
	return !c.State.Generated.IsZero() && c.State.FirstToken.IsZero() && c.Waited > 10*time.Minute
}

// Seen says what traffic shows of a mapped attribute.
func (c connection) Seen(attribute string) string {
	m := c.Mapped[attribute]
	if m.Of == 0 || m.With == 0 {
		return "not yet"
	}
	return "from " + count(m.With) + " of " + plural(m.Of, "person", "people")
}

// secretRow is one line of the table of secrets.
type secretRow struct {
	credentials.SecretStanding
	Beginning       string // what may be shown of the secret
	MadeBy, EndedBy string
	State           badge
	Warning         string // that it ends soon, or has ended
	Tokens          int    // in the last seven days
}

func (p *Portal) connection(ctx context.Context, v Visit) (connection, error) {
	standing, err := p.options.Credentials.Standing(ctx, v.Organisation)
	if err != nil {
		return connection{}, err
	}
	c := connection{
		TenantURL: p.options.PublicURL + "/scim/v2", TokenEndpoint: p.options.PublicURL + "/oauth2/token",
		Standing: standing, Name: "Entra", Years: "2",
	}
	for _, s := range standing.Secrets {
		row, err := p.secretRow(ctx, v, s)
		if err != nil {
			return connection{}, err
		}
		c.Secrets = append(c.Secrets, row)
	}
	err = p.addTraffic(ctx, v, &c)
	return c, err
}

// addTraffic adds what only traffic shows.
func (p *Portal) addTraffic(ctx context.Context, v Visit, c *connection) (err error) {
	if c.State, err = p.options.Traffic.Connection(ctx, v.Organisation); err != nil {
		return err
	}
	now := p.options.Now()
	c.Waited = now.Sub(c.State.Generated)
	mapped, err := p.options.Traffic.Mapped(ctx, v.Organisation)
	if err != nil {
		return err
	}
	c.Mapped = map[string]apptraffic.Mapped{}
	for _, m := range mapped {
		c.Mapped[m.Attribute] = m
	}
	var live []secretRow
	for i := range c.Secrets {
		c.Secrets[i].Tokens = c.State.Tokens(c.Secrets[i].KeyID, now)
		if c.Secrets[i].Live && c.Secrets[i].Current {
			live = append(live, c.Secrets[i])
		}
	}
	if len(live) == 2 {
		e := c.State.Evidence(live[1].KeyID, live[0].KeyID, v.TokenLife, now)
		c.Advice, c.SafeToRevoke = p.advice(v, live[1], e), e.Safe
	}
	if !c.State.Pause.Since.IsZero() {
		c.PausedBy, err = p.actor(ctx, v, activity.Actor{Kind: activity.Member, ID: c.State.Pause.By})
	}
	return err
}

// advice says when the older of two secrets may be revoked, by what it was used for.
func (p *Portal) advice(v Visit, old secretRow, e apptraffic.Evidence) string {
	clock := func(t time.Time) string { return t.In(p.tools(v).zone).Format("2 Jan, 15:04") }
	now := p.options.Now()
	switch {
	case e.Safe && e.OldUsed.IsZero():
		return "Safe to revoke " + old.Beginning + ": it was never used, the new one " + plural(e.New, "time") + "."
	case e.Safe:
		return "Safe to revoke " + old.Beginning + ": not used for " + plural(int(now.Sub(e.OldUsed)/time.Hour), "hour") + ", the new one " + plural(e.New, "time") + "."
	case e.NewUsed.After(e.OldUsed):
		return "Entra uses the new secret (last " + clock(e.NewUsed) + "). Wait a while before you revoke the old one: tokens that it fetched may still be in use."
	case e.OldUsed.IsZero():
		return "Entra has used neither yet."
	}
	return "Entra still uses the old secret (last " + clock(e.OldUsed) + ")."
}

func (p *Portal) secretRow(ctx context.Context, v Visit, s credentials.SecretStanding) (row secretRow, err error) {
	row = secretRow{SecretStanding: s, Beginning: "scs_" + s.KeyID + "…"}
	if row.MadeBy, err = p.actor(ctx, v, s.MadeBy); err != nil {
		return row, err
	}
	now := p.options.Now()
	left := s.Expires.Sub(now)
	switch {
	case s.Revoked && !s.Live:
		row.State = badge{"plain", "Revoked"}
		row.EndedBy, err = p.actor(ctx, v, s.RevokedBy)
	case !s.Live:
		row.State, row.Warning = badge{"bad", "Expired"}, "It expired. Entra is refused, and nobody is updated, until it has another."
	case left < 30*24*time.Hour:
		row.State, row.Warning = badge{"warn", "Expires soon"}, "It expires in "+plural(int(left/(24*time.Hour)), "day")+"."
	default:
		row.State = badge{"good", "Active"}
	}
	return row, err
}

// actor is what somebody who did something is called.
func (p *Portal) actor(ctx context.Context, v Visit, a activity.Actor) (string, error) {
	switch {
	case a.Kind == activity.Operator:
		return "Extraordinary", nil
	case a.Kind == activity.Client:
		return "Entra", nil
	case a.ID == v.MemberID:
		return v.Name, nil
	}
	return p.options.MemberName(ctx, v.Organisation, a.ID)
}

func (p *Portal) scim(w http.ResponseWriter, r *http.Request, v Visit) error {
	c, err := p.connection(r.Context(), v)
	if err != nil {
		return err
	}
	return p.renderSCIM(w, r, v, http.StatusOK, c, nil)
}

func (p *Portal) renderSCIM(w http.ResponseWriter, r *http.Request, v Visit, status int, c connection, wrong []fieldError) error {
	return p.render(w, r, v, status, "scim", page{Title: "Connect Microsoft Entra", Section: "/settings", Tab: "/settings/scim", Errors: wrong, Body: c})
}

// generate makes a secret. Its answer is the page that shows it: the secret is in no address, and nowhere kept. A form
// that is sent again, as by reloading, makes no other.
func (p *Portal) generate(w http.ResponseWriter, r *http.Request, v Visit) error {
	if ok, err := p.confirmed(w, r, v, "Generate credentials"); !ok || err != nil {
		return err
	}
	name, after := r.PostFormValue("name"), r.PostFormValue("after")
	years, _ := strconv.Atoi(r.PostFormValue("years")) // what is no number is none of the three either
	made, err := p.options.Credentials.Generate(r.Context(), v.Organisation, name, years, after, v.actor())
	f := fault.Of(err)
	switch {
	case errors.Is(err, fault.Stale):
		return p.shownBefore(w, r, v)
	case errors.Is(err, fault.Invalid), errors.Is(err, fault.Conflict):
		c, failed := p.connection(r.Context(), v)
		if failed != nil {
			return failed
		}
		c.Name, c.Years = name, r.PostFormValue("years")
		wrong := fieldError{f.Path, sentence(f.Detail)}
		if c.Standing.Live > 1 {
			wrong = fieldError{"", "Two secrets already work. Revoke one first."}
		}
		return p.renderSCIM(w, r, v, http.StatusUnprocessableEntity, c, []fieldError{wrong})
	case err != nil:
		return err
	}
	c, err := p.connection(r.Context(), v)
	if err != nil {
		return err
	}
	c.Made, c.MadeAt = &made, p.options.Now()
	return p.renderSCIM(w, r, v, http.StatusOK, c, nil)
}

// shownBefore leads back to the page, which shows no secret.
func (p *Portal) shownBefore(w http.ResponseWriter, r *http.Request, v Visit) error {
	standing, err := p.options.Credentials.Standing(r.Context(), v.Organisation)
	if err != nil {
		return err
	}
	text := "There is no secret to show. Generate one."
	if len(standing.Secrets) > 0 {
		zone := p.tools(v).zone
		text = "The secret was made at " + standing.Secrets[0].Created.In(zone).Format("15:04") + " and cannot be shown again."
	}
	p.flash(w, text)
	redirect(w, r, "/settings/scim")
	return nil
}

// revoking is the content of the page that asks before a secret is revoked.
type revoking struct {
	Secret secretRow
	Until  time.Time // when the last of its tokens ends by itself; zero: none is live
	Typed  string
	Tokens string
}

func (p *Portal) revoking(r *http.Request, v Visit) (revoking, error) {
	c, err := p.connection(r.Context(), v)
	if err != nil {
		return revoking{}, err
	}
	i := slices.IndexFunc(c.Secrets, func(s secretRow) bool { return s.KeyID == mux.Vars(r)["id"] })
	if i < 0 || !c.Secrets[i].Live {
		return revoking{}, errNowhere
	}
	asked := revoking{Secret: c.Secrets[i], Tokens: "keep"}
	if end := asked.Secret.LastUsed.Add(v.TokenLife); !asked.Secret.LastUsed.IsZero() && p.options.Now().Before(end) {
		asked.Until = end
	}
	return asked, nil
}

func (p *Portal) askRevoke(w http.ResponseWriter, r *http.Request, v Visit) error {
	asked, err := p.revoking(r, v)
	if err != nil {
		return err
	}
	return p.renderRevoking(w, r, v, http.StatusOK, asked, nil)
}

func (p *Portal) renderRevoking(w http.ResponseWriter, r *http.Request, v Visit, status int, asked revoking, wrong []fieldError) error {
	return p.render(w, r, v, status, "scim_revoke", page{Title: "Revoke a secret", Section: "/settings", Tab: "/settings/scim", Errors: wrong, Body: asked})
}

func (p *Portal) revoke(w http.ResponseWriter, r *http.Request, v Visit) error {
	asked, err := p.revoking(r, v)
	if err != nil {
		return err
	}
	asked.Typed, asked.Tokens = r.PostFormValue("typed"), r.PostFormValue("tokens")
	if strings.TrimSpace(asked.Typed) != asked.Secret.Name {
		return p.renderRevoking(w, r, v, http.StatusUnprocessableEntity, asked, []fieldError{{"typed", "Type the name of the secret, " + asked.Secret.Name + ", exactly as it stands here."}})
	}
	if ok, err := p.confirmed(w, r, v, "Revoke the secret"); !ok || err != nil {
		return err
	}
	err = p.options.Credentials.RevokeSecret(r.Context(), v.Organisation, asked.Secret.ClientID, asked.Secret.KeyID, asked.Tokens == "end", v.actor())
	if err != nil {
		return err
	}
	p.flash(w, "The secret "+asked.Secret.Beginning+" is revoked.")
	redirect(w, r, "/settings/scim")
	return nil
}

// actor is the visitor as the journal names who did something.
func (v Visit) actor() activity.Actor { return activity.Actor{Kind: activity.Member, ID: v.MemberID} }

// YearChoices are how long a secret may live.
func (v view) YearChoices() []string { return []string{"1", "2", "3"} }

// AsText is all that Entra's form asks for, the new secret among it.
func (v view) AsText() string {
	c, ok := v.Body.(connection)
	if !ok || c.Made == nil {
		return ""
	}
	return "Authentication method: OAuth2 Client Credentials Grant\nTenant URL: " + c.TenantURL + "\nToken Endpoint: " + c.TokenEndpoint +
		"\nClient Identifier: " + c.Made.ClientID + "\nClient Secret: " + c.Made.Secret + "\n"
}

// Download is the same as a link that saves it: nothing is asked of the server, which does not know the secret any more.
func (v view) Download() template.URL {
	return textFile(v.AsText())
}

// textFile is a text as a link that saves it.
func textFile(text string) template.URL {
	return template.URL("data:text/plain;charset=utf-8," + url.PathEscape(text)) //nolint:gosec // our own text, escaped
}
