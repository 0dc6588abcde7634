package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/statement"
)

// connector opens connections that prepare each statement once.
type connector struct {
	driver.Connector
	patience time.Duration // how long one waits for an answer
}

// Connect opens one connection.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &connection{Conn: opened.(*stdlib.Conn), patience: c.patience}, nil
}

// connection runs the statements of bun, which has written the values into them. With the values taken out again,
// Postgres sees one text that it has parsed and planned before, and the values are in none of its logs and views.
//
// Round trips are what a request costs most, so statements of whose answers nothing depends wait for the next one and go
// in the same flight: BEGIN and the organisation with the first, what sqlstore calls unawaited with the COMMIT at the
// latest. If one of them fails, so does the statement that they went with, which is not run then.
type connection struct {
	*stdlib.Conn
	patience   time.Duration
	waiting    pgx.Batch
	wrote      bool // something in this transaction was no SELECT
	unanswered bool // a ROLLBACK was sent
}

// begin lets a transaction begin with the first statement, for the rows of org; where org is not valid, row-level security
// lets nothing be touched. An organisation is set for its transaction alone, and in a statement of its own: what asks for
// rows is planned after that.
func (c *connection) begin(how string, org pgtype.UUID) {
	c.waiting, c.wrote = pgx.Batch{}, false
	c.waiting.Queue(how)
	if org.Valid {
		c.waiting.Queue("SELECT set_config('app.organisation_id', $1, true)", org.String())
	}
}

// QueryContext runs text and gives its rows.
func (c *connection) QueryContext(ctx context.Context, text string, _ []driver.NamedValue) (driver.Rows, error) {
	return c.ask(ctx, text)
}

// ExecContext runs text, or lets it wait.
func (c *connection) ExecContext(ctx context.Context, text string, _ []driver.NamedValue) (driver.Result, error) {
	if text == commit {
		return driver.ResultNoRows, c.commit(ctx)
	}
	if constant, values, ok := prepared(text); ok && sqlstore.Unawaited(ctx) {
		c.wrote = true
		c.waiting.Queue(constant, values...)
		return driver.ResultNoRows, nil
	}
	a, err := c.ask(ctx, text)
	if err != nil {
		return nil, err
	}
	n, err := a.drain()
	return driver.RowsAffected(n), err
}

// ask sends text, with all that waits before it.
func (c *connection) ask(ctx context.Context, text string) (*answer, error) {
	c.wrote = c.wrote || !strings.HasPrefix(text, "SELECT ")
	ctx, done := context.WithTimeout(ctx, c.patience)
	constant, values, ok := prepared(text)
	if !ok {
		if err := c.flush(ctx); err != nil {
			done()
			return nil, err
		}
		rows, err := c.Conn.Conn().Query(ctx, text, pgx.QueryExecModeSimpleProtocol)
		if err != nil {
			done()
			return nil, err
		}
		return &answer{rows: rows, done: done}, nil
	}
	c.waiting.Queue(constant, values...)
	results, err := c.send(ctx, 1)
	if err != nil {
		done()
		return nil, err
	}
	rows, err := results.Query()
	if err != nil {
		_ = results.Close() // says the same
		done()
		return nil, err
	}
	return &answer{rows, results, done}, nil
}

// flush sends what waits.
func (c *connection) flush(ctx context.Context) error {
	if c.waiting.Len() == 0 {
		return nil
	}
	results, err := c.send(ctx, 0)
	if err != nil {
		return err
	}
	return results.Close()
}

// send sends what waits. All went well then but for the last few, whose results it gives.
func (c *connection) send(ctx context.Context, last int) (pgx.BatchResults, error) {
	begins := c.idle()
	batch := c.waiting
	c.waiting = pgx.Batch{}
	results := c.Conn.Conn().SendBatch(ctx, &batch)
	for range batch.Len() - last {
		if _, err := results.Exec(); err != nil {
			_ = results.Close() // says the same
			if begins && code(err) == "" && ctx.Err() == nil {
				return nil, notBegun{err}
			}
			return nil, err
		}
	}
	return results, nil
}

// errUndone is what became of a transaction in which a statement had failed and nobody had looked at the error: to a
// COMMIT, Postgres answers then that it has rolled back, which is no error to it.
var errUndone = errors.New("a statement had failed before the commit, so nothing was done")

func (c *connection) commit(ctx context.Context) error {
	if c.idle() && c.waiting.Len() == 0 {
		return errUndone // with the first statement, the BEGIN failed too
	}
	ctx, done := context.WithTimeout(ctx, c.patience)
	defer done()
	c.waiting.Queue(commit)
	results, err := c.send(ctx, 1)
	var begun notBegun
	if errors.As(err, &begun) {
		return begun.error // its COMMIT may have been heard
	}
	if err != nil {
		return err
	}
	tag, err := results.Exec()
	if err = errors.Join(err, results.Close()); err == nil && tag.String() != commit {
		return errUndone
	}
	return err
}

// abandon ends a transaction of which nothing is to stay. Nobody waits for the answer: it is read before the connection is
// used again. A connection that cannot even be told is a bad one.
func (c *connection) abandon() error {
	c.waiting = pgx.Batch{}
	switch pg := c.Conn.Conn().PgConn(); {
	case pg.IsClosed(), pg.IsBusy():
		return driver.ErrBadConn
	case c.idle():
		return nil
	}
	c.unanswered = true
	frontend := c.Conn.Conn().PgConn().Frontend()
	frontend.SendQuery(&pgproto3.Query{String: "ROLLBACK"})
	if err := frontend.Flush(); err != nil {
		return driver.ErrBadConn
	}
	return nil
}

// longestReset leaves time for another connection (longestWait).
const longestReset = time.Second

// ResetSession is called before a connection of the pool is used again, and gives driver.ErrBadConn if it cannot be: it
// would take the transaction that is still open, and the organisation in it, to the next unit.
func (c *connection) ResetSession(ctx context.Context) error {
	ctx, done := context.WithTimeout(ctx, longestReset)
	defer done()
	for c.unanswered {
		message, err := c.Conn.Conn().PgConn().ReceiveMessage(ctx)
		if err != nil {
			return driver.ErrBadConn
		}
		_, ready := message.(*pgproto3.ReadyForQuery)
		c.unanswered = !ready
	}
	return c.Conn.ResetSession(ctx) // looks whether a transaction is open
}

// idle reports that Postgres is in no transaction.
func (c *connection) idle() bool { return c.Conn.Conn().PgConn().TxStatus() == 'I' }

// mostValues is up to how many values a statement is worth being prepared: one with a longer list is seldom the same twice,
// and to plan it for any values is to plan it badly.
const mostValues = 50

// prepared gives a text for Postgres to remember, and the values that belong into it; ok is false for what is to be run
// once, as it is. The values are text, of which Postgres makes whatever stands in their place.
func prepared(text string) (constant string, values []any, ok bool) {
	constant, values = statement.Numbered(text)
	if len(values) == 0 || len(values) > mostValues {
		return text, nil, false
	}
	for i, v := range values {
		if n, whole := v.(int64); whole {
			values[i] = strconv.FormatInt(n, 10)
		}
	}
	return constant, values, true
}
