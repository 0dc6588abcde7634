package portstest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/ports"
)

// isolates fills one organisation and then tries every method from within the other: what is there must be as absent
// to it as what is nowhere, and must be there unharmed afterwards.
func isolates(t *testing.T, store ports.Store) {
	addUsers(t, store, acme, user(t, 1, whole))
	addGroups(t, store, acme, group(t, 2, "Staff"))
	join(t, store, acme, id(2), id(1))
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		return errors.Join(
			tx.Organisation().Add(ctx, tenant(t, acme, "acme")),
			tx.Credentials().Add(ctx, clientCredential(acme, "client", "Entra")),
			tx.Activity().Record(ctx, event(1, string(id(1)))),
		)
	})
	before := everything(t, store)

	absent(t, store, globex)
	within(t, store, globex, func(ctx context.Context, tx ports.Tx) error {
		for _, resources := range []func(context.Context, ports.Query) (ports.Page, error){tx.Users().Search, tx.Groups().Search} {
			page, err := resources(ctx, ports.Query{Limit: 10})
			require.NoError(t, err)
			assert.Equal(t, ports.Page{}, page)
		}
		for _, filter := range []string{`userName pr`, `userName ne "x"`, `not (title pr)`, `emails.value eq "ada@example.com"`, `externalId eq "0042"`, `id eq "` + string(id(1)) + `"`, `groups.value eq "` + string(id(2)) + `"`, `groups pr`} {
			page, err := tx.Users().Search(ctx, ports.Query{Filter: bound(t, userType(), filter), Limit: 10})
			require.NoError(t, err)
			assert.Equal(t, 0, page.Total, filter)
			assert.Empty(t, page.Documents, filter)
		}
		for _, filter := range []string{`displayName pr`, `members pr`, `members.value eq "` + string(id(1)) + `"`, `members[type eq "User"]`} {
			page, err := tx.Groups().Search(ctx, ports.Query{Filter: bound(t, groupType(), filter), Limit: 10})
			require.NoError(t, err)
			assert.Equal(t, 0, page.Total, filter)
		}
		removed, err := tx.Members().Remove(ctx, id(2), many(1, 1))
		require.NoError(t, err)
		assert.Empty(t, removed)
		cleared, err := tx.Members().Clear(ctx, id(2))
		require.NoError(t, err)
		assert.Empty(t, cleared)
		groups, err := tx.Members().Groups(ctx, many(1, 1))
		require.NoError(t, err)
		assert.Empty(t, groups)
		all, err := tx.Credentials().All(ctx)
		require.NoError(t, err)
		assert.Empty(t, all)
		return tx.Credentials().Used(ctx, "client", "zz", begun.Add(time.Hour))
	})
	assert.Empty(t, membersOf(t, store, globex, id(2)))
	assert.Empty(t, history(t, store, globex, string(id(1)), 10))

	addGroups(t, store, globex, group(t, 3, "Thieves"))
	err := store.Within(t.Context(), globex, func(ctx context.Context, tx ports.Tx) error {
		_, err := tx.Members().Add(ctx, id(3), many(1, 1))
		return err
	})
	require.ErrorIs(t, err, fault.Invalid, "another's user is nobody")
	addUsers(t, store, globex, named(t, 4, "thief"))
	err = store.Within(t.Context(), globex, func(ctx context.Context, tx ports.Tx) error {
		_, err := tx.Members().Add(ctx, id(2), many(4, 4))
		return err
	})
	require.ErrorIs(t, err, fault.NotFound, "another's group is none")

	assert.Equal(t, before, everything(t, store))
}

// everything gives all that acme has.
func everything(t *testing.T, store ports.Store) (all []any) {
	t.Helper()
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		users, err1 := tx.Users().Search(ctx, ports.Query{Limit: 10})
		groups, err2 := tx.Groups().Search(ctx, ports.Query{Limit: 10})
		members, err3 := tx.Members().Groups(ctx, many(1, 1))
		credentials, err4 := tx.Credentials().All(ctx)
		events, err5 := tx.Activity().Of(ctx, activity.Subject{Kind: "User", ID: string(id(1))}, 10)
		record, err6 := tx.Organisation().Get(ctx)
		all = []any{users, groups, members, credentials, events, record}
		require.Len(t, users.Documents, 1)
		require.Len(t, groups.Documents, 1)
		require.Len(t, members, 1)
		require.Len(t, credentials, 1)
		require.Len(t, events, 1)
		return errors.Join(err1, err2, err3, err4, err5, err6)
	})
	return all
}
