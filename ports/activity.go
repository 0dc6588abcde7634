package ports

import (
	"context"
	"time"

	"github.com/extraordinary/provisioning/domain/activity"
)

// Activity is the journal of one organisation. It is only ever added to.
type Activity interface {
	// Record writes an event, with the address that ctx holds if a member did it (WithAddress), in the unit of work of the
	// change itself. No unit is committed that recorded something in an organisation which is not there, or not any more:
	// this keeps erased ones empty.
	Record(ctx context.Context, e activity.Event) error
	// Of gives the events of one subject, the newest first, at most limit.
	Of(ctx context.Context, subject activity.Subject, limit int) ([]activity.Event, error)
	// Page gives a page of events, the newest first.
	Page(ctx context.Context, q ActivityQuery) (ActivityPage, error)
	// All calls yield with each event, the oldest first, until it returns an error, which All returns.
	All(ctx context.Context, yield func(activity.Event) error) error
}

// ActivityQuery asks for events.
type ActivityQuery struct {
	Subject   activity.Subject // what they are about; with a Kind alone, about any such; the zero Subject: about anything
	ByPeople  bool             // only what members did, and operators
	Deletions bool             // only what was deleted
	Member    string           // only what this member did
	Since     time.Time
	Until     time.Time // zero: now
	Sheet               // by the ids of events; a Place has no Value
}

// ActivityPage is a page of events.
type ActivityPage struct {
	Events []activity.Event
	Total  int // up to CountedTo + 1
	Edges
}
