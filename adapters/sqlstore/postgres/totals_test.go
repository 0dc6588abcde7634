package postgres_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/servertest"
	"github.com/extraordinary/provisioning/adapters/sqlstore/postgres"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// Who was there before the counter is counted.
func TestTotalsAreTrueAfterAMigration(t *testing.T) {
	t.Parallel()
	database := servertest.Postgres(t)
	store := openAt(t, database.App, postgres.Options{})
	for org, users := range map[organisation.ID]int{acme: 3, globex: 1} {
		for n := range users {
			require.NoError(t, store.Within(t.Context(), org, func(ctx context.Context, tx ports.Tx) error {
				return tx.Users().Add(ctx, person(t, fmt.Sprint("u", n)))
			}))
		}
	}
	step := migrator(t, database)
	for {
		gone, err := step.Down(t.Context(), 1)
		require.NoError(t, err)
		if gone[0].Name == "totals" {
			break
		}
	}
	_, err := step.Up(t.Context())
	require.NoError(t, err)
	for org, users := range map[organisation.ID]int{acme: 3, globex: 1} {
		require.NoError(t, store.View(t.Context(), org, func(ctx context.Context, tx ports.Tx) error {
			page, err := tx.Users().Search(ctx, ports.Query{})
			assert.Equal(t, users, page.Total, org)
			return err
		}))
	}
}
