package portstest

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/ports"
)

const badges, teams = "urn:x:badges", "urn:x:teams"

// distinct are the resource types with schemas that declare values unique.
func distinct(t *testing.T) *schema.Registry {
	t.Helper()
	const attributes = `"attributes":[{"name":"badge","type":"string","uniqueness":"server"},{"name":"keys","type":"string","multiValued":true,"caseExact":true,"uniqueness":"server"}]`
	ofUsers, err1 := schema.NewExtension("User", object(t, `{"id":"`+badges+`","name":"Badges",`+attributes+`}`))
	ofGroups, err2 := schema.NewExtension("Group", object(t, `{"id":"`+teams+`","name":"Teams",`+attributes+`}`))
	require.NoError(t, err1)
	require.NoError(t, err2)
	all, err := schema.Core().With(ofUsers, ofGroups)
	require.NoError(t, err)
	return all
}

// badged makes the nth user with a badge and keys, if there are any.
func badged(t *testing.T, n int, badge string, keys ...string) *directory.User {
	t.Helper()
	u, _, err := directory.NewUser(distinct(t).Type("User"), id(n), object(t, badgedAs(n, badge, keys...)), begun)
	require.NoError(t, err)
	return u
}

func badgedAs(n int, badge string, keys ...string) string {
	var parts []string
	if badge != "" {
		parts = append(parts, fmt.Sprintf(`"badge":%q`, badge))
	}
	if len(keys) > 0 {
		parts = append(parts, `"keys":["`+strings.Join(keys, `","`)+`"]`)
	}
	return fmt.Sprintf(`{"userName":"u%d",%q:{%s}}`, n, badges, strings.Join(parts, ","))
}

func add(t *testing.T, store ports.Store, org organisation.ID, u *directory.User) error {
	t.Helper()
	return store.Within(t.Context(), org, func(ctx context.Context, tx ports.Tx) error { return tx.Users().Add(ctx, u) })
}

// rebadge changes what the nth user has.
func rebadge(t *testing.T, store ports.Store, n int, badge string, keys ...string) error {
	t.Helper()
	return store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		u, err := tx.Users().Get(ctx, id(n))
		if err != nil {
			return err
		}
		if _, err := u.Replace(distinct(t).Type("User"), object(t, badgedAs(n, badge, keys...)), begun.Add(time.Hour)); err != nil || !u.Changed() {
			return err
		}
		return tx.Users().Save(ctx, u)
	})
}

func taken(t *testing.T, err error, path string) {
	t.Helper()
	require.ErrorIs(t, err, fault.Conflict)
	assert.Equal(t, path, fault.Of(err).Path)
}

func refusesTakenValues(t *testing.T, store ports.Store) {
	require.NoError(t, add(t, store, acme, badged(t, 1, "Straße", "a", "b")))
	require.NoError(t, add(t, store, acme, badged(t, 2, "", "A")), "keys are case exact")
	require.NoError(t, add(t, store, acme, badged(t, 3, "")))
	require.NoError(t, add(t, store, acme, badged(t, 4, "")), "what is absent is not unique")
	require.NoError(t, add(t, store, globex, badged(t, 1, "Straße", "a", "b")), "another organisation's values are not taken")
	taken(t, add(t, store, acme, badged(t, 5, "STRASSE")), badges+":badge")
	taken(t, add(t, store, acme, badged(t, 5, "other", "c", "b")), badges+":keys")
	assert.False(t, exists(t, store, acme, 5))
	long := strings.Repeat("x", 8000)
	require.NoError(t, add(t, store, acme, badged(t, 5, long+"y")))
	require.NoError(t, add(t, store, acme, badged(t, 6, long+"z")), "long values differ at their end")

	g, _, err := directory.NewGroup(distinct(t).Type("Group"), id(10), object(t, `{"displayName":"Staff","`+teams+`":{"badge":"strasse","keys":["a"]}}`), begun)
	require.NoError(t, err)
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Groups().Add(ctx, g) })
	h, _, err := directory.NewGroup(distinct(t).Type("Group"), id(11), object(t, `{"displayName":"Board","`+teams+`":{"keys":["a"]}}`), begun)
	require.NoError(t, err)
	taken(t, store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error { return tx.Groups().Add(ctx, h) }), teams+":keys")
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Groups().Delete(ctx, id(10)) })
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Groups().Add(ctx, h) })
}

func freesValues(t *testing.T, store ports.Store) {
	require.NoError(t, add(t, store, acme, badged(t, 1, "one", "a", "b")))
	require.NoError(t, add(t, store, acme, badged(t, 2, "two", "c")))
	require.NoError(t, rebadge(t, store, 1, "ONE", "b", "a", "d"), "one's own is nobody else's")
	taken(t, rebadge(t, store, 2, "one", "c"), badges+":badge")
	taken(t, rebadge(t, store, 2, "two", "d"), badges+":keys")
	require.NoError(t, rebadge(t, store, 1, "uno", "a"))
	require.NoError(t, rebadge(t, store, 2, "one", "b", "d"), "what was given up is free")
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Users().Delete(ctx, id(2)) })
	require.NoError(t, add(t, store, acme, badged(t, 3, "one", "b")), "what was deleted is free")
}

// keepsValuesUnique does what chance says, the same each time, and holds the store to a model.
func keepsValuesUnique(t *testing.T, store ports.Store) {
	c := chance{rand.New(rand.NewPCG(3, 1))}
	model := map[int]map[string]bool{} // what each user has
	free := func(n int, wanted map[string]bool) bool {
		for other, has := range model {
			if other != n && slices.ContainsFunc(slices.Collect(maps.Keys(wanted)), func(v string) bool { return has[v] }) {
				return false
			}
		}
		return true
	}
	for step := range 150 {
		n, badge, keys := 1+c.IntN(4), []string{"", "x", "y", "X"}[c.IntN(4)], [][]string{nil, {"x"}, {"y", "z"}, {"z", "X"}}[c.IntN(4)]
		wanted := map[string]bool{}
		if badge != "" {
			wanted["badge "+strings.ToLower(badge)] = true
		}
		for _, k := range keys {
			wanted["key "+k] = true
		}
		var err error
		switch _, there := model[n]; {
		case !there:
			err = add(t, store, acme, badged(t, n, badge, keys...))
		case c.IntN(4) == 0:
			within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Users().Delete(ctx, id(n)) })
			delete(model, n)
			continue
		default:
			err = rebadge(t, store, n, badge, keys...)
		}
		if !free(n, wanted) {
			require.ErrorIs(t, err, fault.Conflict, "step %d", step)
			continue
		}
		require.NoError(t, err, "step %d", step)
		model[n] = wanted
	}
}

func racesForValues(t *testing.T, store ports.Store) {
	const runners = 32
	people := make([]*directory.User, runners)
	for n := range people { // each wants two keys that its neighbours want too, in another order
		people[n] = badged(t, n, "", []string{"a", "b"}[n%2], []string{"b", "a"}[n%2])
	}
	var won, lost atomic.Int32
	var all sync.WaitGroup
	for _, u := range people {
		all.Go(func() {
			switch err := add(t, store, acme, u); fault.Of(err).Kind {
			case fault.Conflict:
				lost.Add(1)
			default:
				if assert.NoError(t, err) {
					won.Add(1)
				}
			}
		})
	}
	all.Wait()
	assert.Equal(t, int32(1), won.Load())
	assert.Equal(t, int32(runners-1), lost.Load())
}
