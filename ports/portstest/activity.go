package portstest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// event makes the nth event, of a user.
func event(n int, user string) activity.Event {
	return activity.Event{
		ID: fmt.Sprintf("0190b000-0000-7000-8000-%012x", n), At: begun.Add(time.Duration(n) * time.Second),
		Actor: activity.Actor{Kind: activity.Client, ID: "client"}, Action: activity.Changed,
		Subject: activity.Subject{Kind: "User", ID: user}, Trace: "0af7651916cd43dd8448eb211c80319c",
	}
}

func history(t *testing.T, store ports.Store, org organisation.ID, user string, limit int) (events []activity.Event) {
	t.Helper()
	view(t, store, org, func(ctx context.Context, tx ports.Tx) (err error) {
		events, err = tx.Activity().Of(ctx, activity.Subject{Kind: "User", ID: user}, limit)
		return err
	})
	return events
}

func tellsWhereMembersWere(t *testing.T, store ports.Store) {
	register(t, store, acme, "acme")
	from := ports.WithAddress(t.Context(), "192.0.2.7")
	member, elsewhere, client := event(1, "a"), event(2, "a"), event(3, "a")
	member.Actor.Kind, elsewhere.Actor.Kind, elsewhere.Address = activity.Member, activity.Member, "192.0.2.8"
	require.NoError(t, store.Within(from, acme, func(ctx context.Context, tx ports.Tx) error {
		return errors.Join(tx.Activity().Record(ctx, member), tx.Activity().Record(ctx, elsewhere), tx.Activity().Record(ctx, client))
	}))
	var addresses []string
	for _, e := range history(t, store, acme, "a", 9) {
		addresses = append(addresses, e.Address)
	}
	assert.Equal(t, []string{"", "192.0.2.8", "192.0.2.7"}, addresses, "of Entra's requests the address says nothing")
}

func recordsWithTheChange(t *testing.T, store ports.Store) {
	register(t, store, acme, "acme")
	change := func(fail error) func(context.Context, ports.Tx) error {
		return func(ctx context.Context, tx ports.Tx) error {
			require.NoError(t, tx.Users().Add(ctx, named(t, 1, "ada")))
			require.NoError(t, tx.Activity().Record(ctx, event(1, "1")))
			return fail
		}
	}
	require.Error(t, store.Within(t.Context(), acme, change(errors.New("wrong"))))
	assert.Empty(t, history(t, store, acme, "1", 10))
	within(t, store, acme, change(nil))
	assert.Len(t, history(t, store, acme, "1", 10), 1)
	err := store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		if err := tx.Users().Delete(ctx, id(1)); err != nil {
			return err
		}
		return tx.Activity().Record(ctx, event(1, "1"))
	})
	require.Error(t, err, "an event of that id is there")
	assert.True(t, exists(t, store, acme, 1), "no record, no change")
}

func readsActivity(t *testing.T, store ports.Store) {
	register(t, store, acme, "acme")
	first, second := event(1, "1"), event(2, "1")
	first.Changes = []activity.Change{
		{Path: "active", From: true, To: false},
		{Path: "title", From: "a", To: nil},
		{Path: "emails", From: nil, To: tree.List{tree.NewObject(tree.Member{Name: "value", Value: "ada@example.com"})}},
		{Path: "urn:x:level", From: tree.Number("1"), To: tree.Number("2.50")},
	}
	second.Actor, second.Action, second.Trace = activity.Actor{Kind: activity.Operator}, activity.Deleted, ""
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		return errors.Join(tx.Activity().Record(ctx, second), tx.Activity().Record(ctx, event(3, "2")), tx.Activity().Record(ctx, first))
	})
	assert.Equal(t, []activity.Event{second, first}, history(t, store, acme, "1", 10))
	assert.Equal(t, []activity.Event{second}, history(t, store, acme, "1", 1))
	assert.Empty(t, history(t, store, globex, "1", 10))
}

func readsTheWholeJournal(t *testing.T, store ports.Store) {
	const many = 1001 // more than are read at once
	register(t, store, acme, "acme")
	register(t, store, globex, "globex")
	within(t, store, globex, func(ctx context.Context, tx ports.Tx) error { return tx.Activity().Record(ctx, event(0, "1")) })
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		for n := many; n > 0; n-- {
			if err := tx.Activity().Record(ctx, event(n, fmt.Sprint(n%7))); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		n := 0
		err := tx.Activity().All(ctx, func(e activity.Event) error {
			n++
			assert.Equal(t, event(n, fmt.Sprint(n%7)), e)
			return nil
		})
		assert.Equal(t, many, n)
		return err
	})
	wrong := errors.New("wrong")
	require.ErrorIs(t, store.View(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		return tx.Activity().All(ctx, func(activity.Event) error { return wrong })
	}), wrong)
}

func refusesUnknownOrganisations(t *testing.T, store ports.Store) {
	require.Error(t, store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		require.NoError(t, tx.Users().Add(ctx, named(t, 1, "ada")))
		return tx.Activity().Record(ctx, event(1, "1"))
	}))
	assert.False(t, exists(t, store, acme, 1))
}
