// Package traffic keeps what goes between organisations' identity providers and us, and says what must be mended.
package traffic

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/traffic"
	"github.com/extraordinary/provisioning/ports"
)

// Service holds the use cases. It is safe for concurrent use.
type Service struct {
	store  ports.Store
	tokens ports.Standing
	now    func() time.Time
	newID  func() string
}

// New makes a Service.
func New(store ports.Store, tokens ports.Standing, now func() time.Time, newID func() string) *Service {
	return &Service{store, tokens, now, newID}
}

// List gives a page of exchanges, the newest first, and whether there are older and newer ones.
func (s *Service) List(ctx context.Context, org organisation.ID, q traffic.Query) (all []traffic.Exchange, older, newer bool, err error) {
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		wanted := q
		wanted.Limit++
		if all, err = tx.Traffic().List(ctx, wanted); err != nil {
			return err
		}
		more := len(all) > q.Limit
		all = all[:min(len(all), q.Limit)]
		if q.After == "" {
			older, newer = more, q.Before != ""
			return nil
		}
		for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 { // they came the oldest first
			all[i], all[j] = all[j], all[i]
		}
		older, newer = true, more
		return nil
	})
	return all, older, newer, err
}

// Traced gives the ids of exchanges about one person or group, by their traces.
func (s *Service) Traced(ctx context.Context, org organisation.ID, subject directory.ID, traces []string) (ids map[string]string, err error) {
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		ids, err = tx.Traffic().Traced(ctx, subject, traces)
		return err
	})
	return ids, err
}

// Count counts the exchanges that match, up to ports.CountedTo + 1.
func (s *Service) Count(ctx context.Context, org organisation.ID, q traffic.Query) (n int, err error) {
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		n, err = tx.Traffic().Count(ctx, q)
		return err
	})
	return n, err
}

// Shown is one exchange with its neighbours.
type Shown struct {
	traffic.Exchange
	Older, Newer string // ids of the next ones that match; empty: there is none
	Others       int    // how many more have the same first code
	Changes      []activity.Change
	Because      Because
}

// Get gives one, with its neighbours among those that match. Faults: NotFound.
func (s *Service) Get(ctx context.Context, org organisation.ID, id string, q traffic.Query) (shown Shown, err error) {
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		shown = Shown{}
		if shown.Exchange, err = tx.Traffic().Get(ctx, id); err != nil {
			return err
		}
		q.Limit = 1
		for _, look := range []struct {
			before, after string
			into          *string
		}{{id, "", &shown.Older}, {"", id, &shown.Newer}} {
			q.Before, q.After = look.before, look.after
			next, err := tx.Traffic().List(ctx, q)
			if err != nil {
				return err
			}
			if len(next) > 0 {
				*look.into = next[0].ID
			}
		}
		if c := shown.Code(); c != "" {
			problems, err := tx.Traffic().Problems(ctx, s.now().Add(-traffic.Kept))
			if err != nil {
				return err
			}
			for _, p := range problems {
				if p.Code == c {
					shown.Others = p.Count - shown.Count
				}
			}
		}
		if shown.Because, err = because(ctx, tx, shown.Exchange); err != nil {
			return err
		}
		shown.Changes, err = s.changes(ctx, tx, shown.Exchange)
		return err
	})
	return shown, err
}

// changes finds in the journal what an exchange has changed: both have the same trace.
func (s *Service) changes(ctx context.Context, tx ports.Tx, e traffic.Exchange) ([]activity.Change, error) {
	kind := kindOf(e.About)
	if kind == "" || e.Subject == "" || e.Trace == "" || !e.Act.Writes() {
		return nil, nil
	}
	events, err := tx.Activity().Of(ctx, activity.Subject{Kind: kind, ID: e.Subject}, 100)
	for _, event := range events {
		if event.Trace == e.Trace {
			return event.Changes, nil
		}
	}
	return nil, err
}

// Problems gives what is wrong now: what came up within the last day, and what shows over many requests.
func (s *Service) Problems(ctx context.Context, org organisation.ID) (all []traffic.Problem, err error) {
	now := s.now()
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		state, err := tx.Traffic().State(ctx)
		if err != nil {
			return err
		}
		standing, err := watched(ctx, tx, state, now)
		if err != nil {
			return err
		}
		found, err := tx.Traffic().Problems(ctx, now.Add(-24*time.Hour))
		all = slices.Concat(state.Watch(now), standing, found)
		return err
	})
	return all, err
}

// Hours gives the requests of the last 24 hours, one entry an hour, the oldest first.
func (s *Service) Hours(ctx context.Context, org organisation.ID) (day []traffic.Hour, err error) {
	first := s.now().Truncate(time.Hour).Add(-23 * time.Hour)
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		found, err := tx.Traffic().Hours(ctx, first)
		if err != nil {
			return err
		}
		day = make([]traffic.Hour, 24)
		for i := range day {
			day[i].Start = first.Add(time.Duration(i) * time.Hour)
		}
		for _, h := range found {
			if i := int(h.Start.Sub(first) / time.Hour); i >= 0 && i < len(day) {
				day[i] = h
			}
		}
		return nil
	})
	return day, err
}

// Pause stops provisioning: from the next request on, each is answered that it may come again. Faults: Invalid at "reason".
func (s *Service) Pause(ctx context.Context, org organisation.ID, by activity.Actor, reason string) error {
	err := s.change(ctx, org, by, activity.Change{Path: "paused", To: reason}, func(o *organisation.Organisation) error {
		return o.Rest(by.ID, reason, s.now())
	})
	if err != nil {
		return err
	}
	return s.tokens.SetPaused(ctx, org, true)
}

// Resume takes Pause back. It may be repeated.
func (s *Service) Resume(ctx context.Context, org organisation.ID, by activity.Actor) error {
	err := s.change(ctx, org, by, activity.Change{Path: "paused"}, func(o *organisation.Organisation) error {
		o.GoOn()
		return nil
	})
	if err != nil {
		return err
	}
	return s.tokens.SetPaused(ctx, org, false)
}

func (s *Service) change(ctx context.Context, org organisation.ID, by activity.Actor, what activity.Change, fn func(*organisation.Organisation) error) error {
	return s.store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		o, err := tx.Organisation().Get(ctx)
		if err != nil {
			return err
		}
		was := o.Paused()
		if err := fn(o); err != nil {
			return err
		}
		if was == o.Paused() {
			return nil
		}
		event := activity.Event{ID: s.newID(), At: s.now(), Actor: by, Action: activity.Changed, Changes: []activity.Change{what}, Subject: activity.Subject{Kind: "Organisation", ID: string(org)}}
		if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
			event.Trace = span.TraceID().String()
		}
		return errors.Join(tx.Organisation().Save(ctx, o), tx.Activity().Record(ctx, event))
	})
}

// Forget takes away what is older than traffic.Kept, a bounded number. It gives how many.
func (s *Service) Forget(ctx context.Context, org organisation.ID) (n int, err error) {
	err = s.store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		n, err = tx.Traffic().Forget(ctx, s.now().Add(-traffic.Kept), "", 1000)
		return err
	})
	return n, err
}
