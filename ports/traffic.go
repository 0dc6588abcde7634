package ports

import (
	"context"
	"time"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/traffic"
)

// Traffic is what went between one organisation's identity provider and us, for as long as traffic.Kept.
type Traffic interface {
	// Add writes exchanges. One whose id is there already is written in its place.
	Add(ctx context.Context, all []traffic.Exchange) error
	// Get reads one. Faults: NotFound.
	Get(ctx context.Context, id string) (traffic.Exchange, error)
	// List gives those that match, the newest first; with Query.After, the oldest first.
	List(ctx context.Context, q traffic.Query) ([]traffic.Exchange, error)
	// Traced gives the ids of exchanges about one subject, by their traces.
	Traced(ctx context.Context, subject directory.ID, traces []string) (map[string]string, error)
	// Forget takes away at most so many exchanges of before a time, or, with a subject, all of that. It gives how many.
	Forget(ctx context.Context, before time.Time, subject directory.ID, most int) (int, error)
	Figures
	States
}

// Figures is how much there is of one organisation's traffic.
type Figures interface {
	// Count counts those that match, wherever q begins, up to CountedTo + 1.
	Count(ctx context.Context, q traffic.Query) (int, error)
	// Problems counts exchanges since a time by their first code, those that began first before others.
	Problems(ctx context.Context, since time.Time) ([]traffic.Problem, error)
	// Hours counts requests since a time by hours, the oldest first; an hour without any is not there.
	Hours(ctx context.Context, since time.Time) ([]traffic.Hour, error)
}

// States is the state of one organisation's connection.
type States interface {
	// State reads it; within a unit that writes, no other unit changes it until this one ends.
	State(ctx context.Context) (traffic.State, error)
	// SaveState writes it.
	SaveState(ctx context.Context, s traffic.State) error
}
