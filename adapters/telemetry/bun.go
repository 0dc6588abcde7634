package telemetry

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/dbconv"
	"go.opentelemetry.io/otel/trace"
)

// SQL returns a hook that traces and measures statements. It tells verb and
// table, never the text: bun writes the values into it.
func (t *Telemetry) SQL() bun.QueryHook { return statements{t} }

type statements struct{ *Telemetry }

// statement is one that runs. span is nil outside a sampled trace: migrations
// and tickers have durations, but no trace to belong to.
type statement struct {
	began  time.Time
	span   trace.Span
	parent trace.Span
}

type statementKey struct{}

func (t statements) BeforeQuery(ctx context.Context, event *bun.QueryEvent) context.Context {
	s := &statement{began: t.now()}
	s.parent = trace.SpanFromContext(ctx)
	// bun hands the context of BEGIN on to the whole transaction; what follows is
	// no part of BEGIN, but stands beside it.
	if begin, ok := ctx.Value(statementKey{}).(*statement); ok && begin.span == s.parent {
		s.parent = begin.parent
	}
	ctx = context.WithValue(ctx, statementKey{}, s)
	if !s.parent.IsRecording() {
		return ctx
	}
	ctx = trace.ContextWithSpan(ctx, s.parent)
	ctx, s.span = t.tracer.Start(ctx, strings.TrimSpace(verb(event)+" "+table(event)), trace.WithSpanKind(trace.SpanKindClient))
	return ctx
}

func (t statements) AfterQuery(ctx context.Context, event *bun.QueryEvent) {
	s, ok := ctx.Value(statementKey{}).(*statement)
	if !ok {
		return
	}
	labels := []attribute.KeyValue{semconv.DBOperationName(verb(event))}
	if table := table(event); table != "" {
		labels = append(labels, semconv.DBCollectionName(table))
	}
	failed := event.Err != nil && !errors.Is(event.Err, sql.ErrNoRows)
	if failed {
		labels = append(labels, semconv.ErrorTypeKey.String(storeErrorType(event.Err)))
	}
	system := systemOf(event.DB)
	t.instruments.queries.Record(ctx, t.now().Sub(s.began).Seconds(), system, labels...)
	if s.span == nil {
		return
	}
	s.span.SetAttributes(append(labels, semconv.DBSystemNameKey.String(string(system)))...)
	if rows, ok := returnedRows(event); ok {
		s.span.SetAttributes(semconv.DBResponseReturnedRows(rows))
	}
	if failed {
		s.span.SetStatus(codes.Error, "")
	}
	s.span.End()
}

// verb returns the statement's first word if it is one of SQL's: of a statement
// in plain text, bun would give whatever stands there.
func verb(event *bun.QueryEvent) string {
	word, _, _ := strings.Cut(strings.ToUpper(event.Operation()), ";")
	word, _, _ = strings.Cut(word, "\n")
	switch word {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "VALUES", "TRUNCATE",
		"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET", "SHOW", "PRAGMA", "EXPLAIN", "VACUUM", "ANALYZE",
		"CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "LOCK", "DO", "COPY":
		return word
	}
	return "OTHER"
}

// table returns the name of the table if it is a name, and not an expression,
// which bun renders with values in it.
func table(event *bun.QueryEvent) string {
	if event.IQuery == nil {
		return ""
	}
	name, _, _ := strings.Cut(event.IQuery.GetTableName(), " ")
	name = strings.ReplaceAll(name, `"`, "")
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_.") != "" {
		return ""
	}
	return name
}

// returnedRows counts what bun has read. A SELECT that is only executed, for its locks, is not counted: SQLite then tells
// what the last write on the connection did.
func returnedRows(event *bun.QueryEvent) (int, bool) {
	rows, read := event.Result.(driver.RowsAffected)
	return int(rows), read && event.Err == nil && event.Operation() == "SELECT"
}

func systemOf(db *bun.DB) dbconv.SystemNameAttr {
	switch db.Dialect().Name() {
	case dialect.PG:
		return dbconv.SystemNamePostgreSQL
	case dialect.SQLite:
		return dbconv.SystemNameSQLite
	}
	return dbconv.SystemNameOtherSQL
}
