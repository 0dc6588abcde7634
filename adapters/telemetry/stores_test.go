package telemetry_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/schema"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/adapters/telemetry/telemetrytest"
)

// fakeDatabase answers every statement with no rows, or with err.
type fakeDatabase struct{ err error }

func (f fakeDatabase) Connect(context.Context) (driver.Conn, error) { return f, nil }
func (f fakeDatabase) Driver() driver.Driver                        { return nil }
func (f fakeDatabase) Prepare(string) (driver.Stmt, error)          { return nil, errors.ErrUnsupported }
func (f fakeDatabase) Close() error                                 { return nil }
func (f fakeDatabase) Begin() (driver.Tx, error)                    { return f, nil }
func (f fakeDatabase) Commit() error                                { return nil }
func (f fakeDatabase) Rollback() error                              { return nil }
func (f fakeDatabase) Columns() []string                            { return []string{"user_name"} }
func (f fakeDatabase) Next([]driver.Value) error                    { return io.EOF }
func (f fakeDatabase) LastInsertId() (int64, error)                 { return 0, nil }
func (f fakeDatabase) RowsAffected() (int64, error)                 { return 0, nil }
func (f fakeDatabase) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return f, f.err
}

func (f fakeDatabase) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return f, f.err
}

func (p process) database(t *testing.T, dialect schema.Dialect, err error) *bun.DB {
	t.Helper()
	db := bun.NewDB(sql.OpenDB(fakeDatabase{err}), dialect)
	t.Cleanup(func() { _ = db.Close() })
	return db.WithQueryHook(p.SQL())
}

// user is a row.
type user struct {
	bun.BaseModel `bun:"table:users"`
	UserName      string
}

// The errors of stores, as they look: a code for us, and a message that quotes.

type postgresError struct{ state, message string }

func (e *postgresError) Error() string    { return e.message }
func (e *postgresError) SQLState() string { return e.state }

type sqliteError struct{ code int }

func (e *sqliteError) Error() string { return canary }
func (e *sqliteError) Code() int     { return e.code }

// messyError tells everything in its text, and in the texts around it.
type messyError struct{ text string }

func (e *messyError) Error() string { return "user " + e.text + ": " + e.Unwrap().Error() }
func (e *messyError) Unwrap() error { return &postgresError{"23505", e.text} }

// failing runs statements and commands that fail, with the canary in all of them.
func failing(t *testing.T, p process, ctx context.Context) { //nolint:revive // the context belongs to the request, not to the test
	t.Helper()
	db := p.database(t, pgdialect.New(), &postgresError{"23505", "Key (user_name)=(" + canary + ") already exists"})
	_ = db.NewSelect().Model(&user{}).Where("user_name = ?", canary).Scan(ctx)
	_, _ = db.NewInsert().Model(&user{UserName: canary}).Exec(ctx)
	_, _ = db.ExecContext(ctx, canary+" ?", canary)
	_ = db.NewSelect().TableExpr("(SELECT ?) AS x", canary).Scan(ctx, new(string))
	client := p.redis(t)
	_ = client.Set(ctx, canary, canary, 0).Err()
	_ = client.Do(ctx, "NOSUCH", canary).Err()
	_ = client.Do(ctx, canary).Err()
}

// foreignSpan is made as libraries make theirs: with the error's text in it.
func foreignSpan(ctx context.Context) {
	_, span := trace.SpanFromContext(ctx).TracerProvider().Tracer("github.com/ory/fosite").Start(ctx, "Fosite.NewAccessRequest")
	span.SetStatus(codes.Error, canary)
	span.RecordError(errors.New(canary))
	span.SetAttributes(attribute.String("error.reason", canary))
	span.End()
}

func (p process) redis(t *testing.T) *redis.Client {
	t.Helper()
	options := &redis.Options{
		Addr: miniredis.RunT(t).Addr(), DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	client := redis.NewClient(options)
	client.AddHook(p.Redis(options))
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// within runs do inside a request and returns the spans below the server's.
func (p process) within(t *testing.T, r *telemetrytest.Receiver, do func(ctx context.Context)) (below []telemetrytest.Span) {
	t.Helper()
	p.serve(func(_ http.ResponseWriter, req *http.Request) { do(req.Context()) }, get("/scim/v2/Users/7"))
	spans := p.stop(t, r)
	server := spans[len(spans)-1]
	require.Equal(t, "SPAN_KIND_SERVER", server.Kind)
	for _, span := range spans[:len(spans)-1] {
		assert.Equal(t, server.TraceID, span.TraceID)
		assert.Equal(t, "SPAN_KIND_CLIENT", span.Kind)
		if span.Name == "HELLO" { // a new connection, which go-redis opens inside a command
			continue
		}
		assert.Equal(t, server.ID, span.Parent, "%s is not right below the request", span.Name)
		below = append(below, span)
	}
	return below
}

func names(spans []telemetrytest.Span) (names []string) {
	for _, span := range spans {
		names = append(names, span.Name)
	}
	return names
}

func TestASelectThatIsOnlyExecutedTellsNoRows(t *testing.T) {
	t.Parallel()
	p, receiver := exporting(t)
	db := p.database(t, sqlitedialect.New(), nil)
	spans := p.within(t, receiver, func(ctx context.Context) {
		_, err := db.NewInsert().Model(&user{UserName: canary}).Exec(ctx)
		require.NoError(t, err)
		_, err = db.NewSelect().Table("users").Column("user_name").Where("user_name = ?", "nobody").Exec(ctx)
		require.NoError(t, err)
	})
	require.Len(t, spans, 2)
	assert.Equal(t, "SELECT users", spans[1].Name)
	assert.NotContains(t, spans[1].Attributes, "db.response.returned_rows", "the insert's row is not this statement's")
}

func TestAStatementIsASpanOfVerbAndTable(t *testing.T) {
	t.Parallel()
	p, receiver := exporting(t)
	db := p.database(t, sqlitedialect.New(), nil)
	spans := p.within(t, receiver, func(ctx context.Context) {
		var found []user
		require.NoError(t, db.NewSelect().Model(&found).Where("user_name = ?", canary).Scan(ctx))
		require.ErrorIs(t, db.NewSelect().Model(&user{}).Scan(ctx), sql.ErrNoRows)
	})
	require.Len(t, spans, 2)
	assert.Equal(t, "SELECT users", spans[0].Name)
	assert.Equal(t, map[string]any{
		"db.system.name": "sqlite", "db.operation.name": "SELECT", "db.collection.name": "users", "db.response.returned_rows": int64(0),
	}, spans[0].Attributes)
	assert.False(t, spans[1].Failed, "no rows are no fault")
	assert.Equal(t, []string{
		`db_client_operation_duration_seconds_count{db_collection_name="users",db_operation_name="SELECT",db_system_name="sqlite"} 2`,
	}, p.series(t, "db_client_operation_duration_seconds_count"))
}

func TestStatementsOfATransactionStandBesideItsBeginning(t *testing.T) {
	t.Parallel()
	p, receiver := exporting(t)
	db := p.database(t, pgdialect.New(), nil)
	spans := p.within(t, receiver, func(ctx context.Context) {
		require.NoError(t, db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewInsert().Model(&user{UserName: "ann"}).Exec(ctx)
			return err
		}))
	})
	assert.Equal(t, []string{"BEGIN", "INSERT users", "COMMIT"}, names(spans))
}

func TestAStatementThatFailsTellsItsCodeAlone(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"23505":       &postgresError{"23505", canary},
		"sqlite.2067": &sqliteError{2067},
		"canceled":    context.Canceled,
		"timeout":     context.DeadlineExceeded,
		"connection":  driver.ErrBadConn,
		"_OTHER":      errors.New(canary),
	} {
		p, receiver := exporting(t)
		db := p.database(t, pgdialect.New(), err)
		spans := p.within(t, receiver, func(ctx context.Context) {
			_, err := db.NewInsert().Model(&user{UserName: canary}).Exec(ctx)
			require.Error(t, err)
		})
		require.Len(t, spans, 1)
		assert.True(t, spans[0].Failed)
		assert.Equal(t, want, spans[0].Attributes["error.type"])
		assert.Equal(t, []string{
			`db_client_operation_duration_seconds_count{db_collection_name="users",db_operation_name="INSERT",db_system_name="postgresql",error_type="` + want + `"} 1`,
		}, p.series(t, "db_client_operation_duration_seconds_count"))
	}
}

func TestOutsideATraceAStatementIsMeasuredOnly(t *testing.T) {
	t.Parallel()
	p, receiver := exporting(t)
	db := p.database(t, pgdialect.New(), nil)
	_, err := db.NewInsert().Model(&user{}).Exec(t.Context())
	require.NoError(t, err)
	require.NoError(t, p.redis(t).Set(t.Context(), "k", "v", 0).Err())
	assert.Len(t, p.series(t, `db_client_operation_duration_seconds_count{db_collection_name="users",db_operation_name="INSERT"`), 1)
	assert.Len(t, p.series(t, `db_client_operation_duration_seconds_count{db_operation_name="SET"`), 1)
	assert.Empty(t, p.stop(t, receiver))
}

func TestARedisCommandIsASpanOfItsName(t *testing.T) {
	t.Parallel()
	p, receiver := exporting(t)
	client := p.redis(t)
	spans := p.within(t, receiver, func(ctx context.Context) {
		require.NoError(t, client.Set(ctx, "token:"+canary, canary, 0).Err())
		require.ErrorIs(t, client.Get(ctx, canary).Err(), redis.Nil)
		require.NoError(t, redis.NewScript("return 1").Run(ctx, client, nil).Err())
		require.Error(t, client.LPush(ctx, "token:"+canary, canary).Err())
		_, err := client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			pipe.Get(ctx, canary)
			pipe.Set(ctx, "x", canary, 0)
			return nil
		})
		require.ErrorIs(t, err, redis.Nil)
	})
	assert.Equal(t, []string{"SET", "GET", "EVALSHA", "EVAL", "LPUSH", "PIPELINE"}, names(spans))
	for i, span := range spans {
		assert.Equal(t, i == 4, span.Failed, span.Name)
		assert.Equal(t, "redis", span.Attributes["db.system.name"])
		assert.Equal(t, "127.0.0.1", span.Attributes["server.address"])
		assert.NotZero(t, span.Attributes["server.port"])
	}
	assert.Equal(t, "WRONGTYPE", spans[4].Attributes["error.type"])
	assert.Equal(t, int64(2), spans[5].Attributes["db.operation.batch.size"])
}

func TestACauseTellsThePlaceAndTheCode(t *testing.T) {
	t.Parallel()
	postgres := &postgresError{"40001", canary}
	for want, err := range map[string]error{
		"*telemetry_test.postgresError 40001":                 postgres,
		"save: *telemetry_test.postgresError 40001":           wrap("save", postgres),
		"suspend: save: *telemetry_test.sqliteError sqlite.5": wrap("suspend", wrap("save", &sqliteError{5})),
		"suspend: *errors.errorString":                        wrap("suspend", wrap("user "+canary, errors.New(canary))),
		"*telemetry_test.postgresError 23505":                 &messyError{canary},
	} {
		assert.Equal(t, want, telemetry.Cause(err))
	}
}
