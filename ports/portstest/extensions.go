package portstest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/ports"
)

func extension(t *testing.T, urn string) schema.Extension {
	t.Helper()
	e, err := schema.NewExtension("User", object(t, `{"id":"`+urn+`","name":"Travel","attributes":[{"name":"zone","type":"integer"}]}`))
	require.NoError(t, err)
	return e
}

func keepsExtensions(t *testing.T, store ports.Store) {
	all := func(org organisation.ID) (found []schema.Extension) {
		view(t, store, org, func(ctx context.Context, tx ports.Tx) (err error) {
			found, err = tx.Extensions().All(ctx)
			return err
		})
		return found
	}
	add := func(org organisation.ID, urn string) error {
		return store.Within(t.Context(), org, func(ctx context.Context, tx ports.Tx) error {
			return tx.Extensions().Add(ctx, extension(t, urn))
		})
	}
	require.NoError(t, add(acme, "urn:x:b"))
	require.NoError(t, add(acme, "urn:x:a"))
	require.NoError(t, add(globex, "urn:x:a"), "another organisation's names are not taken")
	err := add(acme, "URN:X:A")
	require.ErrorIs(t, err, fault.Conflict)
	assert.Equal(t, "id", fault.Of(err).Path)
	assert.Equal(t, []schema.Extension{extension(t, "urn:x:b"), extension(t, "urn:x:a")}, all(acme))
	assert.Equal(t, []schema.Extension{extension(t, "urn:x:a")}, all(globex))
}
