package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/adapters/servertest"
	"github.com/extraordinary/provisioning/adapters/sqlstore/postgres"
	"github.com/extraordinary/provisioning/ports"
)

// pool lends the pool of a store.
type pool struct{ *bun.DB }

func (p *pool) BeforeQuery(ctx context.Context, event *bun.QueryEvent) context.Context {
	p.DB = event.DB
	return ctx
}

func (p *pool) AfterQuery(context.Context, *bun.QueryEvent) {}

func TestAConnectionKeepsNoOrganisation(t *testing.T) {
	t.Parallel()
	var pool pool
	store := openAt(t, servertest.Postgres(t).App, postgres.Options{Connections: 1, Hook: &pool})
	reads := func(ctx context.Context, tx ports.Tx) error {
		_, err := tx.Users().Search(ctx, ports.Query{Limit: 1})
		return err
	}
	adds := func(ctx context.Context, tx ports.Tx) error { return tx.Users().Add(ctx, person(t, newID())) }
	for name, unit := range map[string]func(){
		"one that reads":       func() { require.NoError(t, store.View(t.Context(), acme, reads)) },
		"one that might write": func() { require.NoError(t, store.Within(t.Context(), acme, reads)) },
		"one that writes":      func() { require.NoError(t, store.Within(t.Context(), acme, adds)) },
		"one that does nothing": func() {
			require.NoError(t, store.Within(t.Context(), acme, func(context.Context, ports.Tx) error { return nil }))
		},
		"one that may not write": func() { require.Error(t, store.View(t.Context(), acme, adds)) },
		"one that fails": func() {
			require.Error(t, store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
				return errors.Join(adds(ctx, tx), errors.ErrUnsupported)
			}))
		},
		"one that is called off": func() { require.Error(t, calledOff(t, store, adds)) },
		"one that panics": func() {
			require.Panics(t, func() {
				_ = store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
					assert.NoError(t, adds(ctx, tx))
					panic("in pieces")
				})
			})
		},
	} {
		unit()
		var organisation string
		err := pool.NewRaw("SELECT coalesce(current_setting('app.organisation_id', true), '')").Scan(t.Context(), &organisation)
		require.NoError(t, err, name)
		assert.Empty(t, organisation, name)
	}
}

// calledOff ends the context of a unit before its commit.
func calledOff(t *testing.T, store ports.Store, fn func(context.Context, ports.Tx) error) error {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	return store.Within(ctx, acme, func(ctx context.Context, tx ports.Tx) error {
		defer cancel()
		return fn(ctx, tx)
	})
}
