package portstest

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/ports"
)

// Order fills an empty store with resources of chance and holds, for so many orders and filters of chance, that it
// gives them in the order of scim.Order.Compare: all at once, page by page by their offsets, and page by page behind
// the last of the page before. The same seed makes the same.
func Order(t *testing.T, store ports.Store, seed uint64, orders int) {
	t.Helper()
	c := chance{rand.New(rand.NewPCG(seed, 1))}
	users, groups := c.directory(t, store)
	for range orders {
		filter, text := c.bound(t)
		order, by := c.order(t)
		var want []scim.Position
		for _, s := range users {
			if filter == nil || scim.Match(filter, s) {
				want = append(want, order.Position(s))
			}
		}
		about := "filter " + text + " sortBy " + by
		inOrder(t, about, want, ports.Query{Filter: filter, Order: order}, c.IntN(7)+1, func(q ports.Query) ([]directory.ID, int) { return searchUsers(t, store, q) })
	}
	for _, by := range []string{"", "displayName", "externalId", "meta.created", "schemas", "id"} {
		for _, direction := range []string{"ascending", "descending"} {
			order, err := scim.ParseOrder(groupType(), by, direction)
			require.NoError(t, err)
			var want []scim.Position
			for _, s := range groups {
				want = append(want, order.Position(s))
			}
			inOrder(t, by+" "+direction, want, ports.Query{Order: order}, 3, func(q ports.Query) ([]directory.ID, int) { return searchGroups(t, store, q) })
		}
	}
}

// bound draws a filter, or none.
func (c chance) bound(t *testing.T) (scim.Bound, string) {
	t.Helper()
	for c.IntN(2) == 0 {
		text := c.filter(oddType(), 2)
		parsed, err := scim.Parse(text)
		require.NoError(t, err, text)
		if filter, err := scim.Bind(parsed, oddType(), nil); err == nil {
			return filter, text
		}
	}
	return nil, ""
}

// order draws an attribute, or a sub-attribute, that can be sorted by.
func (c chance) order(t *testing.T) (scim.Order, string) {
	t.Helper()
	for {
		path, a := c.path(oddType())
		if len(a.SubAttributes) > 0 && c.IntN(8) > 0 {
			path += "." + a.SubAttributes[c.IntN(len(a.SubAttributes))].Name
		}
		direction := c.one("", "ascending", "descending")
		if order, err := scim.ParseOrder(oddType(), path, direction); err == nil {
			return order, path + " " + direction
		}
	}
}

func inOrder(t *testing.T, about string, positions []scim.Position, q ports.Query, size int, search func(ports.Query) ([]directory.ID, int)) {
	t.Helper()
	slices.SortFunc(positions, q.Order.Compare)
	want := []directory.ID{}
	for _, p := range positions {
		want = append(want, directory.ID(p.ID))
	}
	q.Limit = len(positions) + 1
	whole, total := search(q)
	assert.Equal(t, want, append([]directory.ID{}, whole...), "%s: all at once", about)
	assert.Equal(t, len(want), total, about)

	q.Limit = size
	var byOffset, byPosition []directory.ID
	for q.Offset = 0; q.Offset < len(want); q.Offset += size {
		page, total := search(q)
		byOffset = append(byOffset, page...)
		assert.Equal(t, len(want), total, "%s: the total at offset %d", about, q.Offset)
	}
	q.Offset = 0
	for len(byPosition) < len(want) {
		page, total := search(q)
		assert.Equal(t, len(want), total, "%s: the total behind %v", about, q.After)
		if len(page) == 0 {
			break
		}
		byPosition = append(byPosition, page...)
		q.After = &positions[min(len(byPosition), len(positions))-1]
	}
	assert.Equal(t, want, append([]directory.ID{}, byOffset...), "%s: by offsets", about)
	assert.Equal(t, want, append([]directory.ID{}, byPosition...), "%s: by positions", about)
}

// OrderWhileChanging holds that who reads page by page behind the last of the page before meets each resource once
// that is there all the time and is not changed, whatever comes and goes meanwhile.
func OrderWhileChanging(t *testing.T, store ports.Store) {
	t.Helper()
	crowd(t, store, acme, 100, 139)
	for name, order := range map[string]string{"by id": "", "by an index": "userName", "by the document": "title"} {
		for _, direction := range []string{"ascending", "descending"} {
			o, err := scim.ParseOrder(userType(), order, direction)
			require.NoError(t, err)
			q := ports.Query{Order: o, Limit: 7}
			met := map[directory.ID]int{}
			for round := 0; ; round++ {
				var page ports.Page
				view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
					page, err = tx.Users().Search(ctx, q)
					return err
				})
				if len(page.Documents) == 0 {
					break
				}
				for _, d := range page.Documents {
					met[d.ID]++
				}
				last := page.Documents[len(page.Documents)-1]
				u := directory.RestoreUser(directory.Snapshot{ID: last.ID, Attributes: object(t, string(last.Body)), Version: 1, Created: begun})
				position := o.Position(scim.Subject{ID: string(last.ID), Search: userType().Search(u.Attributes())})
				q.After = &position
				comeAndGo(t, store, round)
			}
			for _, id := range many(100, 139) {
				assert.Equal(t, 1, met[id], "%s %s: %s", name, direction, id)
			}
			within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
				page, err := tx.Users().Search(ctx, ports.Query{Limit: 1000})
				for _, d := range page.Documents {
					if d.ID < id(100) || d.ID > id(139) {
						require.NoError(t, tx.Users().Delete(ctx, d.ID))
					}
				}
				return err
			})
		}
	}
}

// changes is how many times others come and go; for ever, a reader would never reach the end.
const changes = 10

// comeAndGo takes away what came the time before, and lets others come before and behind the rest.
func comeAndGo(t *testing.T, store ports.Store, round int) {
	t.Helper()
	if 0 < round && round <= changes {
		within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
			for _, id := range []directory.ID{id(10 + round - 1), id(200 + round - 1)} {
				if err := tx.Users().Delete(ctx, id); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if round < changes {
		crowd(t, store, acme, 10+round, 10+round)
		crowd(t, store, acme, 200+round, 200+round)
	}
}
