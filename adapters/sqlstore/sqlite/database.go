// Package sqlite opens the store on one SQLite file.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/organisation"
)

// database is one file: one connection that writes, and others that read what was committed (WAL).
type database struct {
	writer
	readers *bun.DB
	closed  atomic.Bool
}

// Write runs fn as one unit of work. SQLite keeps organisations apart by nothing but the predicates of the statements.
func (d *database) Write(ctx context.Context, _ organisation.ID, fn func(context.Context, bun.IDB) error) error {
	return d.do(ctx, fn)
}

// Read runs fn in a transaction that can only read.
func (d *database) Read(ctx context.Context, _ organisation.ID, fn func(context.Context, bun.IDB) error) error {
	conn, err := d.readers.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // gives it back to its pool
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") }()
	return fn(ctx, conn)
}

// Direct runs single statements that read.
func (d *database) Direct() bun.IDB { return d.readers }

// Locked gives q: whoever writes is alone.
func (d *database) Locked(q *bun.SelectQuery) *bun.SelectQuery { return q }

// Kept gives q, for the same reason.
func (d *database) Kept(q *bun.SelectQuery) *bun.SelectQuery { return q }

// Embedded reports true.
func (d *database) Embedded() bool { return true }

func (d *database) Listed(list string) expression { return bun.SafeQuery("json_each(?)", list) }

// Stats is sqlstore.Database's. The one connection that writes is never waited for: units queue before it.
func (d *database) Stats() sql.DBStats { return d.readers.Stats() }

// Ping reads the file.
func (d *database) Ping(ctx context.Context) error {
	var version int
	return d.readers.NewRaw("PRAGMA schema_version").Scan(ctx, &version)
}

// Close waits for nothing: what was acknowledged is on disk.
func (d *database) Close() error {
	d.closed.Store(true)
	return errors.Join(d.readers.Close(), d.db.Close())
}
