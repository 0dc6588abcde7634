package portstest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// clientCredential makes a credential with two secrets that were made in the same second.
func clientCredential(org organisation.ID, clientID, name string) *credential.ClientCredential {
	return credential.Restore(credential.Snapshot{
		ClientID: clientID, Organisation: org, Name: name, Scopes: []credential.Scope{credential.Read, credential.Write}, Created: begun,
		Secrets: []credential.Secret{
			{KeyID: "zz", Hash: "v1:00", Created: begun, Expires: begun.Add(time.Hour)},
			{KeyID: "aa", Hash: "v2:11", Created: begun, Expires: begun.Add(2 * time.Hour), LastUsed: begun.Add(time.Minute)},
		},
	})
}

func readsCredentials(t *testing.T, store ports.Store) {
	second, first := clientCredential(acme, "b", "Entra"), clientCredential(acme, "a", "Test")
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		return errors.Join(tx.Credentials().Add(ctx, second), tx.Credentials().Add(ctx, first))
	})
	changed := second.Snapshot()
	changed.Revoked = begun.Add(time.Hour)
	changed.Secrets = append(changed.Secrets[1:], credential.Secret{KeyID: "bb", Hash: "v2:22", Created: begun, Expires: begun.Add(time.Hour)})
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		got, err := tx.Credentials().Get(ctx, "b")
		assert.Equal(t, second, got, "the secrets in the order of their making")
		return err
	})
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		return tx.Credentials().Save(ctx, credential.Restore(changed))
	})
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		all, err := tx.Credentials().All(ctx)
		assert.Equal(t, []*credential.ClientCredential{credential.Restore(changed), first}, all)
		return err
	})
	view(t, store, globex, func(ctx context.Context, tx ports.Tx) error {
		all, err := tx.Credentials().All(ctx)
		assert.Empty(t, all)
		return err
	})
}

func namesCredentials(t *testing.T, store ports.Store) {
	add := func(clientID string) func(context.Context, ports.Tx) error {
		return func(ctx context.Context, tx ports.Tx) error {
			return tx.Credentials().Add(ctx, clientCredential(acme, clientID, "Entra"))
		}
	}
	within(t, store, acme, add("a"))
	conflict(t, store, "name", add("b"))
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		c, err := tx.Credentials().Get(ctx, "a")
		require.NoError(t, err)
		c.Revoke(begun)
		return tx.Credentials().Save(ctx, c)
	})
	within(t, store, acme, add("b"))
	within(t, store, globex, func(ctx context.Context, tx ports.Tx) error {
		return tx.Credentials().Add(ctx, clientCredential(globex, "c", "Entra"))
	})
}

func notesUse(t *testing.T, store ports.Store) {
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		return tx.Credentials().Add(ctx, clientCredential(acme, "a", "Entra"))
	})
	for _, step := range []struct{ at, noted time.Duration }{
		{0, 0}, {59 * time.Second, 0}, {time.Minute, time.Minute}, {90 * time.Second, time.Minute}, {time.Hour, time.Hour},
	} {
		within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
			return tx.Credentials().Used(ctx, "a", "zz", begun.Add(step.at))
		})
		view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
			c, err := tx.Credentials().Get(ctx, "a")
			require.NoError(t, err)
			assert.Equal(t, begun.Add(step.noted), c.Snapshot().Secrets[0].LastUsed)
			assert.Equal(t, begun.Add(time.Minute), c.Snapshot().Secrets[1].LastUsed, "the other secret")
			return nil
		})
	}
}

// tenant makes an organisation.
func tenant(t *testing.T, org organisation.ID, slug string) *organisation.Organisation {
	t.Helper()
	o, err := organisation.New(org, slug, "Acme & Söhne", "owner@example.com", begun)
	require.NoError(t, err)
	return o
}

func readsOrganisations(t *testing.T, store ports.Store) {
	added := tenant(t, acme, "acme")
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Organisation().Add(ctx, added) })
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		got, err := tx.Organisation().Get(ctx)
		require.NoError(t, err)
		assert.Equal(t, added, got)
		got.Suspend()
		return tx.Organisation().Save(ctx, got)
	})
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		got, err := tx.Organisation().Get(ctx)
		require.NoError(t, err)
		assert.False(t, got.Active())
		return nil
	})
	for _, strange := range []func(context.Context, ports.Tx) error{
		func(ctx context.Context, tx ports.Tx) error {
			return tx.Organisation().Add(ctx, tenant(t, initech, "initech"))
		},
		func(ctx context.Context, tx ports.Tx) error { return tx.Organisation().Save(ctx, added) },
	} {
		require.ErrorIs(t, store.Within(t.Context(), globex, strange), fault.Internal, "a record of another organisation")
	}
}

func refusesTakenSlugs(t *testing.T, store ports.Store) {
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		return tx.Organisation().Add(ctx, tenant(t, acme, "acme"))
	})
	err := store.Within(t.Context(), globex, func(ctx context.Context, tx ports.Tx) error {
		return tx.Organisation().Add(ctx, tenant(t, globex, "acme"))
	})
	require.ErrorIs(t, err, fault.Conflict)
	assert.Equal(t, "slug", fault.Of(err).Path)
}

// Registry checks a ports.Registry beside the store that fills it.
func Registry(t *testing.T, open func(t *testing.T) (ports.Store, ports.Registry)) {
	t.Helper()
	store, organisations := open(t)
	all, err := organisations.All(t.Context())
	require.NoError(t, err)
	assert.Empty(t, all)
	_, err = organisations.Find(t.Context(), "acme")
	require.ErrorIs(t, err, fault.NotFound)

	for slug, org := range map[string]organisation.ID{"zeta": acme, "beta": globex} {
		within(t, store, org, func(ctx context.Context, tx ports.Tx) error { return tx.Organisation().Add(ctx, tenant(t, org, slug)) })
	}
	all, err = organisations.All(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []organisation.ID{globex, acme}, all, "by slug")
	found, err := organisations.Find(t.Context(), "zeta")
	require.NoError(t, err)
	assert.Equal(t, acme, found)

	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		o, err := tx.Organisation().Get(ctx)
		require.NoError(t, err)
		o.Suspend()
		return tx.Organisation().Save(ctx, o)
	})
	found, err = organisations.Find(t.Context(), "zeta")
	require.NoError(t, err, "a suspended one is found: it must be, to be resumed")
	assert.Equal(t, acme, found)
}
