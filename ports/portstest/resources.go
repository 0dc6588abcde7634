package portstest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

const whole = `{
	"userName": "Ada@Example.com", "externalId": "0042", "displayName": "Ada Löve'lace \"?\" \\ 😀", "active": false,
	"name": {"givenName": "Ada", "familyName": "Lovelace"}, "title": "",
	"emails": [{"type": "work", "value": "Ada@Example.com", "primary": true}, {"type": "home", "value": "ada@home.example"}],
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "7", "manager": {"value": "x"}}
}`

func readsUsers(t *testing.T, store ports.Store) {
	added := user(t, 1, whole)
	addUsers(t, store, acme, added)

	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		got, err := tx.Users().Get(ctx, id(1))
		require.NoError(t, err)
		want, s := added.Snapshot(), got.Snapshot()
		assert.Equal(t, string(tree.Append(nil, want.Attributes)), string(tree.Append(nil, s.Attributes)), "in the order in which it was sent")
		assert.Nil(t, s.Search, "what was read is unchanged")
		assert.Equal(t, int64(1), s.Stored)
		assert.Equal(t, int64(1), s.Version)
		assert.Equal(t, begun, s.Created)
		assert.Equal(t, begun, s.Modified)
		return nil
	})
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		got, err := tx.Users().Document(ctx, id(1))
		assert.Equal(t, directory.Document{ID: id(1), Version: 1, Created: begun, Modified: begun, Body: tree.Append(nil, added.Attributes())}, got)
		return err
	})
}

func readsGroups(t *testing.T, store ports.Store) {
	added := group(t, 1, "Staff")
	addGroups(t, store, acme, added)
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		got, err := tx.Groups().Get(ctx, id(1))
		require.NoError(t, err)
		assert.Equal(t, "Staff", got.Text("displayName"))
		assert.False(t, got.Changed())
		return nil
	})
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		got, err := tx.Groups().Document(ctx, id(1))
		assert.Equal(t, directory.Document{ID: id(1), Version: 1, Created: begun, Modified: begun, Body: tree.Append(nil, added.Attributes())}, got)
		return err
	})
}

func findsNothing(t *testing.T, store ports.Store) {
	absent(t, store, acme)
}

// absent holds that org has neither user 1 nor group 2, by every method that names one.
func absent(t *testing.T, store ports.Store, org organisation.ID) {
	t.Helper()
	stranger, strangers := named(t, 1, "stranger"), group(t, 2, "Strangers")
	for name, fn := range map[string]func(context.Context, ports.Tx) error{
		"get user":     func(ctx context.Context, tx ports.Tx) error { _, err := tx.Users().Get(ctx, id(1)); return err },
		"read user":    func(ctx context.Context, tx ports.Tx) error { _, err := tx.Users().Document(ctx, id(1)); return err },
		"save user":    func(ctx context.Context, tx ports.Tx) error { return tx.Users().Save(ctx, saved(t, stranger)) },
		"delete user":  func(ctx context.Context, tx ports.Tx) error { return tx.Users().Delete(ctx, id(1)) },
		"get group":    func(ctx context.Context, tx ports.Tx) error { _, err := tx.Groups().Get(ctx, id(2)); return err },
		"read group":   func(ctx context.Context, tx ports.Tx) error { _, err := tx.Groups().Document(ctx, id(2)); return err },
		"delete group": func(ctx context.Context, tx ports.Tx) error { return tx.Groups().Delete(ctx, id(2)) },
		"save group":   func(ctx context.Context, tx ports.Tx) error { return tx.Groups().Save(ctx, savedGroup(strangers)) },
		"add to group": func(ctx context.Context, tx ports.Tx) error { _, err := tx.Members().Add(ctx, id(2), nil); return err },
		"get credential": func(ctx context.Context, tx ports.Tx) error {
			_, err := tx.Credentials().Get(ctx, "client")
			return err
		},
		"save credential": func(ctx context.Context, tx ports.Tx) error {
			return tx.Credentials().Save(ctx, clientCredential(org, "client", "Entra"))
		},
		"get organisation": func(ctx context.Context, tx ports.Tx) error { _, err := tx.Organisation().Get(ctx); return err },
		"save organisation": func(ctx context.Context, tx ports.Tx) error {
			return tx.Organisation().Save(ctx, tenant(t, org, "slug"))
		},
	} {
		require.ErrorIs(t, store.Within(t.Context(), org, fn), fault.NotFound, name)
	}
}

// saved gives u as if it had been read at version 1 and then changed.
func saved(t *testing.T, u *directory.User) *directory.User {
	t.Helper()
	s := u.Snapshot()
	read := directory.RestoreUser(directory.Snapshot{ID: s.ID, Attributes: s.Attributes, Version: 1, Created: s.Created, Modified: s.Modified})
	changed := tree.NewObject(tree.Member{Name: "userName", Value: u.Text("userName")}, tree.Member{Name: "title", Value: "changed"})
	_, err := read.Replace(userType(), changed, begun.Add(time.Second))
	require.NoError(t, err)
	return read
}

func savedGroup(g *directory.Group) *directory.Group {
	s := g.Snapshot()
	read := directory.RestoreGroup(directory.Snapshot{ID: s.ID, Attributes: s.Attributes, Version: 1, Created: s.Created, Modified: s.Modified})
	read.MembersChanged(begun.Add(time.Second))
	return read
}

func savesVersions(t *testing.T, store ports.Store) {
	u := named(t, 1, "ada")
	addUsers(t, store, acme, u)
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Users().Save(ctx, saved(t, u)) })
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		got, err := tx.Users().Document(ctx, id(1))
		assert.Equal(t, int64(2), got.Version)
		assert.Equal(t, begun, got.Created)
		assert.Equal(t, begun.Add(time.Second), got.Modified)
		assert.Contains(t, string(got.Body), `"title":"changed"`)
		return err
	})
	err := store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error { return tx.Users().Save(ctx, saved(t, u)) })
	require.ErrorIs(t, err, fault.Stale, "it is of version 1, and the store has 2")

	addGroups(t, store, acme, group(t, 2, "Staff"))
	touch := func(ctx context.Context, tx ports.Tx) error {
		return tx.Groups().Save(ctx, savedGroup(group(t, 2, "Staff")))
	}
	within(t, store, acme, touch)
	require.ErrorIs(t, store.Within(t.Context(), acme, touch), fault.Stale)
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		got, err := tx.Groups().Document(ctx, id(2))
		assert.Equal(t, int64(2), got.Version)
		assert.Contains(t, string(got.Body), `"displayName":"Staff"`)
		return err
	})
}

// sameNames are pairs that a reader takes for the same name, and no database folds alike.
var sameNames = [][2]string{
	{"ada@example.com", "ADA@Example.COM"},
	{"Kelvin@example.com", "\u212Aelvin@example.com"},
	{"strasse@example.com", "stra\u00DFe@example.com"},
	{"O\u0308sten", "\u00D6STEN"},
	{"\u017Fam", "Sam"},
	{"\u03C3\u03B1\u03C2", "\u03A3\u0391\u03A3"},
	{"\uFF41bc", "ABC"},
	{"quote'd\"?", "QUOTE'D\"?"},
}

// otherNames are pairs that look alike and are not the same.
var otherNames = [][2]string{
	{"ipek@example.com", "\u0131pek@example.com"}, // dotless i
	{"ipek@example.com", "\u0130pek@example.com"}, // I with a dot
	{"a_b", "a%b"},
	{"anna", "ann"},
}

func refusesTakenUserNames(t *testing.T, store ports.Store) {
	for i, pair := range sameNames {
		first, second := named(t, 10*i, pair[0]), named(t, 10*i+1, pair[1])
		addUsers(t, store, acme, first, named(t, 10*i+2, "other"+pair[0]))
		conflict(t, store, "userName", func(ctx context.Context, tx ports.Tx) error { return tx.Users().Add(ctx, second) })
		conflict(t, store, "userName", func(ctx context.Context, tx ports.Tx) error {
			other, err := tx.Users().Get(ctx, id(10*i+2))
			require.NoError(t, err)
			_, err = other.Replace(userType(), tree.NewObject(tree.Member{Name: "userName", Value: pair[1]}), begun)
			require.NoError(t, err)
			return tx.Users().Save(ctx, other)
		})
		assert.False(t, exists(t, store, acme, 10*i+1), "%q beside %q", pair[1], pair[0])
	}
	for i, pair := range otherNames {
		addUsers(t, store, globex, named(t, 2*i, fmt.Sprint(pair[0], i)), named(t, 2*i+1, fmt.Sprint(pair[1], i)))
	}
}

func refusesTakenGroupNames(t *testing.T, store ports.Store) {
	for i, pair := range sameNames {
		addGroups(t, store, acme, group(t, 10*i, pair[0]))
		conflict(t, store, "displayName", func(ctx context.Context, tx ports.Tx) error {
			return tx.Groups().Add(ctx, group(t, 10*i+1, pair[1]))
		})
	}
}

func conflict(t *testing.T, store ports.Store, path string, fn func(context.Context, ports.Tx) error) {
	t.Helper()
	err := store.Within(t.Context(), acme, fn)
	require.ErrorIs(t, err, fault.Conflict)
	assert.Equal(t, path, fault.Of(err).Path)
}

func freesNames(t *testing.T, store ports.Store) {
	addUsers(t, store, acme, named(t, 1, "ada"))
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Users().Delete(ctx, id(1)) })
	addUsers(t, store, acme, named(t, 2, "ada"))
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		u, err := tx.Users().Get(ctx, id(2))
		require.NoError(t, err)
		_, err = u.Replace(userType(), object(t, `{"userName":"countess"}`), begun)
		require.NoError(t, err)
		return tx.Users().Save(ctx, u)
	})
	addUsers(t, store, acme, named(t, 3, "Ada"))
}

func deletesUsers(t *testing.T, store ports.Store) {
	crowd(t, store, acme, 1, 3)
	addGroups(t, store, acme, group(t, 10, "Staff"))
	join(t, store, acme, id(10), many(1, 3)...)
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Users().Delete(ctx, id(2)) })
	assert.Equal(t, []directory.ID{id(1), id(3)}, membersOf(t, store, acme, id(10)))
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		groups, err := tx.Members().Groups(ctx, many(1, 3))
		assert.NotContains(t, groups, id(2))
		return err
	})
	crowd(t, store, acme, 2, 2)
	assert.Equal(t, []directory.ID{id(1), id(3)}, membersOf(t, store, acme, id(10)), "who comes again is no member again")
}

func deletesGroups(t *testing.T, store ports.Store) {
	crowd(t, store, acme, 1, 2)
	addGroups(t, store, acme, group(t, 10, "Staff"), group(t, 11, "Board"))
	join(t, store, acme, id(10), many(1, 2)...)
	join(t, store, acme, id(11), id(1))
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Groups().Delete(ctx, id(10)) })
	assert.True(t, exists(t, store, acme, 1))
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		groups, err := tx.Members().Groups(ctx, many(1, 2))
		assert.Equal(t, map[directory.ID][]directory.Member{id(1): {{ID: id(11), Display: "Board", Type: "direct"}}}, groups)
		return err
	})
	addGroups(t, store, acme, group(t, 10, "Staff"))
	assert.Empty(t, membersOf(t, store, acme, id(10)), "a group that comes again is empty")
}
