package traffic

import (
	"context"
	"strconv"
	"time"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/traffic"
	"github.com/extraordinary/provisioning/ports"
)

// Connection is how an organisation's connection stands.
type Connection struct {
	traffic.State
	Standing    traffic.Standing
	Pause       organisation.Pause
	Credentials bool // there are some
	Generated   time.Time
	People      int // active ones, and with an Employee ID
	WithID      int
	Rhythm      time.Duration
}

// Connection tells how an organisation's connection stands.
func (s *Service) Connection(ctx context.Context, org organisation.ID) (c Connection, err error) {
	now := s.now()
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		c = Connection{}
		o, err := tx.Organisation().Get(ctx)
		if err != nil {
			return err
		}
		credentials, err := tx.Credentials().All(ctx)
		if err != nil {
			return err
		}
		for _, one := range credentials {
			if v := one.Snapshot(); v.Revoked.IsZero() {
				c.Credentials = true
				if c.Generated.IsZero() {
					c.Generated = v.Created
				}
			}
		}
		if c.State, err = tx.Traffic().State(ctx); err != nil {
			return err
		}
		c.Pause = o.Snapshot().Pause
		c.Standing = c.State.Judge(c.Credentials, o.Paused(), now)
		c.Rhythm = c.State.Rhythm()
		if c.People, err = count(ctx, tx, `active ne false`); err != nil {
			return err
		}
		c.WithID, err = count(ctx, tx, `active ne false and externalId pr`)
		return err
	})
	return c, err
}

// count counts the people that match a filter of our own.
func count(ctx context.Context, tx ports.Tx, filter string) (int, error) {
	page, err := search(ctx, tx.Users(), directory.IsUser, filter, 0)
	return page.Total, err
}

// search finds the users or groups that match a filter of our own, at most so many of them.
func search[R any](ctx context.Context, among ports.Resources[R], kind, filter string, limit int) (ports.Page, error) {
	f, err := scim.Parse(filter)
	if err != nil {
		return ports.Page{}, err
	}
	registry := schema.Core()
	bound, err := scim.Bind(f, registry.Type(kind), registry)
	if err != nil {
		return ports.Page{}, err
	}
	return among.Search(ctx, ports.Query{Filter: bound, Limit: limit})
}

// Check is one line of the check-list. Only traffic ticks it.
type Check struct {
	Text     string
	Done     time.Time // zero: not yet
	Ticked   bool
	Progress string // what there is of it, or why it need not be
}

// Checks is the check-list of a connection.
func (c Connection) Checks() []Check {
	tick := func(text string, at time.Time, otherwise string) Check {
		return Check{Text: text, Done: at, Ticked: !at.IsZero(), Progress: otherwise}
	}
	all := []Check{
		tick("Credentials generated", c.Generated, "waiting …"),
		tick("Token fetched", c.FirstToken, "waiting …"),
		tick("Test connection seen", c.Tested, "waiting …"),
		tick("First person created", c.FirstPerson, "waiting …"),
		tick("First group created", c.FirstGroup, "optional"),
		{Text: "Employee IDs arriving", Ticked: c.People > 0 && c.WithID == c.People, Progress: share(c.WithID, c.People)},
	}
	regular := c.State.Regular()
	last := Check{Text: "Cycle is regular", Ticked: regular >= 3, Progress: share(min(regular, 3), 3)}
	if last.Ticked {
		last.Done = c.Starts[len(c.Starts)-1]
	}
	return append(all, last)
}

// Evidence says whether an old secret may be revoked, by what its use and that of the new one show.
type Evidence struct {
	Safe    bool
	OldUsed time.Time // zero: never
	NewUsed time.Time
	New     int // tokens of the new one in the last seven days
}

// Evidence weighs two secrets of one credential. It is safe to revoke the old one once the new was used since, and the old
// not for three cycles and two lives of a token: Entra keeps a token to its end.
func (c Connection) Evidence(old, renewed string, tokenLife time.Duration, now time.Time) Evidence {
	e := Evidence{OldUsed: c.Seen[old].Last, NewUsed: c.Seen[renewed].Last, New: c.State.Tokens(renewed, now)}
	wait := max(3*c.Rhythm, 2*tokenLife)
	e.Safe = e.NewUsed.After(e.OldUsed) && (e.OldUsed.IsZero() || now.Sub(e.OldUsed) >= wait)
	return e
}

// Mapped is what traffic shows of one mapped attribute.
type Mapped struct {
	Attribute string
	With, Of  int // people who have it
	Alias     int // of externalId: how many equal the mail nickname
}

// Mapped tells how many people have each mapped attribute.
func (s *Service) Mapped(ctx context.Context, org organisation.ID) (all []Mapped, err error) {
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		all = nil
		page, err := tx.Users().Search(ctx, ports.Query{})
		if err != nil {
			return err
		}
		for _, attribute := range []string{"userName", "name.givenName", "name.familyName", `phoneNumbers[type eq "mobile"].value`, "externalId", "active"} {
			n, err := count(ctx, tx, attribute+" pr")
			if err != nil {
				return err
			}
			all = append(all, Mapped{Attribute: attribute, With: n, Of: page.Total})
		}
		return nil
	})
	return all, err
}

// share writes "406 of 431".
func share(n, of int) string { return strconv.Itoa(n) + " of " + strconv.Itoa(of) }
