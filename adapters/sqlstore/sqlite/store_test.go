package sqlite_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
	"github.com/extraordinary/provisioning/ports/portstest"
)

func clock() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// open gives an empty store whose tables are there.
func open(t testing.TB, o sqlite.Options) *sqlstore.Store {
	t.Helper()
	return openFile(t, filepath.Join(t.TempDir(), "extraordinary.db"), o)
}

func openFile(t testing.TB, file string, o sqlite.Options) *sqlstore.Store {
	t.Helper()
	if o.Now == nil {
		o.Now = clock
	}
	store, err := sqlite.Open(t.Context(), file, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	_, err = store.Migrator().Up(t.Context())
	require.NoError(t, err)
	return store
}

// register makes an organisation's record: nothing is recorded in one that has none.
func register(t testing.TB, store ports.Store, org organisation.ID, slug string) {
	t.Helper()
	o, err := organisation.New(org, slug, "Acme", "owner@example.com", clock())
	require.NoError(t, err)
	require.NoError(t, store.Within(t.Context(), org, func(ctx context.Context, tx ports.Tx) error { return tx.Organisation().Add(ctx, o) }))
}

// openTokens gives an empty store with the organisations of the tokens that the suite puts into it.
func openTokens(t *testing.T, o sqlite.Options) ports.Tokens {
	t.Helper()
	store := open(t, o)
	register(t, store, acme, "acme")
	register(t, store, globex, "globex")
	return store.Tokens()
}

// Whatever a store does in an organisation, its statements must say in which.
func TestSQLiteIsAStoreAndItsStatementsNameTheOrganisation(t *testing.T) {
	t.Parallel()
	var all recorder
	statements := all.during(func() {
		t.Run("suite", func(t *testing.T) {
			portstest.Store(t, func(t *testing.T) ports.Store { return open(t, sqlite.Options{Hook: &all}) })
			portstest.People(t, func(t *testing.T) ports.Store { return open(t, sqlite.Options{Hook: &all}) })
			portstest.Tokens(t, func(t *testing.T) ports.Tokens { return openTokens(t, sqlite.Options{Hook: &all}) })
		})
	})
	named := 0
	for _, statement := range statements {
		if !plannable(statement) || strings.Contains(statement, "schema_migrations") || strings.Contains(statement, "sqlite_schema") {
			continue
		}
		// A token is found before its organisation is known: that is what it is looked up for.
		if strings.HasPrefix(statement, "SELECT") && strings.Contains(statement, `FROM "tokens"`) {
			assert.Contains(t, statement, "(digest = '", statement)
			continue
		}
		assert.Regexp(t, `organisation_id = '|^INSERT INTO \S+ (AS \S+ )?\([^)]*organisation_id`, statement)
		named++
	}
	assert.Greater(t, named, 1000)
}

func TestSQLiteIsARegistry(t *testing.T) {
	t.Parallel()
	portstest.Registry(t, func(t *testing.T) (ports.Store, ports.Registry) {
		store := open(t, sqlite.Options{})
		registry := store.Registry()
		return store, registry
	})
}

func TestSQLiteKeepsThePortalsPeople(t *testing.T) {
	t.Parallel()
	portstest.Staff(t, func(t *testing.T) (ports.Store, ports.Doors) {
		store := open(t, sqlite.Options{})
		doors := store.Doors()
		return store, doors
	})
}

func TestSQLiteKeepsTraffic(t *testing.T) {
	t.Parallel()
	portstest.Traffic(t, func(t *testing.T) ports.Store { return open(t, sqlite.Options{}) })
}

func TestSQLiteListsPeople(t *testing.T) {
	t.Parallel()
	portstest.People(t, func(t *testing.T) ports.Store { return open(t, sqlite.Options{}) })
}

func TestWhoWasThereBeforeListsAreInThem(t *testing.T) {
	t.Parallel()
	store := open(t, sqlite.Options{})
	portstest.Refilled(t, store, func() {
		m := store.Migrator()
		all, err := m.Status(t.Context())
		require.NoError(t, err)
		_, err = m.Down(t.Context(), len(all)-slices.IndexFunc(all, func(s sqlstore.Migration) bool { return s.Name == "people" }))
		require.NoError(t, err)
		_, err = m.Up(t.Context())
		require.NoError(t, err)
	})
}

func TestSQLiteIsAPostbox(t *testing.T) {
	t.Parallel()
	portstest.Postbox(t, func(t *testing.T) (ports.Store, ports.Postbox) {
		store := open(t, sqlite.Options{})
		postbox := store.Postbox()
		return store, postbox
	})
}

func FuzzMemoryAndSQLiteAgree(f *testing.F) {
	for seed := range uint64(3) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { portstest.Agree(t, open(t, sqlite.Options{}), seed, 50) })
}
