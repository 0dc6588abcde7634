package ports

import (
	"context"

	"github.com/extraordinary/provisioning/domain/activity"
)

// Activity is the journal of one organisation. It is only ever added to.
type Activity interface {
	// Record writes an event in the unit of work of the change itself. No unit is committed that recorded something in an
	// organisation which is not there, or not any more: this keeps erased ones empty.
	Record(ctx context.Context, e activity.Event) error
	// Of gives the events of one subject, the newest first, at most limit.
	Of(ctx context.Context, subject activity.Subject, limit int) ([]activity.Event, error)
	// All calls yield with each event, the oldest first, until it returns an error, which All returns.
	All(ctx context.Context, yield func(activity.Event) error) error
}
