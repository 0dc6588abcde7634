package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/ports"
)

func TestSecretsThatAreMadeAtOnceAreAllKept(t *testing.T) {
	t.Parallel()
	store := open(t)
	secret := func(n int) credential.Secret {
		return credential.Secret{KeyID: fmt.Sprint(n), Hash: "v1:00", Created: clock(), Expires: clock().Add(time.Hour)}
	}
	require.NoError(t, store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		return tx.Credentials().Add(ctx, credential.Restore(credential.Snapshot{
			ClientID: "c", Organisation: acme, Name: "Entra", Created: clock(), Secrets: []credential.Secret{secret(0)},
		}))
	}))
	const more = 8
	var all sync.WaitGroup
	for n := 1; n <= more; n++ {
		all.Go(func() {
			assert.NoError(t, store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
				c, err := tx.Credentials().Get(ctx, "c")
				if err != nil {
					return err
				}
				s := c.Snapshot()
				s.Secrets = append(s.Secrets, secret(n))
				return tx.Credentials().Save(ctx, credential.Restore(s))
			}))
		})
	}
	all.Wait()
	require.NoError(t, store.View(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		c, err := tx.Credentials().Get(ctx, "c")
		require.NoError(t, err)
		assert.Len(t, c.Snapshot().Secrets, 1+more)
		return nil
	}))
}
