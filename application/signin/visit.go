package signin

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/ports"
)

// seenEvery is how exactly it is known when a session was used last.
const seenEvery = time.Minute

// Visit finds who has the cookie. With touch, the visit counts as activity. What a member may do is read each time.
// Faults: Unauthorised, with an Ended as its cause if there was a session; Unavailable.
func (s *Service) Visit(ctx context.Context, cookie string, touch bool) (Visitor, error) {
	v, err := s.visit(ctx, cookie, false)
	if err != nil || !touch || s.Now().Sub(v.Session.Seen) < seenEvery {
		return v, err
	}
	v.Session.Seen = s.Now()
	return v, s.Store.Within(ctx, v.Organisation.ID(), func(ctx context.Context, tx ports.Tx) error {
		if _, err := tx.Sessions().Get(ctx, v.Session.Digest); errors.Is(err, fault.NotFound) {
			return ended(EndedGone) // meanwhile: it must not come back
		} else if err != nil {
			return err
		}
		return tx.Sessions().Put(ctx, v.Session)
	})
}

// visit finds who has a cookie, of a half session or of a whole one.
func (s *Service) visit(ctx context.Context, cookie string, half bool) (v Visitor, err error) {
	org, digest, err := access.DoorKey(cookie)
	if err != nil {
		return Visitor{}, ended(EndedGone)
	}
	err = s.Store.View(ctx, org, func(ctx context.Context, tx ports.Tx) (err error) {
		if v.Session, err = tx.Sessions().Get(ctx, digest); err != nil {
			return err
		}
		if v.Member, err = tx.Staff().Get(ctx, v.Session.MemberID); err != nil {
			return err
		}
		v.Organisation, err = tx.Organisation().Get(ctx)
		return err
	})
	now := s.Now()
	switch {
	case errors.Is(err, fault.NotFound):
		return Visitor{}, ended(EndedGone)
	case err != nil:
		return Visitor{}, err
	case !v.Member.Joined(), !v.Organisation.Active(), v.Session.Half != half:
		return Visitor{}, ended(EndedGone)
	case !now.Before(v.Session.Started.Add(access.SessionTime)):
		return Visitor{}, ended(EndedLong)
	case !v.Session.Live(now):
		return Visitor{}, ended(EndedIdle)
	}
	return v, nil
}

// Confirm checks the visitor's own password, or a code of the second step, and notes that it was shown.
// Faults: Unauthorised, Limited, Unavailable.
func (s *Service) Confirm(ctx context.Context, v Visitor, from netip.Addr, shown string) error {
	email := v.Member.Snapshot().Email
	if err := s.mayTry(ctx, email, from); err != nil {
		return err
	}
	right, err := s.Passwords.Match(ctx, v.Member.Snapshot().Password, access.Normal(shown))
	if err != nil {
		return err
	}
	err = s.Store.Within(ctx, v.Organisation.ID(), func(ctx context.Context, tx ports.Tx) error {
		if !right {
			m, err := tx.Staff().Get(ctx, v.Member.ID())
			if err != nil {
				return err
			}
			if !m.HasSecondStep() {
				return errNoMatch
			}
			if err := s.accept(m, shown); errors.Is(err, fault.Invalid) {
				return errNoMatch
			} else if err != nil {
				return err
			}
			if err := tx.Staff().Save(ctx, m); err != nil {
				return err
			}
		}
		session, err := tx.Sessions().Get(ctx, v.Session.Digest)
		if err != nil {
			return err
		}
		session.Confirmed = s.Now()
		return tx.Sessions().Put(ctx, session)
	})
	if errors.Is(err, fault.Unauthorised) {
		return s.failed(ctx, email, from, err)
	}
	return err
}

// Sessions gives the live sessions of the visitor, the one that was seen last first.
func (s *Service) Sessions(ctx context.Context, v Visitor) (live []access.Session, err error) {
	err = s.Store.View(ctx, v.Organisation.ID(), func(ctx context.Context, tx ports.Tx) error {
		live = nil
		all, err := tx.Sessions().Of(ctx, v.Member.ID())
		for _, one := range all {
			if one.Live(s.Now()) && !one.Half {
				live = append(live, one)
			}
		}
		return err
	})
	return live, err
}

// EndSession ends one of the visitor's own; one that is none of these is no fault.
func (s *Service) EndSession(ctx context.Context, v Visitor, digest string) error {
	return s.Store.Within(ctx, v.Organisation.ID(), func(ctx context.Context, tx ports.Tx) error {
		session, err := tx.Sessions().Get(ctx, digest)
		if errors.Is(err, fault.NotFound) || err == nil && session.MemberID != v.Member.ID() {
			return nil
		}
		if err != nil {
			return err
		}
		return tx.Sessions().End(ctx, digest)
	})
}

// EndOthers ends all of the visitor's sessions but this one.
func (s *Service) EndOthers(ctx context.Context, v Visitor) error {
	return s.Store.Within(ctx, v.Organisation.ID(), func(ctx context.Context, tx ports.Tx) error {
		return tx.Sessions().EndOthers(ctx, v.Member.ID(), v.Session.Digest)
	})
}
