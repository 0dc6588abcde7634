package sqlite

import (
	"context"
	"database/sql/driver"
	"slices"
	"strings"

	"modernc.org/sqlite"

	"github.com/extraordinary/provisioning/adapters/sqlstore/statement"
)

// connector opens connections that prepare each statement once.
type connector struct {
	below driver.Driver
	name  string
}

func newConnector(name string) connector { return connector{&sqlite.Driver{}, name} }

// Connect opens one connection.
func (c connector) Connect(context.Context) (driver.Conn, error) {
	opened, err := c.below.Open(c.name)
	if err != nil {
		return nil, err
	}
	return &conn{native: opened.(native), prepared: map[string]*prepared{}}, nil
}

// Driver gives the driver below.
func (c connector) Driver() driver.Driver { return c.below }

// native is what we use of a connection of modernc.org/sqlite.
type native interface {
	driver.Conn
	driver.QueryerContext
	driver.ExecerContext
	driver.SessionResetter
	driver.Validator
}

// conn is a connection that keeps its prepared statements. To prepare one costs as much as to run it.
type conn struct {
	native
	prepared map[string]*prepared
}

// mostPrepared bounds what filters of ever new shapes can make us keep.
const mostPrepared = 200

type prepared struct {
	driver.Stmt
	busy bool // its rows are being read
}

// QueryContext runs text and gives its rows.
func (c *conn) QueryContext(ctx context.Context, text string, _ []driver.NamedValue) (driver.Rows, error) {
	p, values, err := c.prepare(text)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return c.native.QueryContext(interruptible(ctx, text), text, nil)
	}
	rows, err := p.Stmt.(driver.StmtQueryContext).QueryContext(interruptible(ctx, text), numbered(values))
	if err != nil {
		return nil, err
	}
	p.busy = true
	return &reading{rows, p}, nil
}

// ExecContext runs text.
func (c *conn) ExecContext(ctx context.Context, text string, _ []driver.NamedValue) (driver.Result, error) {
	p, values, err := c.prepare(text)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return c.native.ExecContext(interruptible(ctx, text), text, nil)
	}
	return p.Stmt.(driver.StmtExecContext).ExecContext(interruptible(ctx, text), numbered(values))
}

// Close lets go of the statements and the connection.
func (c *conn) Close() error {
	c.forget()
	return c.native.Close()
}

// prepare gives the statement to run with values in place of text. It is nil for what is seldom run, such as the
// scripts of migrations, and while its own rows are being read.
func (c *conn) prepare(text string) (p *prepared, values []any, err error) {
	constant, values := statement.Split(text)
	if p, ok := c.prepared[constant]; ok {
		if p.busy {
			return nil, nil, nil
		}
		return p, values, nil
	}
	if verb, _, _ := strings.Cut(constant, " "); !slices.Contains(frequent, verb) {
		return nil, nil, nil
	}
	if len(c.prepared) >= mostPrepared {
		c.forget()
	}
	s, err := c.Prepare(constant)
	if err != nil {
		return nil, nil, err
	}
	p = &prepared{Stmt: s}
	c.prepared[constant] = p
	return p, values, nil
}

var frequent = []string{"SELECT", "INSERT", "UPDATE", "DELETE", "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT"}

// forget lets go of all statements but those whose rows are being read, which go when these are closed.
func (c *conn) forget() {
	for constant, p := range c.prepared {
		if !p.busy {
			_ = p.Close()
			delete(c.prepared, constant)
		}
	}
}

// interruptible keeps ctx for a search that has a deadline. Everything else is short and must run to its end: SQLite
// rolls the whole transaction back if a write in it is interrupted, and so the work of others that share it; and to
// watch a context costs a goroutine.
func interruptible(ctx context.Context, text string) context.Context {
	if _, bounded := ctx.Deadline(); bounded && strings.HasPrefix(text, "SELECT ") {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

func numbered(values []any) []driver.NamedValue {
	named := make([]driver.NamedValue, len(values))
	for i, v := range values {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return named
}

// reading is the rows of a prepared statement.
type reading struct {
	driver.Rows
	of *prepared
}

// Close gives the statement free.
func (r *reading) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}
