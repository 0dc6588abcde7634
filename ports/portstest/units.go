package portstest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

func commits(t *testing.T, store ports.Store) {
	addUsers(t, store, acme, named(t, 1, "ada"))
	assert.True(t, exists(t, store, acme, 1))
}

func rollsBack(t *testing.T, store ports.Store) {
	wrong := errors.New("wrong")
	err := store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		require.NoError(t, tx.Users().Add(ctx, named(t, 1, "ada")))
		return wrong
	})
	require.ErrorIs(t, err, wrong)
	assert.False(t, exists(t, store, acme, 1))
}

func survivesPanics(t *testing.T, store ports.Store) {
	assert.PanicsWithValue(t, "oh", func() {
		_ = store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
			require.NoError(t, tx.Users().Add(ctx, named(t, 1, "ada")))
			panic("oh")
		})
	})
	assert.PanicsWithValue(t, "oh", func() {
		_ = store.View(t.Context(), acme, func(context.Context, ports.Tx) error { panic("oh") })
	})
	assert.False(t, exists(t, store, acme, 1))
	addUsers(t, store, acme, named(t, 2, "ada"))
	assert.True(t, exists(t, store, acme, 2))
}

func leavesOutCancelled(t *testing.T, store ports.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	never := func(context.Context, ports.Tx) error {
		t.Error("it ran")
		return nil
	}
	require.ErrorIs(t, store.Within(ctx, acme, never), context.Canceled)
	require.ErrorIs(t, store.View(ctx, acme, never), context.Canceled)
}

func refusesNowhere(t *testing.T, store ports.Store) {
	never := func(context.Context, ports.Tx) error {
		t.Error("it ran")
		return nil
	}
	require.ErrorIs(t, store.Within(t.Context(), "", never), fault.Internal)
	require.ErrorIs(t, store.View(t.Context(), "", never), fault.Internal)
}

func refusesWritesInViews(t *testing.T, store ports.Store) {
	addUsers(t, store, acme, named(t, 1, "ada"))
	addGroups(t, store, acme, group(t, 2, "Staff"))
	for name, write := range map[string]func(context.Context, ports.Tx) error{
		"add":    func(ctx context.Context, tx ports.Tx) error { return tx.Users().Add(ctx, named(t, 3, "bob")) },
		"delete": func(ctx context.Context, tx ports.Tx) error { return tx.Users().Delete(ctx, id(1)) },
		"member": func(ctx context.Context, tx ports.Tx) error {
			_, err := tx.Members().Add(ctx, id(2), many(1, 1))
			return err
		},
		"activity": func(ctx context.Context, tx ports.Tx) error { return tx.Activity().Record(ctx, event(1, "1")) },
	} {
		require.Error(t, store.View(t.Context(), acme, write), name)
	}
	assert.True(t, exists(t, store, acme, 1))
	assert.False(t, exists(t, store, acme, 3))
	assert.Empty(t, membersOf(t, store, acme, id(2)))
}

func seesOneState(t *testing.T, store ports.Store) {
	addUsers(t, store, acme, named(t, 1, "ada"))
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		before, err := tx.Users().Search(ctx, ports.Query{Limit: 10})
		require.NoError(t, err)
		addUsers(t, store, acme, named(t, 2, "bob"))
		after, err := tx.Users().Search(ctx, ports.Query{Limit: 10})
		assert.Equal(t, before, after)
		return err
	})
	assert.True(t, exists(t, store, acme, 2))
}

func keepsNeighbours(t *testing.T, store ports.Store) {
	const units = 200 // some of which share a commit, where an adapter does that
	errs := make([]error, units)
	var all sync.WaitGroup
	for n := range units {
		all.Go(func() { errs[n] = troubled(t, store, n) })
	}
	all.Wait()
	for n := range units {
		good := n%4 == 0
		assert.Equal(t, good, errs[n] == nil, "unit %d: %v", n, errs[n])
		assert.Equal(t, good, exists(t, store, acme, n), "user %d", n)
	}
}

// troubled adds a user in a unit that, but for each fourth, comes to a bad end.
func troubled(t *testing.T, store ports.Store, n int) (err error) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return store.Within(ctx, acme, func(ctx context.Context, tx ports.Tx) error {
		if err := tx.Users().Add(ctx, named(t, n, fmt.Sprintf("user%d", n))); err != nil {
			return err
		}
		switch n % 4 {
		case 1:
			return errors.New("wrong")
		case 2:
			panic("oh")
		case 3:
			cancel()
			return ctx.Err()
		}
		return nil
	})
}

func hidesUncommitted(t *testing.T, store ports.Store) {
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		require.NoError(t, tx.Users().Add(ctx, named(t, 1, "ada")))
		assert.False(t, exists(t, store, acme, 1))
		return nil
	})
	assert.True(t, exists(t, store, acme, 1))
}

// repeatsAcrossOrganisations would fail if an index were unique over all organisations, and so tell one about another.
func repeatsAcrossOrganisations(t *testing.T, store ports.Store) {
	for _, org := range []organisation.ID{acme, globex} {
		addUsers(t, store, org, named(t, 1, "ada"))
		addGroups(t, store, org, group(t, 2, "Staff"))
		within(t, store, org, func(ctx context.Context, tx ports.Tx) error {
			added, err := tx.Members().Add(ctx, id(2), many(1, 1))
			assert.Equal(t, many(1, 1), added)
			return err
		})
	}
	within(t, store, globex, func(ctx context.Context, tx ports.Tx) error { return tx.Users().Delete(ctx, id(1)) })
	assert.True(t, exists(t, store, acme, 1))
	assert.Equal(t, many(1, 1), membersOf(t, store, acme, id(2)))
	assert.Empty(t, membersOf(t, store, globex, id(2)))
}
