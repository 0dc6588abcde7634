package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/servertest"
	"github.com/extraordinary/provisioning/adapters/sqlstore/postgres"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/ports"
)

func person(t testing.TB, name string) *directory.User {
	t.Helper()
	u, _, err := directory.NewUser(schema.Core().Type("User"), directory.ID(newID()), someone(t, name), clock())
	require.NoError(t, err)
	return u
}

func TestWhatNobodyWaitedForUndoesItsUnitIfItFails(t *testing.T) {
	t.Parallel()
	store := openAt(t, servertest.Postgres(t).App, postgres.Options{Connections: 1})
	register(t, store, acme, "acme")
	ada, bob := person(t, "ada"), person(t, "bob")
	line := activity.Event{ID: newID(), At: clock(), Action: activity.Created}
	adds := func(u *directory.User, lines ...activity.Event) error {
		return store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
			errs := []error{tx.Users().Add(ctx, u)}
			for _, line := range lines {
				errs = append(errs, tx.Activity().Record(ctx, line))
			}
			return errors.Join(errs...)
		})
	}
	require.Error(t, adds(ada, line, line), "the journal cannot have a line twice")
	assert.NoError(t, store.View(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		_, err := tx.Users().Get(ctx, ada.ID())
		assert.ErrorIs(t, err, fault.NotFound)
		return nil
	}))
	require.NoError(t, adds(bob, line), "the next unit is not harmed")
}

func TestAFaultThatAUnitOverlooksIsNotCommitted(t *testing.T) {
	t.Parallel()
	store := open(t)
	add := func(name string, overlook bool) error {
		return store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
			if err := tx.Users().Add(ctx, person(t, name)); !overlook {
				return err
			}
			return nil
		})
	}
	require.NoError(t, add("ada", false))
	require.Error(t, add("ada", true))
}

func TestASaveOfAnotherVersionThanTheUnitHasReadIsStale(t *testing.T) {
	t.Parallel()
	store := open(t)
	ada := person(t, "ada")
	within := func(fn func(context.Context, ports.Resources[*directory.User]) error) error {
		return store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error { return fn(ctx, tx.Users()) })
	}
	retitled := func(ctx context.Context, users ports.Resources[*directory.User], title string) *directory.User {
		u, err := users.Get(ctx, ada.ID())
		require.NoError(t, err)
		attributes := u.Attributes().Clone()
		attributes.Set("title", title)
		_, err = u.Replace(schema.Core().Type("User"), attributes, clock())
		require.NoError(t, err)
		return u
	}
	require.NoError(t, within(func(ctx context.Context, users ports.Resources[*directory.User]) error { return users.Add(ctx, ada) }))
	var old *directory.User
	require.NoError(t, within(func(ctx context.Context, users ports.Resources[*directory.User]) error {
		old = retitled(ctx, users, "first")
		return users.Save(ctx, retitled(ctx, users, "second"))
	}))
	require.ErrorIs(t, within(func(ctx context.Context, users ports.Resources[*directory.User]) error {
		_, err := users.Get(ctx, ada.ID())
		require.NoError(t, err)
		return users.Save(ctx, old)
	}), fault.Stale)
	require.ErrorIs(t, within(func(ctx context.Context, users ports.Resources[*directory.User]) error {
		u := retitled(ctx, users, "third")
		require.NoError(t, users.Save(ctx, u))
		return users.Save(ctx, u)
	}), fault.Stale, "it was saved already")
}
