package portal

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/application/credentials"
	"github.com/extraordinary/provisioning/application/people"
	apptraffic "github.com/extraordinary/provisioning/application/traffic"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/employeeid"
	"github.com/extraordinary/provisioning/domain/traffic"
)

func (p *Portal) homeRoutes() []route {
	return []route{{http.MethodGet, "/", anybody, p.home}}
}

// home is the content of Home. A part that is nil could not be read; the others stand.
type home struct {
	Connection *homeConnection
	Day        *sparkline
	People     *people.Report
	ToFix      []healthRow // the five problems that most people have
	Secret     *homeSecret
	Leads      string // who can connect Entra, where the visitor cannot
}

// NotSetUp reports whether there can be no traffic to show yet.
func (h home) NotSetUp() bool {
	return h.Connection != nil && h.Connection.Standing == traffic.NotSetUp
}

// homeConnection is the connection in a sentence.
type homeConnection struct {
	apptraffic.Connection
	State    badge
	Sentence string
	Next     time.Time // about when Entra will call; zero: nobody knows
	Problems []problem // what the log says is wrong now, if the visitor may read it: those of most requests, but for Employee IDs, which "To fix" counts by people
}

// homeSecret is the secret that ends last.
type homeSecret struct {
	There   bool
	Expires time.Time
	Days    int
	Soon    bool
}

func (p *Portal) home(w http.ResponseWriter, r *http.Request, v Visit) error {
	var h home
	for _, part := range []func(context.Context, Visit, *home) error{p.homeConnection, p.homeDay, p.homePeople, p.homeSecret} {
		if err := part(r.Context(), v, &h); err != nil {
			telemetry.Failure(r.Context(), err)
		}
	}
	return p.render(w, r, v, http.StatusOK, "home", page{Title: "Home", Section: "/", Body: h})
}

func (p *Portal) homeConnection(ctx context.Context, v Visit, h *home) error {
	c, err := p.options.Traffic.Connection(ctx, v.Organisation)
	if err != nil {
		return err
	}
	shown := homeConnection{Connection: c}
	shown.State, shown.Sentence = connectionWords(c)
	if c.Rhythm > 0 && c.Standing == traffic.Connected {
		if next := c.Starts[len(c.Starts)-1].Add(c.Rhythm); next.After(p.options.Now()) {
			shown.Next = next
		}
	}
	if c.Standing == traffic.NotSetUp && !v.May(access.ManageIntegrations) {
		if h.Leads, err = p.leads(ctx, v); err != nil {
			return err
		}
	}
	if v.May(access.ManageIntegrations) {
		found, err := p.problems(ctx, v)
		if err != nil {
			return err
		}
		shown.Problems = slices.DeleteFunc(found, func(p problem) bool { return words[employeeid.Problem(p.Code)].Code != "" })
		slices.SortStableFunc(shown.Problems, func(a, b problem) int { return b.Count - a.Count })
		shown.Problems = shown.Problems[:min(len(shown.Problems), mostToFix)]
	}
	h.Connection = &shown
	return nil
}

// connectionWords says how a connection stands.
func connectionWords(c apptraffic.Connection) (badge, string) {
	switch c.Standing {
	case traffic.NotSetUp:
		return badge{"info", "Not set up"}, "It takes about ten minutes."
	case traffic.OnPause:
		return badge{"warn", "Paused"}, "Somebody paused provisioning. Entra keeps its changes until it is resumed."
	case traffic.Rejected:
		return badge{"bad", "Refused"}, "Entra's last attempt to sign in was refused. Nobody is updated until that is mended."
	case traffic.Failing:
		return badge{"bad", "Failing"}, "More than a fifth of the last cycle's changes were refused."
	case traffic.Overdue:
		return badge{"warn", "Late"}, "Entra has not called for longer than it usually takes."
	case traffic.Waiting:
		return badge{"info", "Waiting"}, "Credentials are there. Entra has not called yet."
	case traffic.Connected:
	}
	return badge{"good", "Connected"}, ""
}

// leads names those who can connect Entra.
func (p *Portal) leads(ctx context.Context, v Visit) (names string, err error) {
	all, err := p.options.Members.List(ctx, v.Organisation)
	if err != nil {
		return "", err
	}
	for _, m := range all {
		if s := m.Snapshot(); slices.Contains(s.Roles, access.Lead) && m.Joined() {
			if names != "" {
				names += ", "
			}
			names += s.Name
		}
	}
	return names, nil
}

func (p *Portal) homeDay(ctx context.Context, v Visit, h *home) error {
	day, err := p.sparkline(ctx, v)
	if err == nil {
		h.Day = &day
	}
	return err
}

// mostToFix is how many problems Home shows.
const mostToFix = 5

func (p *Portal) homePeople(ctx context.Context, v Visit, h *home) error {
	report, err := p.options.People.Health(ctx, v.Organisation)
	if err != nil {
		return err
	}
	h.People = &report
	for _, found := range report.Rows {
		if found.People > 0 {
			h.ToFix = append(h.ToFix, healthRow{Found: found, problemWords: words[found.Problem]})
		}
	}
	slices.SortStableFunc(h.ToFix, func(a, b healthRow) int { return b.Found.People - a.Found.People })
	h.ToFix = h.ToFix[:min(len(h.ToFix), mostToFix)]
	return nil
}

func (p *Portal) homeSecret(ctx context.Context, v Visit, h *home) error {
	standing, err := p.options.Credentials.Standing(ctx, v.Organisation)
	if err != nil {
		return err
	}
	h.Secret = secretOf(standing, p.options.Now())
	return nil
}

func secretOf(standing credentials.Standing, now time.Time) *homeSecret {
	shown := &homeSecret{}
	for _, s := range standing.Secrets {
		if s.Live && s.Expires.After(shown.Expires) {
			left := s.Expires.Sub(now)
			shown = &homeSecret{true, s.Expires, int(left / (24 * time.Hour)), left < 30*24*time.Hour}
		}
	}
	return shown
}
