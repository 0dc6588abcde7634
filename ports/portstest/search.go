package portstest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/ports"
)

// bound reads a filter.
func bound(t *testing.T, of *schema.ResourceType, text string) scim.Bound {
	t.Helper()
	f, err := scim.Parse(text)
	require.NoError(t, err, text)
	b, err := scim.Bind(f, of, registry)
	require.NoError(t, err, text)
	return b
}

// searchUsers gives the ids on a page and the total.
func searchUsers(t *testing.T, store ports.Store, q ports.Query) (ids []directory.ID, total int) {
	t.Helper()
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		page, err := tx.Users().Search(ctx, q)
		total = page.Total
		for _, d := range page.Documents {
			ids = append(ids, d.ID)
			assert.NotEmpty(t, d.Body)
			assert.Equal(t, int64(1), d.Version)
		}
		return err
	})
	return ids, total
}

func pages(t *testing.T, store ports.Store) {
	crowd(t, store, acme, 1, 25)
	crowd(t, store, globex, 3, 7)
	for _, filter := range []scim.Bound{nil, bound(t, userType(), `userName sw "user"`), bound(t, userType(), `userName ne "x"`)} {
		for _, page := range []struct {
			offset, limit int
			want          []directory.ID
		}{
			{0, 10, many(1, 10)},
			{10, 10, many(11, 20)},
			{20, 10, many(21, 25)},
			{24, 10, many(25, 25)},
			{25, 10, nil},
			{1000, 10, nil},
			{3, 1, many(4, 4)},
			{0, 100, many(1, 25)},
			{0, 25, many(1, 25)},
			{0, 0, nil},
			{7, 0, nil},
		} {
			ids, total := searchUsers(t, store, ports.Query{Filter: filter, Offset: page.offset, Limit: page.limit})
			assert.Equal(t, 25, total, "%+v", page)
			if len(page.want) > 0 || len(ids) > 0 {
				assert.Equal(t, page.want, ids, "%+v", page)
			}
		}
	}
	for answer, total := range map[scim.Constant]int{true: 25, false: 0} {
		ids, n := searchUsers(t, store, ports.Query{Filter: answer, Limit: 100})
		assert.Equal(t, total, n)
		assert.Len(t, ids, total)
	}
}

func pagesWhileChanging(t *testing.T, store ports.Store) {
	there := many(100, 130)
	crowd(t, store, acme, 100, 130)
	check := func(what string) {
		t.Helper()
		for _, size := range []int{5, 7} { // twice, and from other places
			var seen []directory.ID
			for offset := 0; offset <= len(there); offset += size {
				ids, total := searchUsers(t, store, ports.Query{Offset: offset, Limit: size})
				require.Equal(t, len(there), total, what)
				seen = append(seen, ids...)
			}
			require.Equal(t, there, seen, what)
		}
	}
	check("at first")
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Users().Delete(ctx, id(103)) })
	there = append(many(100, 102), many(104, 130)...)
	check("after one left")
	crowd(t, store, acme, 131, 131)
	there = append(there, id(131))
	check("after one came at the end")
	crowd(t, store, acme, 103, 103)
	there = many(100, 131)
	check("after one came between")

	wrong := fmt.Errorf("wrong")
	err := store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		require.NoError(t, tx.Users().Delete(ctx, id(100)))
		for offset := 0; offset < 31; offset += 5 {
			page, err := tx.Users().Search(ctx, ports.Query{Offset: offset, Limit: 5})
			require.NoError(t, err)
			require.Equal(t, 31, page.Total)
			require.Equal(t, id(101+offset), page.Documents[0].ID)
		}
		return wrong
	})
	require.ErrorIs(t, err, wrong)
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Users().Delete(ctx, id(131)) })
	there = many(100, 130)
	check("after a removal that was rolled back, and another one")
}

func readsAll(t *testing.T, store ports.Store) {
	const many = 1001 // more than are read at once
	crowd(t, store, acme, 1, many)
	addGroups(t, store, acme, group(t, many+2, "Staff"), group(t, many+1, "Board"))
	addUsers(t, store, globex, named(t, 1, "stranger"))
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		n := 0
		err := tx.Users().All(ctx, func(d directory.Document) error {
			n++
			assert.Equal(t, id(n), d.ID)
			assert.Contains(t, string(d.Body), fmt.Sprintf(`"userName":"user%d@example.com"`, n))
			return nil
		})
		assert.Equal(t, many, n)
		return errors.Join(err, tx.Groups().All(ctx, func(d directory.Document) error {
			n++
			assert.Equal(t, id(n), d.ID)
			return nil
		}))
	})
	wrong := errors.New("wrong")
	require.ErrorIs(t, store.View(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		return tx.Users().All(ctx, func(directory.Document) error { return wrong })
	}), wrong)
}
