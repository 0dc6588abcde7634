package postgres_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/scim/patch"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

var client = provisioning.Caller{Organisation: acme, ClientID: "c"}

func object(t testing.TB, text string) *tree.Object {
	t.Helper()
	v, err := tree.Parse([]byte(text))
	require.NoError(t, err)
	return v.(*tree.Object)
}

// someone is a user of about 800 bytes.
func someone(t testing.TB, name string) *tree.Object {
	t.Helper()
	return object(t, fmt.Sprintf(`{"userName":"%[1]s@example.com","externalId":%[1]q,"displayName":%[1]q,"active":true,"title":%[2]q,
		"name":{"givenName":"User","familyName":%[1]q},"emails":[{"type":"work","value":"%[1]s@example.com","primary":true}]}`, name, strings.Repeat("x", 600)))
}

func operations(t testing.TB, text string) []patch.Operation {
	t.Helper()
	list, err := patch.Read(object(t, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":`+text+`}`))
	require.NoError(t, err)
	return list
}

// register makes an organisation's record: nothing is recorded in one that has none.
func register(t testing.TB, store ports.Store, org organisation.ID, slug string) {
	t.Helper()
	o, err := organisation.New(org, slug, "Acme", "ann@example.com", clock())
	require.NoError(t, err)
	require.NoError(t, store.Within(t.Context(), org, func(ctx context.Context, tx ports.Tx) error { return tx.Organisation().Add(ctx, o) }))
}

var made atomic.Int64

// newID gives UUIDs in the order of their making, as those of version 7 are.
func newID() string { return fmt.Sprintf("0190a000-0000-7000-9000-%012x", made.Add(1)) }

// between gives the URL of a way to the server of another URL. Each connection on it is handed to join, with the server's
// address.
func between(t *testing.T, to string, join func(client net.Conn, server string)) *url.URL {
	t.Helper()
	at, err := url.Parse(to)
	require.NoError(t, err)
	server := at.Host
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	at.Host = listener.Addr().String()
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go join(client, server)
		}
	}()
	return at
}
