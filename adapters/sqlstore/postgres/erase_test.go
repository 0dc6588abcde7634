package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/servertest"
	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/postgres"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/ports"
	"github.com/extraordinary/provisioning/ports/portstest"
)

// mentions counts the rows that name org, by their tables: all of the schema.
func mentions(t *testing.T, super *pgx.Conn, org organisation.ID) map[string]int {
	t.Helper()
	found := map[string]int{}
	for _, table := range list(t, super, `SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace`) {
		var n int
		query := "SELECT count(*) FROM " + pgx.Identifier{table}.Sanitize() + " AS r WHERE position($1 IN r::text) > 0"
		require.NoError(t, super.QueryRow(t.Context(), query, string(org)).Scan(&n), table)
		found[table] = n
	}
	return found
}

func remove(t *testing.T, store *sqlstore.Store) error {
	t.Helper()
	return store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		_, err := tx.Organisation().Remove(ctx)
		return err
	})
}

func TestAnErasedOrganisationIsInNoTable(t *testing.T) {
	t.Parallel()
	database := servertest.Postgres(t)
	store, super := openAt(t, database.App, postgres.Options{}), connect(t, database.Superuser)
	portstest.Furnish(t, store, acme, "acme")
	portstest.Furnish(t, store, globex, "globex")
	before, other := mentions(t, super, acme), mentions(t, super, globex)
	for table, n := range before {
		if table != "schema_migrations" {
			assert.Positive(t, n, "%s holds nothing of the organisation: nothing is proved about it", table)
		}
	}
	require.NoError(t, store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		_, err := tx.Organisation().Empty(ctx, 2)
		return err
	}))
	require.NoError(t, remove(t, store))
	for table, n := range mentions(t, super, acme) {
		assert.Zero(t, n, table)
	}
	assert.Equal(t, other, mentions(t, super, globex), "the other's are all there")
}

func TestWhoWritesWhileAnOrganisationIsErasedLeavesNothing(t *testing.T) {
	t.Parallel()
	database := servertest.Postgres(t)
	store, super := openAt(t, database.App, postgres.Options{}), connect(t, database.Superuser)
	register(t, store, acme, "acme")
	write := func(name string, then func()) error {
		return store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
			g, _, err := directory.NewGroup(schema.Core().Type("Group"), directory.ID(newID()), object(t, `{"displayName":"`+name+`"}`), clock())
			require.NoError(t, err)
			if err := tx.Groups().Add(ctx, g); err != nil {
				return err
			}
			e := activity.Event{ID: newID(), At: clock(), Action: activity.Created, Subject: activity.Subject{Kind: "Group", ID: string(g.ID())}}
			if err := tx.Activity().Record(ctx, e); err != nil {
				return err
			}
			_, err = tx.Groups().Document(ctx, g.ID()) // what waited for a next statement is sent
			then()
			return err
		})
	}
	removed := make(chan error, 1)
	require.NoError(t, write("Slow", func() {
		go func() { removed <- remove(t, store) }()
		const waiting = `SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
		for deadline := time.Now().Add(10 * time.Second); list(t, super, waiting)[0] == "0"; {
			require.Empty(t, removed, "it does not wait for who has written")
			require.True(t, time.Now().Before(deadline))
		}
	}))
	require.NoError(t, <-removed)
	assert.Zero(t, mentions(t, super, acme)["groups"])
	require.ErrorIs(t, write("Late", func() {}), fault.Internal)
	for table, n := range mentions(t, super, acme) {
		assert.Zero(t, n, table)
	}
}
