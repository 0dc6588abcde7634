package portstest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// Two organisations: whatever is done in one is done before the eyes of the other.
const (
	acme   organisation.ID = "0190a000-0000-7000-8000-00000000ac3e"
	globex organisation.ID = "0190a000-0000-7000-8000-0000006c0bec"

	initech organisation.ID = "0190a000-0000-7000-8000-000000171ec4" // is never in a store
)

// begun has no more than the microseconds that a store keeps.
var begun = time.Date(2026, 1, 31, 23, 59, 58, 123456000, time.UTC)

// id gives the nth identifier; ids sort by n.
func id(n int) directory.ID { return directory.ID(fmt.Sprintf("0190a000-0000-7000-8000-%012x", n)) }

// registry is what resources are held against. Nobody changes it.
var registry = schema.Core()

func userType() *schema.ResourceType  { return registry.Type("User") }
func groupType() *schema.ResourceType { return registry.Type("Group") }

// object reads JSON.
func object(t *testing.T, text string) *tree.Object {
	t.Helper()
	v, err := tree.Parse([]byte(text))
	require.NoError(t, err)
	o, ok := v.(*tree.Object)
	require.True(t, ok, "%s is no object", text)
	return o
}

// user makes the nth user of JSON attributes.
func user(t *testing.T, n int, attributes string) *directory.User {
	t.Helper()
	u, ignored, err := directory.NewUser(userType(), id(n), object(t, attributes), begun)
	require.NoError(t, err)
	require.Empty(t, ignored)
	return u
}

// named makes the nth user with a name and nothing else.
func named(t *testing.T, n int, userName string) *directory.User {
	t.Helper()
	return user(t, n, string(tree.Append(nil, tree.NewObject(tree.Member{Name: "userName", Value: userName}))))
}

// group makes the nth group.
func group(t *testing.T, n int, displayName string) *directory.Group {
	t.Helper()
	g, _, err := directory.NewGroup(groupType(), id(n), tree.NewObject(tree.Member{Name: "displayName", Value: displayName}), begun)
	require.NoError(t, err)
	return g
}

// within runs fn in a unit that must not fail.
func within(t *testing.T, store ports.Store, org organisation.ID, fn func(ctx context.Context, tx ports.Tx) error) {
	t.Helper()
	require.NoError(t, store.Within(t.Context(), org, fn))
}

// view runs fn in a view that must not fail.
func view(t *testing.T, store ports.Store, org organisation.ID, fn func(ctx context.Context, tx ports.Tx) error) {
	t.Helper()
	require.NoError(t, store.View(t.Context(), org, fn))
}

// register makes an organisation's record.
func register(t *testing.T, store ports.Store, org organisation.ID, slug string) {
	t.Helper()
	within(t, store, org, func(ctx context.Context, tx ports.Tx) error { return tx.Organisation().Add(ctx, tenant(t, org, slug)) })
}

func addUsers(t *testing.T, store ports.Store, org organisation.ID, users ...*directory.User) {
	t.Helper()
	within(t, store, org, func(ctx context.Context, tx ports.Tx) error {
		for _, u := range users {
			if err := tx.Users().Add(ctx, u); err != nil {
				return err
			}
		}
		return nil
	})
}

func addGroups(t *testing.T, store ports.Store, org organisation.ID, groups ...*directory.Group) {
	t.Helper()
	within(t, store, org, func(ctx context.Context, tx ports.Tx) error {
		for _, g := range groups {
			if err := tx.Groups().Add(ctx, g); err != nil {
				return err
			}
		}
		return nil
	})
}

// exists reports whether org has the user.
func exists(t *testing.T, store ports.Store, org organisation.ID, n int) bool {
	t.Helper()
	var page ports.Page
	view(t, store, org, func(ctx context.Context, tx ports.Tx) (err error) {
		page, err = tx.Users().Search(ctx, ports.Query{Filter: bound(t, userType(), fmt.Sprintf("id eq %q", id(n)))})
		return err
	})
	return page.Total == 1
}

// membersOf gives the ids of a group's members.
func membersOf(t *testing.T, store ports.Store, org organisation.ID, group directory.ID) (ids []directory.ID) {
	t.Helper()
	view(t, store, org, func(ctx context.Context, tx ports.Tx) error {
		return tx.Members().All(ctx, group, func(m directory.Member) error {
			ids = append(ids, m.ID)
			return nil
		})
	})
	return ids
}

// join makes users members of group.
func join(t *testing.T, store ports.Store, org organisation.ID, group directory.ID, users ...directory.ID) {
	t.Helper()
	within(t, store, org, func(ctx context.Context, tx ports.Tx) error {
		_, err := tx.Members().Add(ctx, group, users)
		return err
	})
}

// many gives the ids from first to last.
func many(first, last int) []directory.ID {
	ids := make([]directory.ID, 0, last-first+1)
	for n := first; n <= last; n++ {
		ids = append(ids, id(n))
	}
	return ids
}

// crowd adds users from first to last and their names.
func crowd(t *testing.T, store ports.Store, org organisation.ID, first, last int) {
	t.Helper()
	users := make([]*directory.User, 0, last-first+1)
	for n := first; n <= last; n++ {
		users = append(users, named(t, n, fmt.Sprintf("user%d@example.com", n)))
	}
	addUsers(t, store, org, users...)
}
