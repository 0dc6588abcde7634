// Package postgres opens the store on Postgres 15 or newer, where row-level security keeps organisations apart even if a
// statement of ours should forget to name one.
package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// database is a pool of connections.
type database struct {
	db     *bun.DB
	config *pgx.ConnConfig // for messages
	pauses *pauses
}

// Write runs fn in a transaction in which each statement sees what was committed before it: with the rows that it
// changes locked first, that is all a unit needs, and none fails because another was faster.
func (d *database) Write(ctx context.Context, org organisation.ID, fn func(context.Context, bun.IDB) error) error {
	if org == "" {
		fn = alone(fn)
	}
	return d.in(ctx, org, writing, fn)
}

// Read runs fn in a transaction that sees one state.
func (d *database) Read(ctx context.Context, org organisation.ID, fn func(context.Context, bun.IDB) error) error {
	return d.in(ctx, org, reading, fn)
}

// How a transaction begins and ends.
const (
	writing = "BEGIN"
	reading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	commit  = "COMMIT"
)

func (d *database) in(ctx context.Context, org organisation.ID, begin string, fn func(context.Context, bun.IDB) error) error {
	var id pgtype.UUID
	if err := id.Scan(string(org)); org != "" && err != nil {
		return fault.New(fault.Internal, "an organisation's id that is no UUID")
	}
	return d.repeatedly(ctx, begin, id, fn)
}

// alone makes fn, which is a migration, wait for every other.
func alone(fn func(context.Context, bun.IDB) error) func(context.Context, bun.IDB) error {
	return func(ctx context.Context, tx bun.IDB) error {
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(7810765906944189298)"); err != nil {
			return err
		}
		return fn(ctx, tx)
	}
}

// longestWait is how long a unit waits for a connection.
const longestWait = 3 * time.Second

// unit runs fn in one transaction. If it fails, nothing of fn stays, unless the answer to the commit was lost.
func (d *database) unit(ctx context.Context, begin string, org pgtype.UUID, fn func(context.Context, bun.IDB) error) error {
	waiting, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	conn, err := d.db.Conn(waiting)
	if err != nil {
		return err
	}
	if err := on(conn, func(c *connection) error { c.begin(begin, org); return nil }); err != nil {
		return errors.Join(err, conn.Close())
	}
	defer conn.Close() //nolint:errcheck // gives it back to its pool; what counts is the commit
	open := true
	defer func() {
		if open {
			_ = on(conn, (*connection).abandon)
		}
	}()
	if err := fn(ctx, conn); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	var wrote bool
	if err := on(conn, func(c *connection) error { wrote = c.wrote; return nil }); err != nil || !wrote {
		return err
	}
	open = false
	if _, err := conn.ExecContext(context.WithoutCancel(ctx), commit); err != nil {
		_ = on(conn, func(*connection) error { return driver.ErrBadConn })
		return err
	}
	return nil
}

// on runs fn on the connection below conn, which is thrown away if fn gives driver.ErrBadConn.
func on(conn bun.Conn, fn func(*connection) error) error {
	return conn.Raw(func(below any) error { return fn(below.(*connection)) })
}

// Direct runs single statements, each a transaction in no organisation.
func (d *database) Direct() bun.IDB { return d.db }

// Locked leaves the keys of the rows free, so that others may refer to them.
func (d *database) Locked(q *bun.SelectQuery) *bun.SelectQuery { return q.For("NO KEY UPDATE") }

// Kept leaves everything but the keys free.
func (d *database) Kept(q *bun.SelectQuery) *bun.SelectQuery { return q.For("KEY SHARE") }

// Embedded reports false: tokens are in Redis.
func (d *database) Embedded() bool { return false }

func (d *database) Listed(list string) expression {
	return bun.SafeQuery("jsonb_array_elements_text(CAST(? AS jsonb))", list)
}

// Stats is sqlstore.Database's.
func (d *database) Stats() sql.DBStats { return d.db.Stats() }

// Ping asks for an answer.
func (d *database) Ping(ctx context.Context) error {
	waiting, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	return d.db.PingContext(waiting)
}

// Close waits for the units that run.
func (d *database) Close() error { return d.db.Close() }
