package postgres_test

import (
	"context"
	"database/sql"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/servertest"
	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/postgres"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/migrations"
	"github.com/extraordinary/provisioning/ports/portstest"
)

func migrator(t *testing.T, database servertest.Database) sqlstore.Migrator {
	t.Helper()
	m, err := postgres.OpenMigrator(t.Context(), database.Owner, postgres.Options{Now: clock})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	return m
}

func TestMigrationsGoUpAndDownAndUp(t *testing.T) {
	t.Parallel()
	database := servertest.EmptyPostgres(t)
	m := migrator(t, database)
	connection := connect(t, database.Superuser)
	const shape = `SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(collation_name, '') FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name <> 'schema_migrations'
		UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL SELECT polname || coalesce(pg_get_expr(polqual, polrelid), '') FROM pg_policy ORDER BY 1`

	steps, err := m.Up(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, steps)
	first := list(t, connection, shape)
	again, err := m.Up(t.Context())
	require.NoError(t, err)
	assert.Empty(t, again)

	down, err := m.Down(t.Context(), len(steps))
	require.NoError(t, err)
	assert.Len(t, down, len(steps))
	assert.Len(t, list(t, connection, shape), 1, "the key of schema_migrations")

	_, err = m.Up(t.Context())
	require.NoError(t, err)
	assert.Equal(t, first, list(t, connection, shape))
	openAt(t, database.App, postgres.Options{})
}

func TestWhoWasThereBeforeListsAreInThem(t *testing.T) {
	t.Parallel()
	database := servertest.EmptyPostgres(t)
	m := migrator(t, database)
	_, err := m.Up(t.Context())
	require.NoError(t, err)
	portstest.Refilled(t, openAt(t, database.App, postgres.Options{}), func() {
		all, err := m.Status(t.Context())
		require.NoError(t, err)
		_, err = m.Down(t.Context(), len(all)-slices.IndexFunc(all, func(s sqlstore.Migration) bool { return s.Name == "people" }))
		require.NoError(t, err)
		_, err = m.Up(t.Context())
		require.NoError(t, err)
	})
}

func TestMigrationsThatStartAtOnceAreDoneOnce(t *testing.T) {
	t.Parallel()
	database := servertest.EmptyPostgres(t)
	var all sync.WaitGroup
	taken := make([]int, 4)
	for i := range taken {
		m := migrator(t, database)
		all.Go(func() {
			steps, err := m.Up(t.Context())
			assert.NoError(t, err)
			taken[i] = len(steps)
		})
	}
	all.Wait()
	sum := 0
	for _, n := range taken {
		sum += n
	}
	assert.Len(t, files(t, migrations.Postgres), 2*sum)
}

func TestAMigrationThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	database := servertest.EmptyPostgres(t)
	connection := connect(t, database.Owner)
	execute(t, connection, "CREATE TABLE activity ()")
	_, err := migrator(t, database).Up(t.Context())
	require.ErrorContains(t, err, "0001_begin.up.sql")
	assert.Equal(t, []string{"activity"}, list(t, connection, "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"))
}

// files gives the names of all migrations, without the folder.
func files(t *testing.T, folder fs.FS) (names []string) {
	t.Helper()
	paths, err := fs.Glob(folder, "*/*.sql")
	require.NoError(t, err)
	for _, p := range paths {
		names = append(names, path.Base(p))
	}
	return names
}

func TestBothDialectsHaveTheSameHistory(t *testing.T) {
	t.Parallel()
	assert.Equal(t, files(t, migrations.SQLite), files(t, migrations.Postgres))
}

// embedded are the tables that only SQLite needs: tokens, which are in Redis elsewhere. Totals are counted otherwise.
const embedded = "'tokens', 'token_blocks', 'token_limits', 'token_ends', 'totals'"

func TestBothDialectsHaveTheSameColumns(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "extraordinary.db")
	store, err := sqlite.Open(t.Context(), file, sqlite.Options{Now: time.Now})
	require.NoError(t, err)
	_, err = store.Migrator().Up(t.Context())
	require.NoError(t, err)
	require.NoError(t, store.Close())
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	defer db.Close()
	// What SQLite has as text is a uuid or jsonb, where that serves, and a boolean is 0 or 1; its integers are all of 64 bits.
	same := strings.NewReplacer("bigint", "integer", "uuid", "text", "jsonb", "text", "boolean", "integer")
	rows, err := db.QueryContext(context.Background(), `SELECT m.name || '.' || c.name || ' ' || lower(c.type) || iif(c."notnull" OR c.pk, '', ' or nothing') FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
		WHERE m.type = 'table' AND m.name NOT IN (`+embedded+`) ORDER BY m.name, c.name`)
	require.NoError(t, err)
	defer rows.Close()
	var ofSQLite []string
	for rows.Next() {
		var column string
		require.NoError(t, rows.Scan(&column))
		ofSQLite = append(ofSQLite, same.Replace(column))
	}
	require.NoError(t, rows.Err())

	var ofPostgres []string
	for _, column := range list(t, connect(t, servertest.Postgres(t).Superuser), `SELECT table_name || '.' || column_name || ' ' || data_type || CASE is_nullable WHEN 'YES' THEN ' or nothing' ELSE '' END
		FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'totals' ORDER BY table_name COLLATE "C", column_name COLLATE "C"`) {
		ofPostgres = append(ofPostgres, same.Replace(column))
	}
	assert.Equal(t, ofSQLite, ofPostgres)
}
