package ports

import (
	"context"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// Store opens units of work. The organisation is an argument, never a context value: there is no way to reach a
// repository without having named one.
type Store interface {
	// Within runs fn in a transaction that sees and changes only org's rows. It commits if fn returns nil and rolls
	// back otherwise; what it returns then is fn's error. A fault ends the unit: after one, fn must return. fn may
	// run more than once, so it must not touch anything outside tx. When Within returns nil, what fn did is on disk.
	// Faults: Unavailable.
	Within(ctx context.Context, org organisation.ID, fn func(ctx context.Context, tx Tx) error) error

	// View is Within for fn that only reads; it sees one consistent state. Whatever fn writes is refused.
	View(ctx context.Context, org organisation.ID, fn func(ctx context.Context, tx Tx) error) error
}

// Tx is one unit of work in one organisation.
type Tx interface {
	Organisation() Organisation
	Credentials() Credentials
	Activity() Activity
	Directory
	Portal
}

// Directory is what SCIM provisions.
type Directory interface {
	Users() Resources[*directory.User]
	Groups() Resources[*directory.Group]
	Members() Members
	Extensions() Extensions
}
