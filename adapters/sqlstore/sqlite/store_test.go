package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
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

func TestSQLiteIsAStore(t *testing.T) {
	t.Parallel()
	portstest.Store(t, func(t *testing.T) ports.Store { return open(t, sqlite.Options{}) })
}

func TestSQLiteIsARegistry(t *testing.T) {
	t.Parallel()
	portstest.Registry(t, func(t *testing.T) (ports.Store, ports.Registry) {
		store := open(t, sqlite.Options{})
		return store, store.Registry()
	})
}

func TestSQLiteKeepsTokens(t *testing.T) {
	t.Parallel()
	portstest.Tokens(t, func(t *testing.T) ports.Tokens { return open(t, sqlite.Options{}).Tokens() })
}

func FuzzMemoryAndSQLiteAgree(f *testing.F) {
	for seed := range uint64(3) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { portstest.Agree(t, open(t, sqlite.Options{}), seed, 50) })
}
