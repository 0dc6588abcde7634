// Package settings lets an organisation say how it is called and how its portal works.
package settings

import (
	"context"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// Service holds the use cases. It is safe for concurrent use.
type Service struct {
	store ports.Store
	now   func() time.Time
	newID func() string
}

// New makes a Service.
func New(store ports.Store, now func() time.Time, newID func() string) *Service {
	return &Service{store, now, newID}
}

// Settings is what an organisation says of itself. Two that are the same compare as equal.
type Settings struct {
	Name       string
	TimeZone   string // an IANA name
	TokenLife  time.Duration
	SecondStep bool // everybody must have one
}

// Get reads them.
func (s *Service) Get(ctx context.Context, org organisation.ID) (found Settings, err error) {
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		o, err := tx.Organisation().Get(ctx)
		if err == nil {
			found = of(o)
		}
		return err
	})
	return found, err
}

func of(o *organisation.Organisation) Settings {
	v := o.Snapshot()
	return Settings{v.Name, v.TimeZone, v.TokenLife, v.SecondStep}
}

// Save writes them, with the journal's line, unless somebody has changed them since they were as known. Faults: Invalid at
// "name", "timeZone" or "tokenLife"; Stale.
func (s *Service) Save(ctx context.Context, org organisation.ID, by activity.Actor, known, wanted Settings) error {
	if _, err := time.LoadLocation(wanted.TimeZone); err != nil || wanted.TimeZone == "Local" {
		return fault.New(fault.Invalid, "there is no time zone of this name").At("timeZone")
	}
	return s.store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		o, err := tx.Organisation().Get(ctx)
		if err != nil {
			return err
		}
		if of(o) != known {
			return fault.New(fault.Stale, "somebody changed the settings meanwhile")
		}
		before := described(of(o))
		if err := o.Rename(wanted.Name); err != nil {
			return err
		}
		if err := o.Move(wanted.TimeZone); err != nil {
			return err
		}
		if err := o.SetTokenLife(wanted.TokenLife); err != nil {
			return err
		}
		o.RequireSecondStep(wanted.SecondStep)
		changes := activity.Diff(before, described(of(o)))
		if len(changes) == 0 {
			return nil
		}
		if err := tx.Organisation().Save(ctx, o); err != nil {
			return err
		}
		event := activity.Event{ID: s.newID(), At: s.now(), Actor: by, Action: activity.Changed, Changes: changes, Subject: activity.Subject{Kind: "Organisation", ID: string(org)}}
		if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
			event.Trace = span.TraceID().String()
		}
		return tx.Activity().Record(ctx, event)
	})
}

func described(s Settings) *tree.Object {
	return tree.NewObject(
		tree.Member{Name: "name", Value: s.Name},
		tree.Member{Name: "timeZone", Value: s.TimeZone},
		tree.Member{Name: "tokenLifeHours", Value: tree.Number(strconv.FormatFloat(s.TokenLife.Hours(), 'f', -1, 64))},
		tree.Member{Name: "secondStepRequired", Value: s.SecondStep},
	)
}

// LastChange says who changed the settings last, and when; the zero time if nobody has.
func (s *Service) LastChange(ctx context.Context, org organisation.ID) (by activity.Actor, at time.Time, err error) {
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		events, err := tx.Activity().Of(ctx, activity.Subject{Kind: "Organisation", ID: string(org)}, 1)
		if len(events) > 0 {
			by, at = events[0].Actor, events[0].At
		}
		return err
	})
	return by, at, err
}
