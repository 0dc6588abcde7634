package postgres_test

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/servertest"
	"github.com/extraordinary/provisioning/adapters/sqlstore/postgres"
	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
)

// joiners is how many; EXTRAORDINARY_JOINERS=10000 asks for more than the gate has time for.
func joiners(t *testing.T) int {
	t.Helper()
	text, set := os.LookupEnv("EXTRAORDINARY_JOINERS")
	if !set {
		return 2000
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

func TestAllWhoJoinOneGroupAtOnceAreMembers(t *testing.T) {
	t.Parallel()
	n := joiners(t)
	database := servertest.Postgres(t)
	store := openAt(t, database.App, postgres.Options{})
	register(t, store, acme, "acme")
	service := provisioning.New(store, schema.Core(), clock, newID)
	group, err := service.CreateGroup(t.Context(), client, object(t, `{"displayName":"Staff"}`))
	require.NoError(t, err)
	super := connect(t, database.Superuser)
	execute(t, super, fmt.Sprintf(`INSERT INTO users SELECT '%s', '0190a000-0000-7000-8000-' || lpad(n::text, 12, '0'), 'user' || n, NULL, NULL, NULL, '{}', '{}', 1, 0, 0 FROM generate_series(1, %d) AS n`, acme, n))

	var at atomic.Int64
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for i := at.Add(1); i <= int64(n); i = at.Add(1) {
				join := func() error {
					_, err := service.PatchGroup(t.Context(), client, group.ID, nil,
						operations(t, fmt.Sprintf(`[{"op":"add","path":"members","value":[{"value":"0190a000-0000-7000-8000-%012d"}]}]`, i)))
					return err
				}
				err := join()
				for tries := 0; errors.Is(err, fault.Unavailable) && tries < 20; tries++ { // on a busy machine; Entra, too, comes again
					err = join()
				}
				assert.NoError(t, err)
			}
		})
	}
	all.Wait()
	assert.Equal(t, n, mentions(t, super, acme)["memberships"])
	assert.Equal(t, n+1, mentions(t, super, acme)["activity"], "one line for each, and one for the group")
	assert.Equal(t, []string{strconv.Itoa(n + 1)}, list(t, super, `SELECT version::text FROM groups`))
}
