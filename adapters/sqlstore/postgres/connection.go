package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/extraordinary/provisioning/adapters/sqlstore/statement"
)

// connector opens connections that prepare each statement once.
type connector struct{ driver.Connector }

// Connect opens one connection.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &connection{opened.(*stdlib.Conn)}, nil
}

// connection runs the statements of bun, which has written the values into them. With the values taken out again,
// Postgres sees one text that it has parsed and planned before, and the values are in none of its logs and views.
type connection struct{ *stdlib.Conn }

// longestAnswer is how long an answer may take in all. Postgres itself ends a statement before that (statement_timeout),
// so that whoever waits longer waits for a server that is not there any more.
const longestAnswer = longestStatement + time.Second

// QueryContext runs text and gives its rows.
func (c *connection) QueryContext(ctx context.Context, text string, _ []driver.NamedValue) (driver.Rows, error) {
	ctx, done := context.WithTimeout(ctx, longestAnswer)
	constant, args := prepared(text)
	rows, err := c.Conn.QueryContext(ctx, constant, args)
	if err != nil {
		done()
		return nil, err
	}
	return &answer{rows.(*stdlib.Rows), done}, nil
}

// ExecContext runs text.
func (c *connection) ExecContext(ctx context.Context, text string, _ []driver.NamedValue) (driver.Result, error) {
	ctx, done := context.WithTimeout(ctx, longestAnswer)
	defer done()
	if text == commit {
		return driver.RowsAffected(0), c.commit(ctx)
	}
	constant, args := prepared(text)
	return c.Conn.ExecContext(ctx, constant, args)
}

// errUndone is what became of a transaction in which a statement had failed and nobody had looked at the error: to a
// COMMIT, Postgres answers then that it has rolled back, which is no error to it.
var errUndone = errors.New("a statement had failed before the commit, so nothing was done")

func (c *connection) commit(ctx context.Context) error {
	done, err := c.Conn.Conn().Exec(ctx, commit)
	if err == nil && done.String() != commit {
		return errUndone
	}
	return err
}

// mostValues is up to how many values a statement is worth being prepared: one with a longer list is seldom the same
// twice.
const mostValues = 50

// prepared gives a text for Postgres to remember, and the values that belong into it; or text, to be run once. The
// values are text, of which Postgres makes whatever stands in their place.
func prepared(text string) (constant string, args []driver.NamedValue) {
	constant, values := statement.Numbered(text)
	if len(values) == 0 || len(values) > mostValues {
		return text, []driver.NamedValue{{Ordinal: 1, Value: pgx.QueryExecModeSimpleProtocol}}
	}
	args = make([]driver.NamedValue, len(values))
	for i, v := range values {
		if n, ok := v.(int64); ok {
			v = strconv.FormatInt(n, 10)
		}
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return constant, args
}

// answer is the rows of a statement, for which nobody waits any more when they are closed.
type answer struct {
	*stdlib.Rows
	done context.CancelFunc
}

// Close ends the statement.
func (a *answer) Close() error {
	defer a.done()
	return a.Rows.Close()
}
