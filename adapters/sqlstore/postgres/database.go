// Package postgres opens the store on Postgres 15 or newer, where row-level security keeps organisations apart even if a
// statement of ours should forget to name one.
package postgres

import (
	"context"
	"database/sql/driver"
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
		return d.repeatedly(ctx, migrating, commit, fn)
	}
	begin, err := in(org, writing)
	if err != nil {
		return err
	}
	return d.repeatedly(ctx, begin, commit, fn)
}

// Read runs fn in a transaction that sees one state.
func (d *database) Read(ctx context.Context, org organisation.ID, fn func(context.Context, bun.IDB) error) error {
	begin, err := in(org, reading)
	if err != nil {
		return err
	}
	return d.repeatedly(ctx, begin, rollback, fn)
}

// How a transaction begins and ends. Two migrations wait for one another.
const (
	writing   = "BEGIN"
	reading   = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	migrating = "BEGIN; SELECT pg_advisory_xact_lock(7810765906944189298)"
	commit    = "COMMIT"
	rollback  = "ROLLBACK"
)

// in makes begin set the organisation too, for the transaction alone and in the same round trip. What is no UUID never
// becomes SQL. Where no organisation is set, row-level security lets nothing be touched.
func in(org organisation.ID, begin string) (string, error) {
	if org == "" {
		return begin, nil
	}
	var id pgtype.UUID
	if err := id.Scan(string(org)); err != nil {
		return "", fault.New(fault.Internal, "an organisation's id that is no UUID")
	}
	return begin + "; SELECT set_config('app.organisation_id', '" + id.String() + "', true)", nil
}

// longestWait is how long a unit waits for a connection and for its transaction to begin.
const longestWait = 3 * time.Second

// unit runs fn in one transaction. If it fails, nothing of fn stays, unless the answer to the commit was lost.
func (d *database) unit(ctx context.Context, begin, end string, fn func(context.Context, bun.IDB) error) error {
	conn, err := d.begin(ctx, begin)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // gives it back to its pool; what counts is the commit
	open := true
	defer func() {
		if open {
			abandon(context.WithoutCancel(ctx), conn)
		}
	}()
	if err := fn(ctx, conn); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	open = false
	if _, err := conn.ExecContext(context.WithoutCancel(ctx), end); err != nil {
		discard(conn)
		return err
	}
	return nil
}

func (d *database) begin(ctx context.Context, begin string) (bun.Conn, error) {
	waiting, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	conn, err := d.db.Conn(waiting)
	if err != nil {
		return bun.Conn{}, err
	}
	if _, err := conn.ExecContext(waiting, begin); err != nil {
		discard(conn)
		return bun.Conn{}, notBegun{err}
	}
	return conn, nil
}

// abandon rolls back. A connection that cannot even do that is thrown away, for it would take the transaction, and the
// organisation in it, to the next unit.
func abandon(ctx context.Context, conn bun.Conn) {
	if _, err := conn.ExecContext(ctx, rollback); err != nil {
		discard(conn)
	}
}

func discard(conn bun.Conn) { _ = conn.Raw(func(any) error { return driver.ErrBadConn }) }

// Direct runs single statements, each a transaction in no organisation.
func (d *database) Direct() bun.IDB { return d.db }

// Locked leaves the keys of the rows free, so that others may refer to them.
func (d *database) Locked(q *bun.SelectQuery) *bun.SelectQuery { return q.For("NO KEY UPDATE") }

// Ping asks for an answer.
func (d *database) Ping(ctx context.Context) error {
	waiting, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	return d.db.PingContext(waiting)
}

// Close waits for the units that run.
func (d *database) Close() error { return d.db.Close() }
