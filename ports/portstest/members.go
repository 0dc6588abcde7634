package portstest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/ports"
)

func addsMembers(t *testing.T, store ports.Store) {
	crowd(t, store, acme, 1, 5)
	addGroups(t, store, acme, group(t, 10, "Staff"))
	add := func(want []directory.ID, users ...directory.ID) {
		within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
			added, err := tx.Members().Add(ctx, id(10), users)
			assert.Equal(t, want, added)
			return err
		})
	}
	add([]directory.ID{id(2)}, id(2))
	add(nil, id(2))
	add([]directory.ID{id(5), id(1)}, id(5), id(2), id(1))
	add(nil)
	assert.Equal(t, []directory.ID{id(1), id(2), id(5)}, membersOf(t, store, acme, id(10)))
}

func refusesStrangers(t *testing.T, store ports.Store) {
	crowd(t, store, acme, 1, 2)
	crowd(t, store, globex, 3, 3)
	addGroups(t, store, acme, group(t, 10, "Staff"), group(t, 11, "Board"))
	addGroups(t, store, globex, group(t, 30, "Staff"))
	for name, users := range map[string][]directory.ID{
		"one who is nowhere":                    {id(9)},
		"one of another organisation":           {id(3)},
		"a stranger among users":                {id(1), id(9), id(2)},
		"the group itself":                      {id(1), id(10)},
		"a group of another organisation":       {id(30)},
		"a stranger beside one who is a member": {id(2), id(9)},
	} {
		join(t, store, acme, id(10), id(2))
		err := store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
			_, err := tx.Members().Add(ctx, id(10), users)
			return err
		})
		require.ErrorIs(t, err, fault.Invalid, name)
		assert.Equal(t, "members", fault.Of(err).Path, name)
		assert.Equal(t, many(2, 2), membersOf(t, store, acme, id(10)), name)
	}
	err := store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		_, err := tx.Members().Add(ctx, id(99), many(1, 1))
		return err
	})
	require.ErrorIs(t, err, fault.NotFound, "there is no such group")
}

func removesMembers(t *testing.T, store ports.Store) {
	crowd(t, store, acme, 1, 4)
	addGroups(t, store, acme, group(t, 10, "Staff"), group(t, 11, "Board"))
	join(t, store, acme, id(10), many(1, 4)...)
	join(t, store, acme, id(11), many(1, 4)...)
	remove := func(want []directory.ID, fn func(context.Context, ports.Members) ([]directory.ID, error)) {
		within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
			removed, err := fn(ctx, tx.Members())
			assert.Equal(t, want, removed)
			return err
		})
	}
	some := func(users ...directory.ID) func(context.Context, ports.Members) ([]directory.ID, error) {
		return func(ctx context.Context, m ports.Members) ([]directory.ID, error) {
			return m.Remove(ctx, id(10), users)
		}
	}
	remove([]directory.ID{id(3), id(1)}, some(id(3), id(99), id(1)))
	remove(nil, some(id(3)))
	remove(nil, some())
	assert.Equal(t, []directory.ID{id(2), id(4)}, membersOf(t, store, acme, id(10)))
	everybody := func(ctx context.Context, m ports.Members) ([]directory.ID, error) { return m.Clear(ctx, id(10)) }
	remove([]directory.ID{id(2), id(4)}, everybody)
	remove(nil, everybody)
	assert.Equal(t, many(1, 4), membersOf(t, store, acme, id(11)), "the other group keeps its own")
}

func ordersMembers(t *testing.T, store ports.Store) {
	const crowded = 2345 // more than an adapter may read at once
	crowd(t, store, acme, 1, crowded)
	addUsers(t, store, acme, user(t, 9999, `{"userName":"ada","displayName":"Ada L"}`))
	addGroups(t, store, acme, group(t, 10000, "Everybody"))
	backwards := append(many(1, crowded), id(9999))
	slices.Reverse(backwards)
	for part := range slices.Chunk(backwards, 1000) {
		join(t, store, acme, id(10000), part...)
	}
	var all []directory.Member
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		return tx.Members().All(ctx, id(10000), func(m directory.Member) error {
			all = append(all, m)
			return nil
		})
	})
	require.Len(t, all, crowded+1)
	assert.True(t, slices.IsSortedFunc(all, func(a, b directory.Member) int { return slices.Compare([]byte(a.ID), []byte(b.ID)) }))
	assert.Equal(t, directory.Member{ID: id(1), Type: "User"}, all[0])
	assert.Equal(t, directory.Member{ID: id(9999), Display: "Ada L", Type: "User"}, all[crowded])

	enough := errors.New("enough")
	seen := 0
	err := store.View(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		return tx.Members().All(ctx, id(10000), func(directory.Member) error {
			seen++
			return enough
		})
	})
	require.ErrorIs(t, err, enough)
	assert.Equal(t, 1, seen)
}

func readsWhileReading(t *testing.T, store ports.Store) {
	crowd(t, store, acme, 1, 3)
	addGroups(t, store, acme, group(t, 10, "Staff"))
	join(t, store, acme, id(10), many(1, 3)...)
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		return tx.Members().All(ctx, id(10), func(m directory.Member) error {
			_, err := tx.Users().Get(ctx, m.ID)
			return err
		})
	})
}

func ordersGroups(t *testing.T, store ports.Store) {
	crowd(t, store, acme, 1, 3)
	addGroups(t, store, acme, group(t, 12, "C"), group(t, 10, "A"), group(t, 11, "B"))
	for _, g := range []int{12, 10, 11} {
		join(t, store, acme, id(g), id(1))
	}
	join(t, store, acme, id(11), id(2))
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		groups, err := tx.Members().Groups(ctx, many(1, 3))
		assert.Equal(t, map[directory.ID][]directory.Member{
			id(1): {member(10, "A", "direct"), member(11, "B", "direct"), member(12, "C", "direct")},
			id(2): {member(11, "B", "direct")},
		}, groups)
		none, err2 := tx.Members().Groups(ctx, nil)
		assert.Empty(t, none)
		return errors.Join(err, err2)
	})
}

func member(n int, display, kind string) directory.Member {
	return directory.Member{ID: id(n), Display: display, Type: kind}
}

func nestsGroups(t *testing.T, store ports.Store) {
	crowd(t, store, acme, 1, 3)
	addGroups(t, store, acme, group(t, 10, "All"), group(t, 11, "Staff"), group(t, 12, "Board"), group(t, 13, "Guests"))
	join(t, store, acme, id(10), id(11), id(1))
	join(t, store, acme, id(10), id(13))
	join(t, store, acme, id(11), id(12))
	join(t, store, acme, id(12), id(2), id(10)) // a circle is no fault
	groups := func() (all map[directory.ID][]directory.Member) {
		view(t, store, acme, func(ctx context.Context, tx ports.Tx) (err error) {
			all, err = tx.Members().Groups(ctx, many(1, 3))
			return err
		})
		return all
	}
	members := func() (all []directory.Member) {
		view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
			return tx.Members().All(ctx, id(10), func(m directory.Member) error {
				all = append(all, m)
				return nil
			})
		})
		return all
	}
	assert.Equal(t, []directory.Member{member(1, "", "User"), member(11, "Staff", "Group"), member(13, "Guests", "Group")}, members())
	assert.Equal(t, map[directory.ID][]directory.Member{
		id(1): {member(10, "All", "direct"), member(11, "Staff", "indirect"), member(12, "Board", "indirect")},
		id(2): {member(10, "All", "indirect"), member(11, "Staff", "indirect"), member(12, "Board", "direct")},
	}, groups())
	for filter, want := range map[string][]directory.ID{
		`groups.value eq "` + string(id(11)) + `"`:                         {id(1), id(2)},
		`groups eq "` + string(id(13)) + `"`:                               nil,
		`groups[value eq "` + string(id(10)) + `" and type eq "direct"]`:   {id(1)},
		`groups[value eq "` + string(id(10)) + `" and type eq "indirect"]`: {id(2)},
		`groups[display eq "board" and type eq "indirect"]`:                {id(1)},
		`groups.display eq "staff"`:                                        {id(1), id(2)},
		`groups.type eq "direct" and groups.type eq "indirect"`:            {id(1), id(2)},
		`not (groups[type eq "indirect"])`:                                 {id(3)},
		`groups.value eq "` + string(id(12)) + `" and userName eq "u3"`:    nil,
		`groups pr`: {id(1), id(2)},
	} {
		found, total := searchUsers(t, store, ports.Query{Filter: bound(t, userType(), filter), Limit: 10})
		assert.Equal(t, want, found, filter)
		assert.Equal(t, len(want), total, filter)
	}
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		added, err := tx.Members().Add(ctx, id(10), []directory.ID{id(12), id(11), id(1), id(3)})
		assert.Equal(t, []directory.ID{id(12), id(3)}, added)
		require.NoError(t, err)
		removed, err := tx.Members().Remove(ctx, id(10), []directory.ID{id(12), id(3), id(2), id(99)})
		assert.Equal(t, []directory.ID{id(12), id(3)}, removed)
		return err
	})
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Groups().Delete(ctx, id(11)) })
	assert.Equal(t, []directory.Member{member(1, "", "User"), member(13, "Guests", "Group")}, members(), "no reference to what is gone")
	assert.Equal(t, map[directory.ID][]directory.Member{
		id(1): {member(10, "All", "direct"), member(12, "Board", "indirect")},
		id(2): {member(12, "Board", "direct")},
	}, groups())
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		removed, err := tx.Members().Clear(ctx, id(10))
		assert.Equal(t, []directory.ID{id(1), id(13)}, removed)
		return err
	})
	assert.Empty(t, members())
}

func keepsMembers(t *testing.T, store ports.Store) {
	crowd(t, store, acme, 1, 2)
	addGroups(t, store, acme, group(t, 10, "Staff"))
	join(t, store, acme, id(10), many(1, 2)...)
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		g, err := tx.Groups().Get(ctx, id(10))
		require.NoError(t, err)
		_, err = g.Replace(groupType(), object(t, `{"displayName":"All Staff"}`), begun)
		require.NoError(t, err)
		return tx.Groups().Save(ctx, g)
	})
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		u, err := tx.Users().Get(ctx, id(1))
		require.NoError(t, err)
		_, err = u.Replace(userType(), object(t, `{"userName":"ada","active":false}`), begun)
		require.NoError(t, err)
		return tx.Users().Save(ctx, u)
	})
	assert.Equal(t, many(1, 2), membersOf(t, store, acme, id(10)))
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		groups, err := tx.Members().Groups(ctx, many(1, 1))
		assert.Equal(t, map[directory.ID][]directory.Member{id(1): {member(10, "All Staff", "direct")}}, groups)
		return err
	})
}
