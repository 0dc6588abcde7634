package portstest

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/employeeid"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/traffic"
	"github.com/extraordinary/provisioning/ports"
)

// Furnish makes an organisation that has one of each kind, but for two more users and another group.
func Furnish(t *testing.T, store ports.Store, org organisation.ID, slug string) {
	t.Helper()
	register(t, store, org, slug)
	addUsers(t, store, org, user(t, 1, whole), named(t, 3, "bob"), badged(t, 4, "42"))
	addGroups(t, store, org, group(t, 2, "Staff"), group(t, 6, "Board"))
	join(t, store, org, id(2), id(1), id(6))
	within(t, store, org, func(ctx context.Context, tx ports.Tx) error {
		return errors.Join(
			tx.Credentials().Add(ctx, clientCredential(org, "client", "Entra")),
			tx.Activity().Record(ctx, event(1, string(id(1)))),
			tx.Extensions().Add(ctx, extension(t, "urn:x:a")),
			tx.Outbox().Queue(ctx, letter(1, 0)),
			tx.Traffic().Add(ctx, []traffic.Exchange{exchange(1)}),
			tx.Traffic().SaveState(ctx, traffic.State{People: 1}),
			tx.Staff().Add(ctx, colleague(1, "ann@example.com")),
			tx.Sessions().Put(ctx, session(1, string(id(1)))),
			tx.Links().Put(ctx, oneTimeLink(1, string(id(1)))),
			tx.Health().Put(ctx, employeeid.Health{Problem: employeeid.Long, Since: begun}),
			tx.Judgements().Put(ctx, judged(1, "42")),
			tx.Exports().Put(ctx, file(1, 0)),
			tx.Exports().Append(ctx, file(1, 0).ID, 0, "a"),
		)
	})
}

// erase runs fn, which deletes things of org, and adds what it counts to sum.
func erase(t *testing.T, store ports.Store, org organisation.ID, sum map[string]int, fn func(context.Context, ports.Organisation) (map[string]int, error)) (rows int) {
	t.Helper()
	var erased map[string]int
	within(t, store, org, func(ctx context.Context, tx ports.Tx) (err error) {
		erased, err = fn(ctx, tx.Organisation())
		return err
	})
	for table, n := range erased {
		sum[table] += n
		rows += n
	}
	return rows
}

func empty(most int) func(context.Context, ports.Organisation) (map[string]int, error) {
	return func(ctx context.Context, o ports.Organisation) (map[string]int, error) { return o.Empty(ctx, most) }
}

func remove(ctx context.Context, o ports.Organisation) (map[string]int, error) { return o.Remove(ctx) }

func erasesOrganisations(t *testing.T, store ports.Store) {
	Furnish(t, store, globex, "globex")
	before := inventory(t, store, globex)
	Furnish(t, store, acme, "acme")

	sum, steps := map[string]int{}, 0
	for rows := 2; rows > 0; steps++ {
		rows = erase(t, store, acme, sum, empty(2))
		assert.LessOrEqual(t, rows, 2)
		view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
			_, err := tx.Organisation().Get(ctx)
			return err // it can be found until the end
		})
	}
	assert.Greater(t, steps, 4)
	assert.Equal(t, inventory(t, store, initech)[:5], inventory(t, store, acme)[:5], "all but the record is gone")
	addUsers(t, store, acme, named(t, 5, "late"))
	erase(t, store, acme, sum, remove)
	for table, n := range map[string]int{"registry": 1, "organisations": 1, "users": 4, "groups": 2, "memberships": 1, "nestings": 1, "credentials": 1, "activity": 1, "unique_values": 1, "extensions": 1, "mails": 1, "mails_due": 1, "exchanges": 1, "connections": 1, "staff": 1, "sign_ins": 1, "sessions": 1, "links": 1, "id_health": 1, "judgements": 1, "exports": 1, "export_parts": 1} {
		assert.Equal(t, n, sum[table], table)
	}
	assert.Equal(t, inventory(t, store, initech), inventory(t, store, acme), "as if it had never been")
	assert.Equal(t, before, inventory(t, store, globex), "the other is unharmed")

	require.Error(t, store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		require.NoError(t, tx.Users().Add(ctx, named(t, 5, "later")))
		return tx.Activity().Record(ctx, event(2, string(id(5))))
	}), "who was let in before comes too late")
	assert.Zero(t, erase(t, store, acme, sum, empty(2))+erase(t, store, acme, sum, remove), "twice")
	Furnish(t, store, acme, "acme")
}

// inventory gives all that is read of an organisation.
func inventory(t *testing.T, store ports.Store, org organisation.ID) (all []any) {
	t.Helper()
	view(t, store, org, func(ctx context.Context, tx ports.Tx) error {
		users, err1 := tx.Users().Search(ctx, ports.Query{Limit: 10})
		groups, err2 := tx.Groups().Search(ctx, ports.Query{Limit: 10})
		members, err3 := tx.Members().Groups(ctx, many(1, 4))
		credentials, err4 := tx.Credentials().All(ctx)
		var events []activity.Event
		err5 := tx.Activity().All(ctx, func(e activity.Event) error { events = append(events, e); return nil })
		record, err6 := tx.Organisation().Get(ctx)
		if errors.Is(err6, fault.NotFound) {
			err6 = nil
		}
		all = []any{users, groups, members, len(credentials), events, record}
		return errors.Join(err1, err2, err3, err4, err5, err6)
	})
	return all
}
