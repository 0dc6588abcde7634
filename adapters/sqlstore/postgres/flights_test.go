package postgres_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/servertest"
	"github.com/extraordinary/provisioning/adapters/sqlstore/postgres"
	"github.com/extraordinary/provisioning/application/credentials"
	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/ports"
)

// wire stands between a store and Postgres and counts flights: how often the store sends, and then waits for an answer.
type wire struct {
	url     string // by which Postgres is reached through it
	flights atomic.Int64
	held    chan struct{} // lets a ROLLBACK on, which is kept back until then; nil: none is
}

// rollback is the message that ends a transaction in which nothing was written. It is no flight, for nobody waits.
var rollback = []byte("Q\x00\x00\x00\x0dROLLBACK\x00")

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	w := &wire{}
	w.url = between(t, to, w.join).String()
	return w
}

func (w *wire) join(client net.Conn, address string) {
	server, err := net.Dial("tcp", address)
	if err != nil {
		_ = client.Close()
		return
	}
	var answered atomic.Bool
	answered.Store(true)
	var both sync.WaitGroup
	both.Go(func() {
		copyEach(server, client, func(sent []byte) {
			switch {
			case !bytes.Equal(sent, rollback):
				if answered.Swap(false) {
					w.flights.Add(1)
				}
			case w.held != nil:
				<-w.held
			}
		})
	})
	both.Go(func() { copyEach(client, server, func([]byte) { answered.Store(true) }) })
	both.Wait()
}

// copyEach copies until one end is closed, and closes the other then.
func copyEach(to, from net.Conn, before func([]byte)) {
	defer to.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		before(buffer[:n])
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// fewest gives how many flights do takes once every statement is prepared and no connection is tried out first.
func (w *wire) fewest(t *testing.T, prepare, do func()) int64 {
	t.Helper()
	fewest := int64(1000)
	for range 5 {
		prepare()
		before := w.flights.Load()
		do()
		fewest = min(fewest, w.flights.Load()-before)
	}
	return fewest
}

func TestAUseCaseTakesFewRoundTrips(t *testing.T) {
	t.Parallel()
	w := newWire(t, servertest.Postgres(t).App)
	store := openAt(t, w.url, postgres.Options{Connections: 1})
	register(t, store, acme, "acme")
	service := provisioning.New(store, schema.Core(), clock, newID)
	ctx := t.Context()
	member := make([]directory.ID, 2)
	for i := range member {
		made, err := service.CreateUser(ctx, client, someone(t, fmt.Sprintf("member%d", i)))
		require.NoError(t, err)
		member[i] = made.ID
	}
	group, err := service.CreateGroup(ctx, client, object(t, `{"displayName":"Staff"}`))
	require.NoError(t, err)
	at := 0
	next := func() int { at++; return at }
	search := func(filter string) error {
		f, err := scim.Parse(filter)
		require.NoError(t, err)
		_, err = service.SearchUsers(ctx, client, provisioning.Search{Filter: f, Limit: 100})
		return err
	}
	patchUser := func(form string) error {
		_, err := service.PatchUser(ctx, client, member[0], nil, operations(t, fmt.Sprintf(form, next())))
		return err
	}
	const in, out = `[{"op":"add","path":"members","value":[{"value":%q}]}]`, `[{"op":"remove","path":"members[value eq \"%s\"]"}]`
	patchGroup := func(form string) error {
		_, err := service.PatchGroup(ctx, client, group.ID, nil, operations(t, fmt.Sprintf(form, member[1])))
		return err
	}
	ready := func() {}
	var doomed directory.ID
	for _, use := range []struct {
		name    string
		most    int64
		prepare func() // is not counted
		do      func() error
	}{
		{"do nothing", 0, ready, func() error {
			return store.Within(ctx, acme, func(context.Context, ports.Tx) error { return nil })
		}},
		{"read a user", 2, ready, func() error { _, _, err := service.ReadUser(ctx, client, member[0], false); return err }},
		{"read a group without its members", 1, ready, func() error {
			return service.ReadGroup(ctx, client, group.ID, func(directory.Document, provisioning.MembersOf) error { return nil })
		}},
		{"match a user who is there", 2, ready, func() error { return search(`userName eq "member1@example.com"`) }},
		{"match nobody", 1, ready, func() error { return search(`userName eq "nobody@example.com"`) }},
		{"match by externalId", 2, ready, func() error { return search(`externalId eq "member1"`) }},
		{"match by e-mail address", 2, ready, func() error { return search(`emails[type eq "work"].value eq "member1@example.com"`) }},
		{"create a user", 2, ready, func() error {
			_, err := service.CreateUser(ctx, client, someone(t, fmt.Sprintf("new%d", next())))
			return err
		}},
		{"change a user", 3, ready, func() error { return patchUser(`[{"op":"replace","path":"title","value":"%d"}]`) }},
		{"change a user's addresses", 3, ready, func() error {
			return patchUser(`[{"op":"replace","path":"emails[type eq \"work\"].value","value":"%d@example.com"}]`)
		}},
		{"rename a user", 4, ready, func() error { return patchUser(`[{"op":"replace","path":"userName","value":"renamed%d"}]`) }},
		{"change nothing of a user", 2, ready, func() error {
			return patchUser(`[{"op":"replace","path":"active","value":true},{"op":"remove","path":"nickName","value":"%d"}]`)
		}},
		{"delete a user", 2, func() {
			made, err := service.CreateUser(ctx, client, someone(t, fmt.Sprintf("doomed%d", next())))
			require.NoError(t, err)
			doomed = made.ID
		}, func() error { return service.DeleteUser(ctx, client, doomed, nil) }},
		{"create a group", 2, ready, func() error {
			_, err := service.CreateGroup(ctx, client, object(t, fmt.Sprintf(`{"displayName":"Group %d"}`, next())))
			return err
		}},
		{"add a member", 3, func() { require.NoError(t, patchGroup(out)) }, func() error { return patchGroup(in) }},
		{"remove a member", 3, func() { require.NoError(t, patchGroup(in)) }, func() error { return patchGroup(out) }},
	} {
		took := w.fewest(t, use.prepare, func() { require.NoError(t, use.do(), use.name) })
		assert.LessOrEqual(t, took, use.most, use.name)
	}
}

func TestAClientIsAuthenticatedInTwoRoundTrips(t *testing.T) {
	t.Parallel()
	w := newWire(t, servertest.Postgres(t).App)
	store := openAt(t, w.url, postgres.Options{Connections: 1})
	register(t, store, acme, "acme")
	keys, err := credential.NewKeys([][]byte{make([]byte, 32)})
	require.NoError(t, err)
	service := credentials.New(store, nil, keys, rand.Reader, clock, newID)
	made, err := service.Create(t.Context(), acme, "Entra", credentials.DefaultYears, activity.Actor{Kind: activity.Operator})
	require.NoError(t, err)
	assert.LessOrEqual(t, w.fewest(t, func() {}, func() {
		_, err := service.Authenticate(t.Context(), netip.Addr{}, made.ClientID, made.Secret)
		require.NoError(t, err)
	}), int64(2))
}

func TestNobodyWaitsForTheEndOfWhatWroteNothing(t *testing.T) {
	t.Parallel()
	w := newWire(t, servertest.Postgres(t).App)
	store := openAt(t, w.url, postgres.Options{})
	register(t, store, acme, "acme")
	w.held = make(chan struct{})
	service := provisioning.New(store, schema.Core(), clock, newID)
	user, err := service.CreateUser(t.Context(), client, someone(t, "ada"))
	require.NoError(t, err)
	for _, use := range []func() error{
		func() error { _, _, err := service.ReadUser(t.Context(), client, user.ID, false); return err },
		func() error {
			_, err := service.PatchUser(t.Context(), client, user.ID, nil, operations(t, `[{"op":"replace","path":"active","value":true}]`))
			return err
		},
	} {
		done, tooLate := make(chan error, 1), time.After(4*time.Second)
		go func() { done <- use() }()
		select {
		case err := <-done:
			require.NoError(t, err)
		case <-tooLate:
			require.Fail(t, "somebody waits")
		}
		select {
		case w.held <- struct{}{}:
		case <-tooLate:
			require.Fail(t, "it was not rolled back")
		}
	}
}
