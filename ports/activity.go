package ports

import (
	"context"

	"github.com/extraordinary/provisioning/domain/activity"
)

// Activity is the journal of one organisation. It is only ever added to.
type Activity interface {
	// Record writes an event in the unit of work of the change itself.
	Record(ctx context.Context, e activity.Event) error
	// Of gives the events of one subject, the newest first, at most limit.
	Of(ctx context.Context, subject activity.Subject, limit int) ([]activity.Event, error)
}
