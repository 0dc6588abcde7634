package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/servertest"
	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/postgres"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
	"github.com/extraordinary/provisioning/ports/portstest"
)

func clock() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// open gives an empty store whose tables are there.
func open(t testing.TB) *sqlstore.Store {
	t.Helper()
	return openAt(t, servertest.Postgres(t).App, postgres.Options{})
}

func openAt(t testing.TB, url string, o postgres.Options) *sqlstore.Store {
	t.Helper()
	o.Now = clock
	store, err := postgres.Open(t.Context(), url, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store
}

func TestPostgresIsAStore(t *testing.T) {
	t.Parallel()
	portstest.Store(t, func(t *testing.T) ports.Store { return open(t) })
}

func TestPostgresIsARegistry(t *testing.T) {
	t.Parallel()
	portstest.Registry(t, func(t *testing.T) (ports.Store, ports.Registry) {
		store := open(t)
		registry := store.Registry()
		return store, registry
	})
}

func TestPostgresKeepsThePortalsPeople(t *testing.T) {
	t.Parallel()
	portstest.Staff(t, func(t *testing.T) (ports.Store, ports.Doors) {
		store := open(t)
		doors := store.Doors()
		return store, doors
	})
}

func TestPostgresKeepsTraffic(t *testing.T) {
	t.Parallel()
	portstest.Traffic(t, func(t *testing.T) ports.Store { return open(t) })
}

func TestPostgresListsPeople(t *testing.T) {
	t.Parallel()
	portstest.People(t, func(t *testing.T) ports.Store { return open(t) })
}

func TestPostgresIsAPostbox(t *testing.T) {
	t.Parallel()
	portstest.Postbox(t, func(t *testing.T) (ports.Store, ports.Postbox) {
		store := open(t)
		postbox := store.Postbox()
		return store, postbox
	})
}

func FuzzMemoryAndPostgresAgree(f *testing.F) {
	for seed := range uint64(3) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { portstest.Agree(t, open(t), seed, 50) })
}

const (
	acme   organisation.ID = "0190a000-0000-7000-8000-00000000ac3e"
	globex organisation.ID = "0190a000-0000-7000-8000-0000006c0bec"
)
