package sqlstore

import (
	"context"
	"database/sql"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/tree"
)

// Database runs units of work. What it gives to fn works until fn returns.
type Database interface {
	// Write runs fn in a transaction of its own, in which only org's rows can be touched; no org means none of any
	// organisation's. It returns nil when what fn did is on disk. fn may run more than once.
	Write(ctx context.Context, org organisation.ID, fn func(context.Context, bun.IDB) error) error
	// Read runs fn in a transaction that sees one state of org's rows and cannot change it.
	Read(ctx context.Context, org organisation.ID, fn func(context.Context, bun.IDB) error) error
	// Direct runs single statements that read what belongs to no organisation.
	Direct() bun.IDB
	// Stats is the state of the connections that read, and where there are no others, of all.
	Stats() sql.DBStats

	Ping(ctx context.Context) error
	Close() error
}

type unawaited struct{}

// unawaitedIn gives the context of a statement that nothing in its unit depends on: it cannot be refused for what a caller
// sent, and nobody asks how many rows it changed.
func unawaitedIn(ctx context.Context) context.Context {
	return context.WithValue(ctx, unawaited{}, true)
}

// Unawaited reports whether a statement is such that a Database may run it together with the unit's next one, or with its
// commit; these then fail if it does.
func Unawaited(ctx context.Context) bool { return ctx.Value(unawaited{}) != nil }

// Dialect is what is said otherwise in each kind of SQL.
type Dialect interface {
	// Locked makes q hold the rows that it reads until the transaction ends.
	Locked(q *bun.SelectQuery) *bun.SelectQuery
	// Kept makes the rows that q reads stay until the transaction ends. Others may change them and keep them too.
	Kept(q *bun.SelectQuery) *bun.SelectQuery
	// Embedded reports that what serves besides is in the database too: tokens, and counters of rows.
	Embedded() bool
	Errors
	// Totals counts the rows of table. shifts stands still as long as no row changed its place in the order of ids; where
	// nobody counts that, it is negative.
	Totals(ctx context.Context, tx bun.IDB, org organisation.ID, table string) (total int, shifts int64, err error)
	// Listed is a table of the strings in a list that is written as JSON, in its column "value": a list of any length.
	Listed(list string) Expression
	// JSON asks things of JSON in a column.
	JSON() JSON
}

// Errors tells what the errors of a kind of database mean.
type Errors interface {
	// Taken reports whether err says that a value of column, which must be unique, is there already.
	Taken(err error, column string) bool
	// NoTable reports whether err says that a table is not there.
	NoTable(err error) bool
	// Fault gives a failure of the database its kind; it is never a caller's.
	Fault(err error) error
}

// Expression is a piece of SQL with its arguments.
type Expression = schema.QueryWithArgs

// JSON renders questions about a JSON document: a column, or a value of Each. A path is the names that lead to a
// value in it; without any, the document itself is meant.
type JSON interface {
	// Value is the string, number or bool at path, NULL if there is none of the sort of like. Strings compare byte by
	// byte.
	Value(document Expression, like tree.Value, path ...string) Expression
	// Literal is a string, number or bool that compares with a Value.
	Literal(v tree.Value) Expression
	// Each is a table of the values in the list at path, in its column "value"; an empty one if there is no list.
	Each(document Expression, path ...string) Expression
	// There holds if something is at path.
	There(document Expression, path ...string) Expression
	// Filled holds if something but empty strings, and lists and objects of these, is at path.
	Filled(document Expression, path ...string) Expression
	// Contains holds if part, which is not empty, is somewhere in text.
	Contains(text Expression, part string) Expression
	// Ends holds if text ends with part, which is not empty.
	Ends(text Expression, part string) Expression
}
