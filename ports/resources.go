package ports

import (
	"context"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/scim"
)

// Resources is one organisation's users, or its groups.
type Resources[R any] interface {
	// Get reads a resource in order to change it: no other unit changes it until this one ends. Faults: NotFound.
	Get(ctx context.Context, id directory.ID) (R, error)
	// Add writes a new one. Faults: Conflict at "userName" (of a group: at "displayName") if it is taken, compared
	// by schema.Fold, and at an attribute that an extension declares unique (schema.ResourceType.Unique).
	Add(ctx context.Context, r R) error
	// Save writes a changed one. Faults: Conflict as Add, Stale if the store holds another version than r was read
	// at, NotFound.
	Save(ctx context.Context, r R) error
	// Delete takes one away, with its memberships. Faults: NotFound.
	Delete(ctx context.Context, id directory.ID) error
	// Document reads one to show it. Faults: NotFound.
	Document(ctx context.Context, id directory.ID) (directory.Document, error)
	// All calls yield with each, in the order of their ids, until it returns an error, which All returns. Nothing is counted.
	All(ctx context.Context, yield func(directory.Document) error) error
	// Search finds those that match, and their total. Faults: TooMany if it would take too long.
	Search(ctx context.Context, q Query) (Page, error)
}

// Query asks for a page of resources.
type Query struct {
	Filter scim.Bound     // nil: all
	Order  scim.Order     // the zero Order: by their ids
	After  *scim.Position // the page begins behind it, wherever it is; nil: at the beginning
	Offset int            // how many matching resources come before the page, and behind After
	Limit  int            // how many the page holds at the most; 0: only the total is wanted
}

// Page is a part of a result.
type Page struct {
	Total     int // of all that match, before After too
	Documents []directory.Document
}
