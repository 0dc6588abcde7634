package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/domain/fault"
)

// raw opens the file beside the store.
func raw(t testing.TB, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// definitions gives all that is defined in the file.
func definitions(t *testing.T, file string) (all []string) {
	t.Helper()
	rows, err := raw(t, file).Query("SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY type, name")
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var text string
		require.NoError(t, rows.Scan(&text))
		all = append(all, text)
	}
	require.NoError(t, rows.Err())
	return all
}

func fresh(t *testing.T) (*sqlstore.Store, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.db")
	store, err := sqlite.Open(t.Context(), file, sqlite.Options{Now: clock})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store, file
}

func TestMigrationsGoUpDownAndUpAgain(t *testing.T) {
	t.Parallel()
	store, file := fresh(t)
	m := store.Migrator()
	require.ErrorIs(t, m.Current(t.Context()), fault.Invalid)
	all, err := m.Status(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, all)
	assert.Zero(t, all[0].Applied)

	taken, err := m.Up(t.Context())
	require.NoError(t, err)
	require.Len(t, taken, len(all))
	assert.Equal(t, sqlstore.Migration{ID: 1, Name: "begin", Applied: clock()}, taken[0])
	require.NoError(t, m.Current(t.Context()))
	again, err := m.Up(t.Context())
	require.NoError(t, err)
	assert.Empty(t, again)
	up := definitions(t, file)

	populate(t, store, acme, 3)
	taken, err = m.Down(t.Context(), len(all)+5)
	require.NoError(t, err)
	assert.Len(t, taken, len(all))
	assert.Equal(t, []string{"CREATE TABLE schema_migrations (id INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)"}, definitions(t, file))
	none, err := m.Down(t.Context(), 1)
	require.NoError(t, err)
	assert.Empty(t, none)

	_, err = m.Up(t.Context())
	require.NoError(t, err)
	assert.Equal(t, up, definitions(t, file))
	assert.Zero(t, total(t, store))
}

func TestADatabaseOfANewerProgramIsRefused(t *testing.T) {
	t.Parallel()
	store, file := fresh(t)
	_, err := store.Migrator().Up(t.Context())
	require.NoError(t, err)
	_, err = raw(t, file).Exec("INSERT INTO schema_migrations VALUES (9000, 'future', 0)")
	require.NoError(t, err)
	_, up := store.Migrator().Up(t.Context())
	_, down := store.Migrator().Down(t.Context(), 1)
	for _, err := range []error{up, down, store.Migrator().Current(t.Context())} {
		require.ErrorIs(t, err, fault.Invalid)
		assert.Contains(t, err.Error(), "of version 9000, which a newer program made; this one knows versions up to")
	}
}

func TestManyMayMigrateAtOnce(t *testing.T) {
	t.Parallel()
	_, file := fresh(t)
	var all sync.WaitGroup
	var mu sync.Mutex
	steps := 0
	for range 4 {
		all.Go(func() {
			store, err := sqlite.Open(t.Context(), file, sqlite.Options{Now: clock})
			if !assert.NoError(t, err) {
				return
			}
			defer store.Close()
			taken, err := store.Migrator().Up(t.Context())
			assert.NoError(t, err)
			mu.Lock()
			defer mu.Unlock()
			steps += len(taken)
		})
	}
	all.Wait()
	store, _ := fresh(t)
	known, err := store.Migrator().Status(t.Context())
	require.NoError(t, err)
	assert.Equal(t, len(known), steps, "each step is taken once")
}
