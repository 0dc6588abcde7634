// Package members lets an organisation say who may sign in to its portal, and what each may do there.
package members

import (
	"context"
	"errors"
	"io"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/mail"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// Options are what the use cases need.
type Options struct {
	Store     ports.Store
	PublicURL string    // where links lead to
	Random    io.Reader // crypto/rand.Reader everywhere but in tests
	Now       func() time.Time
	NewID     func() string
}

// Service holds the use cases. It is safe for concurrent use.
type Service struct{ Options }

// New makes a Service.
func New(o Options) *Service { return &Service{o} }

// By is who does something in an organisation.
type By struct {
	Organisation organisation.ID
	MemberID     string
}

// List gives all members, by their addresses.
func (s *Service) List(ctx context.Context, org organisation.ID) (all []*access.Member, err error) {
	err = s.Store.View(ctx, org, func(ctx context.Context, tx ports.Tx) (err error) {
		all, err = tx.Staff().All(ctx)
		return err
	})
	return all, err
}

// Name is what a member is called, former ones too; "somebody" for one that is not known.
func (s *Service) Name(ctx context.Context, org organisation.ID, id string) (name string, err error) {
	err = s.Store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		m, err := tx.Staff().Get(ctx, id)
		if err == nil {
			name = m.Snapshot().Name
		}
		return err
	})
	if errors.Is(err, fault.NotFound) {
		return "somebody", nil
	}
	return name, err
}

// Get gives one. Faults: NotFound, for a removed one too.
func (s *Service) Get(ctx context.Context, org organisation.ID, id string) (m *access.Member, err error) {
	err = s.Store.View(ctx, org, func(ctx context.Context, tx ports.Tx) (err error) {
		m, err = present(ctx, tx, id)
		return err
	})
	return m, err
}

// present gives a member who was not removed. Faults: NotFound.
func present(ctx context.Context, tx ports.Tx, id string) (*access.Member, error) {
	m, err := tx.Staff().Get(ctx, id)
	if err == nil && !m.Snapshot().Removed.IsZero() {
		return nil, fault.New(fault.NotFound, "there is no such member")
	}
	return m, err
}

// Invited is somebody who was invited, with the link that was mailed. Whoever has it becomes the member.
type Invited struct{ Email, URL string }

// Invite makes members of all addresses, with the same roles, and mails each a link; all or none. Faults: Invalid at
// "emails" or "roles"; Conflict at "emails".
func (s *Service) Invite(ctx context.Context, by By, emails []string, roles []access.Role) (invited []Invited, err error) {
	if len(emails) == 0 || len(emails) > 50 {
		return nil, fault.New(fault.Invalid, "Write 1 to 50 e-mail addresses, one a line.").At("emails")
	}
	err = s.Store.Within(ctx, by.Organisation, func(ctx context.Context, tx ports.Tx) error {
		invited = nil
		for _, email := range emails {
			m, err := access.Invite(s.NewID(), email, roles, s.Now())
			if err != nil {
				return atEmails(err)
			}
			if err := tx.Staff().Add(ctx, m); err != nil {
				return atEmails(err)
			}
			url, err := s.invite(ctx, tx, by, m)
			if err != nil {
				return err
			}
			invited = append(invited, Invited{m.Snapshot().Email, url})
			if err := s.record(ctx, tx, by, activity.Created, m.ID(), activity.Diff(nil, described(m))); err != nil {
				return err
			}
		}
		return nil
	})
	return invited, err
}

func atEmails(err error) error {
	if f := fault.Of(err); f.Path == "email" {
		return f.At("emails")
	}
	return err
}

// invite makes the link of an invitation and queues its mail.
func (s *Service) invite(ctx context.Context, tx ports.Tx, by By, m *access.Member) (url string, err error) {
	o, err := tx.Organisation().Get(ctx)
	if err != nil {
		return "", err
	}
	inviter, err := tx.Staff().Get(ctx, by.MemberID)
	if err != nil {
		return "", err
	}
	link, url, err := s.link(ctx, tx, by.Organisation, m.ID(), access.Invitation)
	if err != nil {
		return "", err
	}
	return url, s.queue(ctx, tx, mail.Invitation(m.Snapshot().Email, o.Snapshot().Name, inviter.Snapshot().Name, url, link.Expires))
}

// link makes a one-time link in place of those that were not used.
func (s *Service) link(ctx context.Context, tx ports.Tx, org organisation.ID, memberID string, purpose access.Purpose) (access.Link, string, error) {
	link, text, err := access.NewLink(org, memberID, purpose, s.Random, s.Now())
	if err != nil {
		return link, "", err
	}
	return link, s.PublicURL + "/link/" + text, errors.Join(tx.Links().Drop(ctx, memberID), tx.Links().Put(ctx, link))
}

func (s *Service) queue(ctx context.Context, tx ports.Tx, m mail.Message) error {
	m.ID, m.Due = s.NewID(), s.Now()
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		m.Trace, m.Span = span.TraceID().String(), span.SpanID().String()
	}
	return tx.Outbox().Queue(ctx, m)
}

// Resend mails another link to somebody who has not joined. Faults: NotFound; Conflict if they have.
func (s *Service) Resend(ctx context.Context, by By, id string) (invited Invited, err error) {
	err = s.Store.Within(ctx, by.Organisation, func(ctx context.Context, tx ports.Tx) error {
		m, err := present(ctx, tx, id)
		if err != nil {
			return err
		}
		if m.Joined() {
			return fault.New(fault.Conflict, "They have joined already.")
		}
		url, err := s.invite(ctx, tx, by, m)
		invited = Invited{m.Snapshot().Email, url}
		return err
	})
	return invited, err
}

// SetRoles says what a member may do from the next click on. Faults: NotFound; Invalid at "roles"; Conflict if nobody would
// be left who may do what somebody must.
func (s *Service) SetRoles(ctx context.Context, by By, id string, roles []access.Role) error {
	return s.change(ctx, by, id, func(_ context.Context, _ ports.Tx, m *access.Member) error { return m.SetRoles(roles) })
}

// Remove takes a member out, or withdraws an invitation: all sessions and links end. Faults: NotFound; Conflict as SetRoles.
func (s *Service) Remove(ctx context.Context, by By, id string) error {
	return s.change(ctx, by, id, func(ctx context.Context, tx ports.Tx, m *access.Member) error {
		m.Remove(s.Now())
		return errors.Join(tx.Sessions().EndOthers(ctx, id, ""), tx.Links().Drop(ctx, id))
	})
}

// change applies fn to a member, unless nobody would be left who may do what somebody must. Two who change each other at
// once do so one after the other (ports.Staff).
func (s *Service) change(ctx context.Context, by By, id string, fn func(context.Context, ports.Tx, *access.Member) error) error {
	return s.Store.Within(ctx, by.Organisation, func(ctx context.Context, tx ports.Tx) error {
		m, err := present(ctx, tx, id)
		if err != nil {
			return err
		}
		all, err := tx.Staff().All(ctx)
		if err != nil {
			return err
		}
		before, name := described(m), m.Snapshot().Name
		had := access.LastWith(all, access.Restore(m.Snapshot())) // what nobody has at present is nobody's fault
		if err := fn(ctx, tx, m); err != nil {
			return err
		}
		if lost := access.LastWith(all, m); lost != "" && lost != had {
			return fault.New(fault.Conflict, "%s", last(name, lost))
		}
		action, changes := activity.Changed, activity.Diff(before, described(m))
		if !m.Snapshot().Removed.IsZero() {
			action = activity.Deleted
		}
		return errors.Join(tx.Staff().Save(ctx, m), s.record(ctx, tx, by, action, id, changes))
	})
}

func last(name string, p access.Permission) string {
	if p == access.StaffManagement {
		return name + " is the only Organisation Lead. Give someone else the role first."
	}
	return name + " is the only one with " + string(p) + ". Give someone else such a role first."
}

// ResetLink makes a link by which a member chooses a new password. Faults: NotFound.
func (s *Service) ResetLink(ctx context.Context, by By, id string) (url string, err error) {
	err = s.Store.Within(ctx, by.Organisation, func(ctx context.Context, tx ports.Tx) error {
		m, err := present(ctx, tx, id)
		if err != nil {
			return err
		}
		o, err := tx.Organisation().Get(ctx)
		if err != nil {
			return err
		}
		if _, url, err = s.link(ctx, tx, by.Organisation, id, access.Reset); err != nil {
			return err
		}
		return errors.Join(
			s.queue(ctx, tx, mail.Reset(m.Snapshot().Email, o.Snapshot().Name, url)),
			s.record(ctx, tx, by, activity.Changed, id, []activity.Change{{Path: "link", To: string(access.Reset)}}),
		)
	})
	return url, err
}

// DropSecondStep takes away the second step of a member who has lost it, and tells them by mail. Faults: NotFound.
func (s *Service) DropSecondStep(ctx context.Context, by By, id string) error {
	return s.change(ctx, by, id, func(ctx context.Context, tx ports.Tx, m *access.Member) error {
		if !m.HasSecondStep() {
			return nil
		}
		m.DropSecondStep()
		o, err := tx.Organisation().Get(ctx)
		if err != nil {
			return err
		}
		actor, err := tx.Staff().Get(ctx, by.MemberID)
		if err != nil {
			return err
		}
		return s.queue(ctx, tx, mail.SecondStepDropped(m.Snapshot().Email, o.Snapshot().Name, actor.Snapshot().Name, s.PublicURL))
	})
}

func (s *Service) record(ctx context.Context, tx ports.Tx, by By, action activity.Action, id string, changes []activity.Change) error {
	event := activity.Event{
		ID: s.NewID(), At: s.Now(), Actor: activity.Actor{Kind: activity.Member, ID: by.MemberID}, Action: action, Changes: changes,
		Subject: activity.Subject{Kind: "Member", ID: id},
	}
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		event.Trace = span.TraceID().String()
	}
	return tx.Activity().Record(ctx, event)
}

// described is what the journal says of a member.
func described(m *access.Member) *tree.Object {
	s := m.Snapshot()
	var roles tree.List
	for _, r := range s.Roles {
		roles = append(roles, string(r))
	}
	return tree.NewObject(
		tree.Member{Name: "email", Value: s.Email},
		tree.Member{Name: "name", Value: s.Name},
		tree.Member{Name: "roles", Value: roles},
		tree.Member{Name: "secondStep", Value: m.HasSecondStep()},
	)
}
