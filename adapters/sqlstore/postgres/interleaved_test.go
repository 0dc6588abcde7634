package postgres_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/adapters/servertest"
	"github.com/extraordinary/provisioning/adapters/sqlstore/postgres"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/ports"
)

// lender is a hook that keeps the pool of the store it is given to.
type lender struct {
	first sync.Once
	db    *bun.DB
}

func (l *lender) BeforeQuery(ctx context.Context, event *bun.QueryEvent) context.Context {
	l.first.Do(func() { l.db = event.DB })
	return ctx
}

func (l *lender) AfterQuery(context.Context, *bun.QueryEvent) {}

// endings are the ways in which a unit that has read may end, and what its caller sees then.
var endings = []struct {
	end  func(ctx context.Context, cancel func(), tx ports.Tx, n names) error
	want error
}{
	{end: func(context.Context, func(), ports.Tx, names) error { return nil }},
	{end: func(ctx context.Context, _ func(), tx ports.Tx, n names) error {
		return tx.Credentials().Used(ctx, n.word, "key", clock()) // waits for the commit
	}},
	{end: func(context.Context, func(), ports.Tx, names) error { return errEnough }, want: errEnough},
	{end: func(context.Context, func(), ports.Tx, names) error { panic(errEnough) }, want: errEnough},
	{end: func(ctx context.Context, cancel func(), _ ports.Tx, _ names) error { cancel(); return ctx.Err() }, want: context.Canceled},
	{end: func(ctx context.Context, cancel func(), tx ports.Tx, n names) error {
		cancel()
		_, err := tx.Users().Get(ctx, n.user)
		return err
	}, want: context.Canceled},
}

var errEnough = errors.New("enough")

func TestAfter10000InterleavedUnitsNoConnectionCarriesAnOrganisation(t *testing.T) {
	t.Parallel()
	const units, workers, connections = 10_000, 16, 4
	pool := &lender{}
	store := openAt(t, servertest.Postgres(t).App, postgres.Options{Hook: pool, Connections: connections})
	settle(t, store, own)
	settle(t, store, foreign)
	var begun atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for n := begun.Add(1); n <= units; n = begun.Add(1) {
				ending := endings[n%int64(len(endings))]
				ids, err := interleaved(t, store, n, ending.end)
				assert.ErrorIs(t, err, ending.want, "unit %d", n)
				assert.Len(t, ids, 1, "unit %d", n)
			}
		})
	}
	all.Wait()

	held, seen := make([]bun.Conn, connections), map[int]bool{}
	for i := range held { // all at once, so that each is another
		var err error
		held[i], err = pool.db.Conn(t.Context())
		require.NoError(t, err)
		var process int
		var carried string
		asked := held[i].NewRaw("SELECT pg_backend_pid(), coalesce(current_setting('app.organisation_id', true), '')")
		require.NoError(t, asked.Scan(t.Context(), &process, &carried))
		assert.Empty(t, carried)
		seen[process] = true
	}
	assert.Len(t, seen, connections)
	for _, connection := range held {
		require.NoError(t, connection.Close())
	}
}

// interleaved runs the nth unit, and gives the ids of the users that it saw: it checks that they are of its organisation.
func interleaved(t *testing.T, store ports.Store, n int64, end func(context.Context, func(), ports.Tx, names) error) (ids []directory.ID, err error) {
	who, in := own, store.Within
	if n/7%2 == 0 {
		who = foreign
	}
	if n/11%2 == 0 && n%6 != 1 { // the one that writes
		in = store.View
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	defer func() {
		if panicked := recover(); panicked != nil {
			err = panicked.(error)
		}
	}()
	return ids, in(ctx, who.org, func(ctx context.Context, tx ports.Tx) error {
		page, err := tx.Users().Search(ctx, ports.Query{Limit: 10})
		if err != nil {
			return err
		}
		ids = nil // of a unit that was begun again
		for _, document := range page.Documents {
			assert.Equal(t, who.user, document.ID)
			ids = append(ids, document.ID)
		}
		return end(ctx, cancel, tx, who)
	})
}
