package ports

import (
	"context"

	"github.com/extraordinary/provisioning/domain/schema"
)

// Extensions is the schemas of one organisation's own.
type Extensions interface {
	// All gives them in the order in which they were added.
	All(ctx context.Context) ([]schema.Extension, error)
	// Add writes a new one. Faults: Conflict at "id" if there is one of this name, in any case.
	Add(ctx context.Context, e schema.Extension) error
}
