package ports

import (
	"context"

	"github.com/extraordinary/provisioning/domain/organisation"
)

// Registry finds organisations before one is known. It holds routing (id, slug, status) and nothing else.
type Registry interface {
	// Find gives the id of the organisation called slug. Faults: NotFound.
	Find(ctx context.Context, slug string) (organisation.ID, error)
	// All gives the ids of all organisations, by slug.
	All(ctx context.Context) ([]organisation.ID, error)
}

// Organisation is the record of the one organisation that a unit of work is in.
type Organisation interface {
	// Get reads the record. Faults: NotFound.
	Get(ctx context.Context) (*organisation.Organisation, error)
	// Add writes a new organisation's record. Faults: Conflict at "slug" if the slug is taken.
	Add(ctx context.Context, o *organisation.Organisation) error
	// Save writes the record again. Faults: NotFound.
	Save(ctx context.Context, o *organisation.Organisation) error
	// Empty deletes what the organisation has, but for its record: at most so many rows, which it counts by their tables.
	// None of any: there is nothing left.
	Empty(ctx context.Context, most int) (erased map[string]int, err error)
	// Remove deletes the record, with what is left, and counts as Empty does; a unit that has recorded something ends before.
	// The slug is free then, and nothing is recorded in the organisation any more. If it is not there, that is no fault.
	Remove(ctx context.Context) (erased map[string]int, err error)
}
