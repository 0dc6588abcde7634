// Package organisations lets the operator take customers in and find them, stop, resume and limit their service, export
// what they have, and erase it.
package organisations

import (
	"context"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// Service holds the use cases. It is safe for concurrent use.
type Service struct {
	store    ports.Store
	registry ports.Registry
	tokens   ports.Standing
	link     SignInLink
	now      func() time.Time
	newID    func() string
}

// SignInLink makes a one-time link by which the owner of a new organisation gets into the portal.
type SignInLink func(ctx context.Context, org organisation.ID, email string) (url string, err error)

// New makes a Service. link may be nil: then owners get no link. newID gives UUIDs of version 7.
func New(store ports.Store, registry ports.Registry, tokens ports.Standing, link SignInLink, now func() time.Time, newID func() string) *Service {
	return &Service{store, registry, tokens, link, now, newID}
}

// record writes the journal's line of what the operator did. Nobody else calls these use cases.
func (s *Service) record(ctx context.Context, tx ports.Tx, action activity.Action, id organisation.ID, changes []activity.Change) error {
	event := activity.Event{
		ID: s.newID(), At: s.now(), Actor: activity.Actor{Kind: activity.Operator}, Action: action, Changes: changes,
		Subject: activity.Subject{Kind: "Organisation", ID: string(id)},
	}
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		event.Trace = span.TraceID().String()
	}
	return tx.Activity().Record(ctx, event)
}

func described(o *organisation.Organisation) *tree.Object {
	s := o.Snapshot()
	d := tree.NewObject(
		tree.Member{Name: "slug", Value: s.Slug},
		tree.Member{Name: "name", Value: s.Name},
		tree.Member{Name: "owner", Value: s.Owner},
		tree.Member{Name: "status", Value: string(s.Status)},
	)
	if n := s.RateLimit.PerSecond(); n != nil {
		d.Set("rateLimit", tree.Number(strconv.Itoa(*n)))
	}
	return d
}
