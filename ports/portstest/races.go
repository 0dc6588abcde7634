package portstest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/ports"
)

func racesForNames(t *testing.T, store ports.Store) {
	const runners = 32
	var won, lost atomic.Int32
	var all sync.WaitGroup
	for n := range runners {
		all.Go(func() {
			err := store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
				return tx.Users().Add(ctx, named(t, n, fmt.Sprintf("Ada@%s.com", []string{"example", "EXAMPLE"}[n%2])))
			})
			switch {
			case err == nil:
				won.Add(1)
			case fault.Of(err).Kind == fault.Conflict:
				lost.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	assert.Equal(t, int32(1), won.Load())
	assert.Equal(t, int32(runners-1), lost.Load())
}

func racesForMembers(t *testing.T, store ports.Store) {
	const runners = 100
	crowd(t, store, acme, 1, runners)
	addGroups(t, store, acme, group(t, 1000, "Staff"))
	var all sync.WaitGroup
	for n := 1; n <= runners; n++ {
		all.Go(func() {
			assert.NoError(t, store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error { return joinOne(ctx, tx, n) }))
		})
	}
	all.Wait()
	assert.Equal(t, many(1, runners), membersOf(t, store, acme, id(1000)))
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		g, err := tx.Groups().Document(ctx, id(1000))
		require.NoError(t, err)
		assert.Equal(t, int64(1+runners), g.Version, "each addition is a version of its own")
		return nil
	})
}

// joinOne is what adding one member is made of.
func joinOne(ctx context.Context, tx ports.Tx, n int) error {
	g, err := tx.Groups().Get(ctx, id(1000))
	if err != nil {
		return err
	}
	if _, err := tx.Members().Add(ctx, g.ID(), []directory.ID{id(n)}); err != nil {
		return err
	}
	g.MembersChanged(begun.Add(time.Duration(n) * time.Second))
	return tx.Groups().Save(ctx, g)
}
