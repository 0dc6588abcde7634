package signin

import (
	"context"
	"errors"

	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/mail"
	"github.com/extraordinary/provisioning/ports"
)

// ChangePassword gives the visitor another password, and ends all other sessions. Faults: Invalid at "password"; Unavailable.
func (s *Service) ChangePassword(ctx context.Context, v Visitor, password string) error {
	was := v.Member.Snapshot()
	if err := access.CheckPassword(password, was.Email, was.Name, v.Organisation.Snapshot().Name); err != nil {
		return err
	}
	made, err := s.Passwords.Make(ctx, access.Normal(password))
	if err != nil {
		return err
	}
	return s.change(ctx, v, func(ctx context.Context, tx ports.Tx, m *access.Member) error {
		m.SetPassword(made, s.Now())
		letter := mail.PasswordChanged(was.Email, v.Organisation.Snapshot().Name, s.PublicURL)
		return errors.Join(
			tx.Sessions().EndOthers(ctx, m.ID(), v.Session.Digest), tx.Links().Drop(ctx, m.ID()), tx.Outbox().Queue(ctx, s.letter(ctx, letter)),
			s.record(ctx, tx, member(m.ID()), activity.Changed, m.ID(), activity.Change{Path: "password", To: "changed"}),
		)
	})
}

// change applies fn to the visitor's own account.
func (s *Service) change(ctx context.Context, v Visitor, fn func(context.Context, ports.Tx, *access.Member) error) error {
	return s.Store.Within(ctx, v.Organisation.ID(), func(ctx context.Context, tx ports.Tx) error {
		m, err := tx.Staff().Get(ctx, v.Member.ID())
		if err != nil {
			return err
		}
		if err := fn(ctx, tx, m); err != nil {
			return err
		}
		return tx.Staff().Save(ctx, m)
	})
}

// Rename says what the visitor is called. Faults: Invalid at "name".
func (s *Service) Rename(ctx context.Context, v Visitor, name string) error {
	return s.change(ctx, v, func(_ context.Context, _ ports.Tx, m *access.Member) error { return m.Rename(name) })
}

// Setup is what an authenticator is told.
type Setup struct {
	Secret  string // base32
	Address string // the same for a picture
}

// SetUp begins a second step: it counts once a code has proved that an authenticator has the secret. Asked again, it gives
// the same secret.
func (s *Service) SetUp(ctx context.Context, v Visitor) (Setup, error) {
	id, was := v.Member.ID(), v.Member.Snapshot()
	secret := ""
	if v.Session.Setup != "" {
		var err error
		if secret, err = s.Keys.Open(v.Session.Setup, id); err != nil {
			return Setup{}, err
		}
	} else {
		var err error
		if secret, err = access.NewSecondStep(s.Random); err != nil {
			return Setup{}, err
		}
		sealed, err := s.Keys.Seal(secret, id, s.Random)
		if err != nil {
			return Setup{}, err
		}
		v.Session.Setup = sealed
		err = s.Store.Within(ctx, v.Organisation.ID(), func(ctx context.Context, tx ports.Tx) error { return tx.Sessions().Put(ctx, v.Session) })
		if err != nil {
			return Setup{}, err
		}
	}
	return Setup{secret, access.SecondStepAddress(secret, v.Organisation.Snapshot().Name, was.Email)}, nil
}

// SwitchOn ends what SetUp has begun, by a code, and gives the recovery codes, which are shown once. All other sessions
// end. Faults: Invalid at "code".
func (s *Service) SwitchOn(ctx context.Context, v Visitor, code string) (recovery []string, err error) {
	if v.Session.Setup == "" {
		return nil, fault.New(fault.Invalid, "Begin again: the secret is not there any more.").At("code")
	}
	secret, err := s.Keys.Open(v.Session.Setup, v.Member.ID())
	if err != nil {
		return nil, err
	}
	step := access.CodeStep(secret, code, s.Now())
	if step == 0 {
		return nil, fault.New(fault.Invalid, "That code is not right. Is the clock of your telephone right?").At("code")
	}
	recovery, digests, err := access.NewRecoveryCodes(s.Random)
	if err != nil {
		return nil, err
	}
	sealed := v.Session.Setup
	v.Session.Setup = ""
	return recovery, s.change(ctx, v, func(ctx context.Context, tx ports.Tx, m *access.Member) error {
		m.SetSecondStep(sealed, step, digests)
		return errors.Join(
			tx.Sessions().Put(ctx, v.Session), tx.Sessions().EndOthers(ctx, m.ID(), v.Session.Digest),
			s.record(ctx, tx, member(m.ID()), activity.Changed, m.ID(), activity.Change{Path: "secondStep", To: true}),
		)
	})
}

// SwitchOff takes the visitor's second step away. Faults: Conflict if the organisation requires one of everybody.
func (s *Service) SwitchOff(ctx context.Context, v Visitor) error {
	if v.Organisation.Snapshot().SecondStep {
		return fault.New(fault.Conflict, "Your organisation requires a second step of everybody.")
	}
	return s.change(ctx, v, func(ctx context.Context, tx ports.Tx, m *access.Member) error {
		m.DropSecondStep()
		return s.record(ctx, tx, member(m.ID()), activity.Changed, m.ID(), activity.Change{Path: "secondStep", From: true})
	})
}
