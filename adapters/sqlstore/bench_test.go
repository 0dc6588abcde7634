package sqlstore_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/localstore"
	"github.com/extraordinary/provisioning/adapters/redisstore"
	"github.com/extraordinary/provisioning/adapters/servertest"
	"github.com/extraordinary/provisioning/adapters/sqlstore/postgres"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/application/credentials"
	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/scim/patch"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

const acme organisation.ID = "0190a000-0000-7000-8000-00000000ac3e"

var client = provisioning.Caller{Organisation: acme, ClientID: "c"}

func clock() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// stores are what serves together.
type stores struct {
	ports.Store
	tokens ports.Tokens
	gate   ports.Gate
}

func embedded(b *testing.B) stores {
	b.Helper()
	store, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "extraordinary.db"), sqlite.Options{Now: clock})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, store.Close()) })
	_, err = store.Migrator().Up(b.Context())
	require.NoError(b, err)
	return stores{store, store.Tokens(), localstore.NewGate(store.Tokens(), localstore.NewLimiter(clock), ports.PerSecond(0))}
}

func servers(b *testing.B) stores {
	b.Helper()
	store, err := postgres.Open(b.Context(), servertest.Postgres(b).App, postgres.Options{Now: clock})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, store.Close()) })
	redis, err := redisstore.Open(servertest.Redis(b), redisstore.Options{Now: clock})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, redis.Close()) })
	return stores{store, redis.Tokens(), redis.Gate(ports.PerSecond(0))}
}

var made atomic.Int64

// newID gives UUIDs in the order of their making, as those of version 7 are.
func newID() string { return fmt.Sprintf("0190a000-0000-7000-9000-%012x", made.Add(1)) }

func object(b *testing.B, text string) *tree.Object {
	b.Helper()
	v, err := tree.Parse([]byte(text))
	require.NoError(b, err)
	return v.(*tree.Object)
}

// someone is a user of about 800 bytes.
func someone(b *testing.B, name string) *tree.Object {
	b.Helper()
	return object(b, fmt.Sprintf(`{"userName":"%[1]s@example.com","externalId":%[1]q,"displayName":%[1]q,"active":true,"title":%[2]q,
		"name":{"givenName":"User","familyName":%[1]q},"emails":[{"type":"work","value":"%[1]s@example.com","primary":true}]}`, name, strings.Repeat("x", 600)))
}

func operations(b *testing.B, form string, args ...any) []patch.Operation {
	b.Helper()
	list, err := patch.Read(object(b, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":`+fmt.Sprintf(form, args...)+`}`))
	require.NoError(b, err)
	return list
}

// house is an organisation with users.
type house struct {
	stores
	credentials  *credentials.Service
	provisioning *provisioning.Service
	users        []directory.ID
}

func open(b *testing.B, s stores) *house {
	b.Helper()
	o, err := organisation.New(acme, "acme", "Acme", "ann@example.com", clock())
	require.NoError(b, err)
	require.NoError(b, s.Within(b.Context(), acme, func(ctx context.Context, tx ports.Tx) error { return tx.Organisation().Add(ctx, o) }))
	keys, err := credential.NewKeys([][]byte{make([]byte, 32)})
	require.NoError(b, err)
	h := &house{stores: s, provisioning: provisioning.New(s, schema.Core(), clock, newID)}
	h.credentials = credentials.New(s, s.tokens, keys, rand.Reader, clock, newID).Behind(s.gate)
	return h
}

// grow adds users until there are so many.
func (h *house) grow(b *testing.B, size int) {
	b.Helper()
	for len(h.users) < size {
		var added []directory.ID
		require.NoError(b, h.Within(b.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
			added = nil
			for n := len(h.users); n < min(size, len(h.users)+500); n++ {
				u, _, err := directory.NewUser(schema.Core().Type("User"), directory.ID(newID()), someone(b, fmt.Sprintf("user%d", n)), clock())
				if err != nil {
					return err
				}
				if err := tx.Users().Add(ctx, u); err != nil {
					return err
				}
				added = append(added, u.ID())
			}
			return nil
		}))
		h.users = append(h.users, added...)
	}
}

// group makes a group of so many users; there is one more.
func (h *house) group(b *testing.B, size int) directory.ID {
	b.Helper()
	h.grow(b, size+1)
	made, err := h.provisioning.CreateGroup(b.Context(), client, object(b, fmt.Sprintf(`{"displayName":"Group of %d, %s"}`, size, newID())))
	require.NoError(b, err)
	for from := 0; from < size; from += 1000 {
		require.NoError(b, h.Within(b.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
			_, err := tx.Members().Add(ctx, made.ID, h.users[from:min(size, from+1000)])
			return err
		}))
	}
	return made.ID
}

func (h *house) match(form string) func(context.Context, int) error {
	return func(ctx context.Context, n int) error {
		filter, err := scim.Parse(fmt.Sprintf(form, n%crowd))
		if err != nil {
			return err
		}
		_, err = h.provisioning.SearchUsers(ctx, client, provisioning.Search{Filter: filter, Limit: 100})
		return err
	}
}

func (h *house) page(offset int) func(context.Context, int) error {
	return func(ctx context.Context, _ int) error {
		_, err := h.provisioning.SearchUsers(ctx, client, provisioning.Search{Offset: offset, Limit: 100})
		return err
	}
}

const crowd = 10_000

// BenchmarkUseCase measures what a request costs without HTTP among 10,000 users, one after the other and 16 at once.
func BenchmarkUseCase(b *testing.B) {
	for name, stores := range map[string]func(*testing.B) stores{"SQLite": embedded, "Postgres and Redis": servers} {
		b.Run(name, func(b *testing.B) { useCases(b, open(b, stores(b))) })
	}
}

func useCases(b *testing.B, h *house) {
	h.grow(b, crowd)
	issued, err := h.credentials.Create(b.Context(), acme, "Entra", credentials.DefaultYears, activity.Actor{Kind: activity.Operator})
	require.NoError(b, err)
	grant := func(ctx context.Context) (string, error) {
		who, err := h.credentials.Authenticate(ctx, netip.Addr{}, issued.ClientID, issued.Secret)
		if err != nil {
			return "", err
		}
		text, err := credential.NewToken(rand.Reader)
		if err != nil {
			return "", err
		}
		digest, err := credential.ParseToken(text)
		if err != nil {
			return "", err
		}
		token := who.Token()
		token.Scopes = who.Scopes
		return text, h.credentials.Keep(ctx, digest, token)
	}
	token, err := grant(b.Context())
	require.NoError(b, err)
	patchUser := func(ctx context.Context, id directory.ID, form string, args ...any) error {
		_, err := h.provisioning.PatchUser(ctx, client, id, nil, operations(b, form, args...))
		return err
	}
	for _, use := range []struct {
		name string
		do   func(context.Context, int) error
	}{
		{"token grant", func(ctx context.Context, _ int) error { _, err := grant(ctx); return err }},
		{"authorised PATCH that changes nothing", func(ctx context.Context, n int) error {
			if _, err := h.credentials.Authorise(ctx, token, credential.Write); err != nil {
				return err
			}
			return patchUser(ctx, h.users[n%crowd], `[{"op":"replace","path":"displayName","value":"user%d"}]`, n%crowd)
		}},
		{"read user", func(ctx context.Context, n int) error {
			_, _, err := h.provisioning.ReadUser(ctx, client, h.users[n%crowd], false)
			return err
		}},
		{"match hit", h.match(`userName eq "user%d@example.com"`)},
		{"match miss", h.match(`userName eq "nobody%d@example.com"`)},
		{"match externalId", h.match(`externalId eq "user%d"`)},
		{"match e-mail", h.match(`emails[type eq "work"].value eq "user%d@example.com"`)},
		{"page of 100, first", h.page(0)},
		{"page of 100, last", h.page(crowd - 100)},
		{"create user", func(ctx context.Context, _ int) error {
			_, err := h.provisioning.CreateUser(ctx, client, someone(b, "new"+newID()))
			return err
		}},
		{"PATCH user", func(ctx context.Context, n int) error {
			return patchUser(ctx, h.users[n%crowd], `[{"op":"replace","path":"title","value":"%d"}]`, n)
		}},
	} {
		measure(b, use.name, use.do)
	}
	for _, size := range []int{10, crowd, 10 * crowd} {
		b.Run(fmt.Sprintf("add a member to %d", size), func(b *testing.B) { h.addOne(b, size) })
	}
}

// measure runs do one after the other, and 16 at once.
func measure(b *testing.B, name string, do func(context.Context, int) error) {
	b.Run(name+"/1", func(b *testing.B) {
		b.ReportAllocs()
		for n := 0; b.Loop(); n++ {
			require.NoError(b, do(b.Context(), n))
		}
	})
	b.Run(name+"/16", func(b *testing.B) {
		var n atomic.Int64
		b.SetParallelism(8) // of two processors
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				require.NoError(b, do(b.Context(), int(n.Add(1))))
			}
		})
	})
}

// addOne lets a member into a group of size others; that they leave again is not measured.
func (h *house) addOne(b *testing.B, size int) {
	group, member := h.group(b, size), h.users[size]
	change := func(form string) {
		_, err := h.provisioning.PatchGroup(b.Context(), client, group, nil, operations(b, form, member))
		require.NoError(b, err)
	}
	b.ReportAllocs()
	for b.Loop() {
		change(`[{"op":"add","path":"members","value":[{"value":%q}]}]`)
		b.StopTimer()
		change(`[{"op":"remove","path":"members[value eq \"%s\"]"}]`)
		b.StartTimer()
	}
}
