// Package sqlstore keeps everything that must last in a SQL database, through bun. What differs from database to
// database is in the packages below it.
package sqlstore

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// Store is a ports.Store, and the ports that stand beside it.
type Store struct {
	database  Database
	dialect   Dialect
	files     fs.FS
	now       func() time.Time
	positions *positions
	tokens    *tokens
}

// New makes a store of a database whose migrations are files.
func New(database Database, dialect Dialect, files fs.FS, now func() time.Time) *Store {
	s := &Store{database: database, dialect: dialect, files: files, now: now, positions: newPositions()}
	s.tokens = &tokens{store: s, swept: map[organisation.ID]time.Time{}}
	return s
}

// Within is ports.Store's.
func (s *Store) Within(ctx context.Context, org organisation.ID, fn func(ctx context.Context, tx ports.Tx) error) error {
	return s.write(ctx, org, func(ctx context.Context, tx bun.IDB) error {
		return fn(ctx, newUnit(s, tx, org, true))
	})
}

// View is ports.Store's.
func (s *Store) View(ctx context.Context, org organisation.ID, fn func(ctx context.Context, tx ports.Tx) error) error {
	if org == "" {
		return errNowhere
	}
	return s.fault(ctx, s.database.Read(ctx, org, func(ctx context.Context, tx bun.IDB) error {
		return fn(ctx, newUnit(s, tx, org, false))
	}))
}

// Registry finds organisations.
func (s *Store) Registry() ports.Registry { return registry{s} }

// Doors tells where somebody may sign in.
func (s *Store) Doors() ports.Doors { return doors{s} }

// Postbox finds the organisations whose mails are due.
func (s *Store) Postbox() ports.Postbox { return postbox{s} }

// Tokens keeps access tokens where there is no Redis.
func (s *Store) Tokens() ports.Tokens { return s.tokens }

// Ping reports whether the database answers. Faults: Unavailable.
func (s *Store) Ping(ctx context.Context) error { return s.fault(ctx, s.database.Ping(ctx)) }

// Pool is the state of the connections.
func (s *Store) Pool() telemetry.Pool {
	now := s.database.Stats()
	return telemetry.Pool{Used: now.InUse, Idle: now.Idle, Max: now.MaxOpenConnections, Waits: now.WaitCount, Waited: now.WaitDuration}
}

// Close ends the use of the database.
func (s *Store) Close() error { return s.database.Close() }

var errNowhere = fault.New(fault.Internal, "a unit of work without an organisation")

func (s *Store) write(ctx context.Context, org organisation.ID, fn func(context.Context, bun.IDB) error) error {
	if org == "" {
		return errNowhere
	}
	return s.fault(ctx, s.database.Write(ctx, org, fn))
}

// fault gives an error of the database its kind. Faults are one already, and what the caller's own context ended is
// nobody's.
func (s *Store) fault(ctx context.Context, err error) error {
	var known *fault.Error
	switch {
	case err == nil, errors.As(err, &known), ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return err
	default:
		return s.dialect.Fault(err)
	}
}
