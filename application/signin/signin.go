package signin

import (
	"context"
	"errors"

	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// Outcome is what came of a sign-in that did not fail: a session, perhaps half of one, or a choice.
type Outcome struct {
	Cookie  string   // of the new session
	Half    bool     // the second step is still to be shown
	Choices []Choice // the organisations in which the password is right, if there are several
}

// Choice is one organisation that somebody may sign in to.
type Choice struct {
	Organisation organisation.ID
	Name         string
}

// SignIn lets somebody in by address and password, of whichever organisations they are members: each costs a sum of the
// password, and none may be left out. in chooses the organisation where several fit; else it is empty. For an
// address that nobody has it does the same work as for a wrong password. Faults: Unauthorised, which says no more than
// that they do not match; Limited; Unavailable.
func (s *Service) SignIn(ctx context.Context, from Browser, email, password string, in organisation.ID) (Outcome, error) {
	if err := s.mayTry(ctx, email, from.Address); err != nil {
		return Outcome{}, err
	}
	doors, err := s.Doors.Organisations(ctx, email)
	if err != nil {
		return Outcome{}, err
	}
	if len(doors) == 0 {
		doors = []organisation.ID{""} // nobody's: the same work, and no match
	}
	password = access.Normal(password)
	var fit []Visitor
	for _, org := range doors {
		v, err := s.matching(ctx, org, email, password)
		if err != nil {
			return Outcome{}, err
		}
		if v.Member != nil && (in == "" || in == org) {
			fit = append(fit, v)
		}
	}
	switch len(fit) {
	case 0:
		return Outcome{}, s.failed(ctx, email, from.Address, errNoMatch)
	case 1:
		return s.begin(ctx, fit[0], from)
	}
	var o Outcome
	for _, v := range fit {
		o.Choices = append(o.Choices, Choice{v.Organisation.ID(), v.Organisation.Snapshot().Name})
	}
	return o, nil
}

// matching gives the member of an organisation whose address and password these are; none without a fault.
func (s *Service) matching(ctx context.Context, org organisation.ID, email, password string) (v Visitor, err error) {
	made := ""
	if org != "" {
		err = s.Store.View(ctx, org, func(ctx context.Context, tx ports.Tx) (err error) {
			if v.Organisation, err = tx.Organisation().Get(ctx); err != nil {
				return err
			}
			v.Member, err = tx.Staff().Find(ctx, email)
			return err
		})
		if err != nil && !errors.Is(err, fault.NotFound) {
			return Visitor{}, err
		}
		if v.Member != nil && v.Member.Joined() && v.Organisation.Active() {
			made = v.Member.Snapshot().Password
		}
	}
	right, err := s.Passwords.Match(ctx, made, password)
	if err != nil || !right {
		return Visitor{}, err
	}
	return v, nil
}

// begin makes a session, under a name that nobody has known before.
func (s *Service) begin(ctx context.Context, v Visitor, from Browser) (Outcome, error) {
	now := s.Now()
	org := v.Organisation.ID()
	cookie, err := access.NewDoorKey(org, s.Random)
	if err != nil {
		return Outcome{}, err
	}
	_, digest, err := access.DoorKey(cookie)
	if err != nil {
		return Outcome{}, err
	}
	session := access.Session{
		Digest: digest, MemberID: v.Member.ID(), Half: v.Member.HasSecondStep(), Started: now, Seen: now, Confirmed: now,
		Browser: from.Name, Address: from.Address.String(),
	}
	err = s.Store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) error { return s.welcome(ctx, tx, session) })
	return Outcome{Cookie: cookie, Half: session.Half}, err
}

// welcome writes a new session, takes away those that are over, and notes that the member was there.
func (s *Service) welcome(ctx context.Context, tx ports.Tx, session access.Session) error {
	others, err := tx.Sessions().Of(ctx, session.MemberID)
	if err != nil {
		return err
	}
	for _, o := range others {
		if !o.Live(session.Started) {
			if err := tx.Sessions().End(ctx, o.Digest); err != nil {
				return err
			}
		}
	}
	if err := tx.Sessions().Put(ctx, session); err != nil || session.Half {
		return err
	}
	m, err := tx.Staff().Get(ctx, session.MemberID)
	if err != nil {
		return err
	}
	m.See(session.Started)
	return tx.Staff().Save(ctx, m)
}

// Code completes a half session by a code of the second step, or a recovery code, and gives it another name.
// Faults: Invalid at "code"; Limited; Unauthorised if there is no such session; Unavailable.
func (s *Service) Code(ctx context.Context, from Browser, cookie, code string) (string, error) {
	half, err := s.visit(ctx, cookie, true)
	if err != nil {
		return "", err
	}
	org, email := half.Organisation.ID(), half.Member.Snapshot().Email
	if err := s.mayTry(ctx, email, from.Address); err != nil {
		return "", err
	}
	fresh, err := access.NewDoorKey(org, s.Random)
	if err != nil {
		return "", err
	}
	_, digest, err := access.DoorKey(fresh)
	if err != nil {
		return "", err
	}
	err = s.Store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		m, err := tx.Staff().Get(ctx, half.Member.ID())
		if err != nil {
			return err
		}
		if err := s.accept(m, code); err != nil {
			return err
		}
		now := s.Now()
		m.See(now)
		session := half.Session
		session.Digest, session.Half, session.Started, session.Seen, session.Confirmed = digest, false, now, now, now
		return errors.Join(tx.Staff().Save(ctx, m), tx.Sessions().End(ctx, half.Session.Digest), tx.Sessions().Put(ctx, session))
	})
	if errors.Is(err, fault.Invalid) {
		err = s.failed(ctx, email, from.Address, err)
	}
	return fresh, err
}

// accept takes a code of the member's second step. Faults: Invalid at "code".
func (s *Service) accept(m *access.Member, code string) error {
	secret, err := s.Keys.Open(m.Snapshot().Second.Secret, m.ID())
	if err != nil {
		return err
	}
	if !m.Accept(secret, code, s.Now()) {
		return fault.New(fault.Invalid, "That code is not right, or it was used already. Wait for the next one.").At("code")
	}
	return nil
}

// SignOut ends a session; one that is none is no fault.
func (s *Service) SignOut(ctx context.Context, cookie string) error {
	org, digest, err := access.DoorKey(cookie)
	if err != nil {
		return nil //nolint:nilerr // nobody is signed in by it
	}
	return s.Store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) error { return tx.Sessions().End(ctx, digest) })
}
