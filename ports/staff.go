package ports

import (
	"context"

	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// Staff is the people who may sign in to one organisation's portal.
type Staff interface {
	// Get reads one, a removed one too; within a unit that writes, no other unit changes any of the organisation's until this
	// one ends. Faults: NotFound.
	Get(ctx context.Context, id string) (*access.Member, error)
	// Find is Get by an address, and finds nobody who was removed. Faults: NotFound.
	Find(ctx context.Context, email string) (*access.Member, error)
	// All gives those who were not removed, by their addresses. It holds them as Get does.
	All(ctx context.Context) ([]*access.Member, error)
	// Add writes a new one. Faults: Conflict at "email" if somebody has it.
	Add(ctx context.Context, m *access.Member) error
	// Save writes a changed one. Faults: NotFound.
	Save(ctx context.Context, m *access.Member) error
}

// Sessions is the browsers in which they are signed in.
type Sessions interface {
	// Get reads one. Faults: NotFound.
	Get(ctx context.Context, digest string) (access.Session, error)
	// Of gives those of one member, the one that was seen last first.
	Of(ctx context.Context, memberID string) ([]access.Session, error)
	// Put writes one, whether it is new or changed.
	Put(ctx context.Context, s access.Session) error
	// End takes one away; one that is not there is no fault.
	End(ctx context.Context, digest string) error
	// EndOthers takes away all of a member's but the one named.
	EndOthers(ctx context.Context, memberID, digest string) error
}

// Links is the one-time links by which they get in without a password.
type Links interface {
	// Get reads one; within a unit that writes, no other unit changes it until this one ends. Faults: NotFound.
	Get(ctx context.Context, digest string) (access.Link, error)
	// Put writes one, whether it is new or changed.
	Put(ctx context.Context, l access.Link) error
	// Drop takes away all of a member's that were not used.
	Drop(ctx context.Context, memberID string) error
}

// Doors tells where somebody may sign in, and nothing else.
type Doors interface {
	// Organisations gives those in which an address is a member's, in the order of their ids.
	Organisations(ctx context.Context, email string) ([]organisation.ID, error)
}

// Passwords makes what is kept of passwords. Both take some 50 ms, on purpose.
type Passwords interface {
	// Make gives what is kept of a password.
	Make(ctx context.Context, password string) (made string, err error)
	// Match reports whether made was made of password. For an empty made it takes as long and reports false.
	Match(ctx context.Context, made, password string) (bool, error)
}
