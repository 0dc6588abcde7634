package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/ports"
)

func TestOpeningSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text := filepath.Join(folder, "notes.txt")
	require.NoError(t, os.WriteFile(text, []byte(strings.Repeat("no database ", 1000)), 0o600))
	for file, want := range map[string]string{
		filepath.Join(folder, "missing", "x.db"): "cannot be written (no such file or directory); name a data folder that exists and that this user can write to",
		filepath.Join(text, "x.db"):              "cannot be written (not a directory); name a data folder that exists and that this user can write to",
		folder:                                   "cannot be written (is a directory); name a data folder that exists and that this user can write to",
		text:                                     "is no SQLite database; move it away, or name another data folder",
	} {
		_, err := sqlite.Open(t.Context(), file, sqlite.Options{Now: clock})
		require.ErrorIs(t, err, fault.Invalid, file)
		assert.Equal(t, file+" "+want, fault.Of(err).Detail)
		assert.Equal(t, "database", fault.Of(err).Path)
		assert.NotContains(t, err.Error(), "\n")
	}
}

func TestAnyNameOfAFileWorks(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"plain.db", "with space.db", "50%25.db", "what?mode=ro.db", "hash#1.db", "ä.db", "a&b=c.db"} {
		file := filepath.Join(t.TempDir(), name)
		store := openFile(t, file, sqlite.Options{})
		populate(t, store, acme, 1)
		assert.FileExists(t, file, name)
	}
}

func TestTheFileIsNobodyElses(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.db")
	populate(t, openFile(t, file, sqlite.Options{}), acme, 1)
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		info, err := os.Stat(name)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
}

func TestWhatWasWrittenIsThereInAnotherProcess(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.db")
	server, command := openFile(t, file, sqlite.Options{}), openFile(t, file, sqlite.Options{})
	var all sync.WaitGroup
	for n := 1; n <= 40; n++ {
		store := server
		if n%2 == 0 {
			store = command
		}
		all.Go(func() {
			assert.NoError(t, store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error { return tx.Users().Add(ctx, person(t, n)) }))
		})
	}
	all.Wait()
	for _, store := range []*sqlstore.Store{server, command, openFile(t, file, sqlite.Options{})} {
		assert.Equal(t, 40, total(t, store))
	}
}

// total counts the users of acme.
func total(t *testing.T, store *sqlstore.Store) (n int) {
	t.Helper()
	require.NoError(t, store.View(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		page, err := tx.Users().Search(ctx, ports.Query{})
		n = page.Total
		return err
	}))
	return n
}

func TestAClosedStoreIsUnavailable(t *testing.T) {
	t.Parallel()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), sqlite.Options{Now: clock})
	require.NoError(t, err)
	require.NoError(t, store.Ping(t.Context()))
	require.NoError(t, store.Close())
	require.ErrorIs(t, store.Ping(t.Context()), fault.Unavailable)
	nothing := func(context.Context, ports.Tx) error { return nil }
	require.ErrorIs(t, store.Within(t.Context(), acme, nothing), fault.Unavailable)
	require.ErrorIs(t, store.View(t.Context(), acme, nothing), fault.Unavailable)
}
