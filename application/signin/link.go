package signin

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/mail"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// LinkPath is where one-time links lead to, below the public URL.
const LinkPath = "/link/"

// Opened is what a one-time link leads to.
type Opened struct {
	Organisation *organisation.Organisation
	Member       *access.Member
	Link         access.Link
	Works        bool // it was neither used nor is it over
}

// Link looks at a one-time link, and does not use it: those who scan mails open each link first. Faults: NotFound.
func (s *Service) Link(ctx context.Context, text string) (o Opened, err error) {
	org, digest, err := access.DoorKey(text)
	if err != nil {
		return Opened{}, err
	}
	err = s.Store.View(ctx, org, func(ctx context.Context, tx ports.Tx) (err error) {
		if o.Link, err = tx.Links().Get(ctx, digest); err != nil {
			return err
		}
		if o.Member, err = tx.Staff().Get(ctx, o.Link.MemberID); err != nil {
			return err
		}
		o.Organisation, err = tx.Organisation().Get(ctx)
		return err
	})
	if err != nil {
		return Opened{}, err
	}
	o.Works = o.Link.Works(s.Now()) && o.Member.Snapshot().Removed.IsZero() && o.Organisation.Active()
	return o, nil
}

// UseLink sets the member's password, and the name if there is one, and signs in. All sessions before it end.
// Faults: NotFound; Conflict if it was used or is over; Invalid at "password" or "name"; Unavailable.
func (s *Service) UseLink(ctx context.Context, from Browser, text, name, password string) (Outcome, error) {
	o, err := s.Link(ctx, text)
	if err != nil {
		return Outcome{}, err
	}
	if !o.Works {
		return Outcome{}, errUsed
	}
	was := o.Member.Snapshot()
	if err := access.CheckPassword(password, was.Email, was.Name, name, o.Organisation.Snapshot().Name); err != nil {
		return Outcome{}, err
	}
	made, err := s.Passwords.Make(ctx, access.Normal(password))
	if err != nil {
		return Outcome{}, err
	}
	v := Visitor{Organisation: o.Organisation}
	err = s.Store.Within(ctx, o.Organisation.ID(), func(ctx context.Context, tx ports.Tx) error {
		link, err := tx.Links().Get(ctx, o.Link.Digest)
		if err != nil {
			return err
		}
		if !link.Works(s.Now()) {
			return errUsed
		}
		m, err := tx.Staff().Get(ctx, link.MemberID)
		if err != nil {
			return err
		}
		if name != "" {
			if err := m.Rename(name); err != nil {
				return err
			}
		}
		m.SetPassword(made, s.Now())
		link.Used = s.Now()
		v.Member = m
		return errors.Join(
			tx.Links().Put(ctx, link), tx.Links().Drop(ctx, m.ID()), tx.Staff().Save(ctx, m), tx.Sessions().EndOthers(ctx, m.ID(), ""),
			s.record(ctx, tx, member(m.ID()), activity.Changed, m.ID(), activity.Change{Path: "password", To: string(link.Purpose)}),
		)
	})
	if err != nil {
		return Outcome{}, err
	}
	return s.begin(ctx, v, from)
}

var errUsed = fault.New(fault.Conflict, "the link was used already, or its time is over")

// newLink makes a link for a member in a unit of work, in place of those that were not used, and gives its address.
func (s *Service) newLink(ctx context.Context, tx ports.Tx, org organisation.ID, memberID string, purpose access.Purpose) (string, error) {
	link, text, err := access.NewLink(org, memberID, purpose, s.Random, s.Now())
	if err != nil {
		return "", err
	}
	if err := tx.Links().Drop(ctx, memberID); err != nil {
		return "", err
	}
	return s.PublicURL + LinkPath + text, tx.Links().Put(ctx, link)
}

// OwnerLink makes the one-time link by which the owner of a new organisation gets in, as a member with all roles.
func (s *Service) OwnerLink(ctx context.Context, org organisation.ID, email string) (url string, err error) {
	err = s.Store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		m, err := access.Invite(s.NewID(), email, access.Roles, s.Now())
		if err != nil {
			return err
		}
		if err := tx.Staff().Add(ctx, m); err != nil {
			return err
		}
		if url, err = s.newLink(ctx, tx, org, m.ID(), access.Entrance); err != nil {
			return err
		}
		return s.record(ctx, tx, activity.Actor{Kind: activity.Operator}, activity.Created, m.ID(), activity.Change{Path: "email", To: email})
	})
	return url, err
}

// Entrance is a one-time link that an operator has made.
type Entrance struct {
	URL     string
	Expires time.Time
}

// EntranceLink makes a one-time link for a member who cannot get in, by an operator's hand. Faults: NotFound.
func (s *Service) EntranceLink(ctx context.Context, org organisation.ID, email string) (e Entrance, err error) {
	err = s.Store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		m, err := tx.Staff().Find(ctx, email)
		if err != nil {
			return err
		}
		e.Expires = s.Now().Add(access.Entrance.Life())
		if e.URL, err = s.newLink(ctx, tx, org, m.ID(), access.Entrance); err != nil {
			return err
		}
		return s.record(ctx, tx, activity.Actor{Kind: activity.Operator}, activity.Changed, m.ID(), activity.Change{Path: "link", To: string(access.Entrance)})
	})
	return e, err
}

// Forgotten mails a link to whoever has the address, and answers the same whether anybody has. Faults: Limited;
// Unavailable.
func (s *Service) Forgotten(ctx context.Context, from Browser, email string) error {
	if err := s.mayTry(ctx, email, from.Address); err != nil {
		return err
	}
	if err := s.failed(ctx, email, from.Address, nil); err != nil { // each mail counts as a failure
		return err
	}
	doors, err := s.Doors.Organisations(ctx, email)
	if err != nil {
		return err
	}
	for _, org := range doors {
		if err := s.mailReset(ctx, org, email); err != nil {
			return err
		}
	}
	_, err = s.Passwords.Match(ctx, "", email) // 50 ms that hide how long a mail takes to be written
	return err
}

func (s *Service) mailReset(ctx context.Context, org organisation.ID, email string) error {
	return s.Store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		m, err := tx.Staff().Find(ctx, email)
		if errors.Is(err, fault.NotFound) || err == nil && !m.Joined() {
			return nil
		}
		if err != nil {
			return err
		}
		o, err := tx.Organisation().Get(ctx)
		if err != nil {
			return err
		}
		url, err := s.newLink(ctx, tx, org, m.ID(), access.Reset)
		if err != nil {
			return err
		}
		return tx.Outbox().Queue(ctx, s.letter(ctx, mail.Reset(m.Snapshot().Email, o.Snapshot().Name, url)))
	})
}

// letter makes a message one that can be queued; it keeps which request did.
func (s *Service) letter(ctx context.Context, m mail.Message) mail.Message {
	m.ID, m.Due = s.NewID(), s.Now()
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		m.Trace, m.Span = span.TraceID().String(), span.SpanID().String()
	}
	return m
}
