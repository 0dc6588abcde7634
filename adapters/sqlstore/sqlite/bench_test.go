package sqlite_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

const (
	acme   organisation.ID = "0190a000-0000-7000-8000-00000000ac3e"
	globex organisation.ID = "0190a000-0000-7000-8000-0000006c0bec"
)

var registry = schema.Core()

func id(n int) directory.ID { return directory.ID(fmt.Sprintf("0190a000-0000-7000-8000-%012x", n)) }

// person is the nth user, with about 800 bytes of attributes.
func person(t testing.TB, n int) *directory.User {
	t.Helper()
	name := fmt.Sprintf("user%d@example.com", n)
	v, err := tree.Parse([]byte(fmt.Sprintf(`{"userName":%q,"externalId":"E%d","displayName":"User %d","active":true,"title":%q,
		"name":{"givenName":"User","familyName":"N%d"},"emails":[{"type":"work","value":%q,"primary":true}]}`, name, n, n, strings.Repeat("x", 600), n, name)))
	require.NoError(t, err)
	u, _, err := directory.NewUser(registry.Type("User"), id(n), v.(*tree.Object), clock())
	require.NoError(t, err)
	return u
}

// populate adds so many people, and a group called "G" with the id 0 of all of them.
func populate(t testing.TB, store *sqlstore.Store, org organisation.ID, people int) {
	t.Helper()
	g, _, err := directory.NewGroup(registry.Type("Group"), id(0), tree.NewObject(tree.Member{Name: "displayName", Value: "G"}), clock())
	require.NoError(t, err)
	require.NoError(t, store.Within(t.Context(), org, func(ctx context.Context, tx ports.Tx) error { return tx.Groups().Add(ctx, g) }))
	for n := 1; n <= people; {
		require.NoError(t, store.Within(t.Context(), org, func(ctx context.Context, tx ports.Tx) error {
			var ids []directory.ID
			for ; n <= people && len(ids) < 500; n++ {
				if err := tx.Users().Add(ctx, person(t, n)); err != nil {
					return err
				}
				ids = append(ids, id(n))
			}
			_, err := tx.Members().Add(ctx, id(0), ids)
			return err
		}))
	}
}

func filter(t testing.TB, of, text string) scim.Bound {
	t.Helper()
	f, err := scim.Parse(text)
	require.NoError(t, err)
	b, err := scim.Bind(f, registry.Type(of), registry)
	require.NoError(t, err)
	return b
}

const crowd = 10_000

func BenchmarkRead(b *testing.B) {
	store := open(b, sqlite.Options{})
	register(b, store, acme, "acme")
	populate(b, store, acme, crowd)
	digest := credential.Digest(sha256.Sum256([]byte("token")))
	require.NoError(b, store.Tokens().Put(b.Context(), digest, credential.Token{Organisation: acme, ClientID: "c", Scopes: []credential.Scope{credential.Read}, Issued: clock(), Expires: clock().Add(time.Hour)}))

	ctx, cancel := context.WithCancel(b.Context()) // as a request's is
	defer cancel()
	each := func(name string, fn func(ctx context.Context, tx ports.Tx, n int) error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for n := 1; b.Loop(); n++ {
				if err := store.View(ctx, acme, func(ctx context.Context, tx ports.Tx) error { return fn(ctx, tx, n%crowd+1) }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("token", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := store.Tokens().Get(ctx, digest, clock()); err != nil {
				b.Fatal(err)
			}
		}
	})
	each("user by id", func(ctx context.Context, tx ports.Tx, n int) error {
		_, err := tx.Users().Document(ctx, id(n))
		return err
	})
	each("groups of a user", func(ctx context.Context, tx ports.Tx, n int) error {
		_, err := tx.Members().Groups(ctx, []directory.ID{id(n)})
		return err
	})
	for _, form := range []string{`userName eq "user%d@example.com"`, `userName eq "nobody%d"`, `externalId eq "E%d"`, `emails[type eq "work"].value eq "user%d@example.com"`} {
		filters := make([]scim.Bound, crowd+1)
		for n := range filters {
			filters[n] = filter(b, "User", fmt.Sprintf(form, n))
		}
		each(form, func(ctx context.Context, tx ports.Tx, n int) error {
			_, err := tx.Users().Search(ctx, ports.Query{Filter: filters[n], Limit: 100})
			return err
		})
	}
	for _, offset := range []int{0, crowd - 100} {
		each(fmt.Sprintf("page of 100 behind %d", offset), func(ctx context.Context, tx ports.Tx, _ int) error {
			_, err := tx.Users().Search(ctx, ports.Query{Offset: offset, Limit: 100})
			return err
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	at := 0
	event := func(action activity.Action, subject directory.ID) activity.Event {
		at++
		return activity.Event{ID: fmt.Sprintf("0190b000-0000-7000-8000-%012x", at), At: clock(), Actor: activity.Actor{Kind: activity.Client, ID: "c"}, Action: action, Subject: activity.Subject{Kind: "User", ID: string(subject)}}
	}
	each := func(name string, fn func(ctx context.Context, tx ports.Tx, n int) error) {
		b.Run(name, func(b *testing.B) {
			store := open(b, sqlite.Options{})
			register(b, store, acme, "acme")
			populate(b, store, acme, 1000)
			b.ReportAllocs()
			n := 1
			for b.Loop() {
				// Many units in one batch would do the same: what is measured is the work and not the disk.
				err := store.Within(b.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
					for range 64 {
						n++
						if err := fn(ctx, tx, n); err != nil {
							return err
						}
					}
					return nil
				})
				require.NoError(b, err)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/unit")
		})
	}
	each("create user", func(ctx context.Context, tx ports.Tx, n int) error {
		if err := tx.Users().Add(ctx, person(b, n+crowd)); err != nil {
			return err
		}
		return tx.Activity().Record(ctx, event(activity.Created, id(n)))
	})
	each("disable user", func(ctx context.Context, tx ports.Tx, n int) error {
		u, err := tx.Users().Get(ctx, id(n%1000+1))
		if err != nil {
			return err
		}
		changed := u.Attributes().Clone()
		changed.Set("active", n/1000%2 == 1)
		if _, err := u.Replace(registry.Type("User"), changed, clock()); err != nil {
			return err
		}
		if err := tx.Users().Save(ctx, u); err != nil {
			return err
		}
		return tx.Activity().Record(ctx, event(activity.Changed, u.ID()))
	})
	each("add and remove a member", func(ctx context.Context, tx ports.Tx, n int) error {
		g, err := tx.Groups().Get(ctx, id(0))
		if err != nil {
			return err
		}
		change := tx.Members().Add
		if n%2 == 0 {
			change = tx.Members().Remove
		}
		if _, err := change(ctx, g.ID(), []directory.ID{id(n/2%1000 + 1)}); err != nil {
			return err
		}
		g.MembersChanged(clock())
		if err := tx.Groups().Save(ctx, g); err != nil {
			return err
		}
		return tx.Activity().Record(ctx, event(activity.Changed, g.ID()))
	})
}
