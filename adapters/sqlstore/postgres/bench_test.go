package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
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

var made atomic.Int64

// newID gives UUIDs in the order of their making, as those of version 7 are.
func newID() string { return fmt.Sprintf("0190a000-0000-7000-9000-%012x", made.Add(1)) }

// BenchmarkUseCase measures what a request costs without HTTP, one after the other and 16 at once, among 10,000 users.
func BenchmarkUseCase(b *testing.B) {
	const crowd = 10_000
	store := open(b)
	service := provisioning.New(store, schema.Core(), clock, newID)
	ids := make([]directory.ID, crowd)
	for n := range ids {
		made, err := service.CreateUser(b.Context(), client, someone(b, fmt.Sprintf("user%d", n)))
		require.NoError(b, err)
		ids[n] = made.ID
	}
	group := func(members int) directory.ID {
		made, err := service.CreateGroup(b.Context(), client, object(b, fmt.Sprintf(`{"displayName":"Group of %d"}`, members)))
		require.NoError(b, err)
		require.NoError(b, store.Within(b.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
			_, err := tx.Members().Add(ctx, made.ID, ids[:members])
			return err
		}))
		return made.ID
	}
	small, large := group(10), group(crowd)
	search := func(form string) func(context.Context, int) error {
		return func(ctx context.Context, n int) error {
			filter, err := scim.Parse(fmt.Sprintf(form, n%crowd))
			if err != nil {
				return err
			}
			_, err = service.SearchUsers(ctx, client, provisioning.Search{Filter: filter, Limit: 100})
			return err
		}
	}
	page := func(offset int) func(context.Context, int) error {
		return func(ctx context.Context, _ int) error {
			_, err := service.SearchUsers(ctx, client, provisioning.Search{Offset: offset, Limit: 100})
			return err
		}
	}
	// change takes a member out of group and lets them in again.
	change := func(group directory.ID, members int) func(context.Context, int) error {
		return func(ctx context.Context, n int) error {
			text := fmt.Sprintf(`[{"op":"remove","path":"members[value eq \"%s\"]"}]`, ids[n/2%members])
			if n%2 == 1 {
				text = fmt.Sprintf(`[{"op":"add","path":"members","value":[{"value":%q}]}]`, ids[n/2%members])
			}
			_, err := service.PatchGroup(ctx, client, group, nil, operations(b, text))
			return err
		}
	}
	for _, use := range []struct {
		name string
		do   func(context.Context, int) error
	}{
		{"read user", func(ctx context.Context, n int) error {
			_, _, err := service.ReadUser(ctx, client, ids[n%crowd])
			return err
		}},
		{"match hit", search(`userName eq "user%d@example.com"`)},
		{"match miss", search(`userName eq "nobody%d@example.com"`)},
		{"match externalId", search(`externalId eq "user%d"`)},
		{"match e-mail", search(`emails[type eq "work"].value eq "user%d@example.com"`)},
		{"page of 100, first", page(0)},
		{"page of 100, last", page(crowd - 100)},
		{"create user", func(ctx context.Context, n int) error {
			_, err := service.CreateUser(ctx, client, someone(b, "new"+newID()))
			return err
		}},
		{"PATCH user", func(ctx context.Context, n int) error {
			_, err := service.PatchUser(ctx, client, ids[n%crowd], nil, operations(b, fmt.Sprintf(`[{"op":"replace","path":"title","value":"%d"}]`, n)))
			return err
		}},
		{"PATCH that changes nothing", func(ctx context.Context, n int) error {
			_, err := service.PatchUser(ctx, client, ids[n%crowd], nil, operations(b, `[{"op":"replace","path":"active","value":true}]`))
			return err
		}},
		{"change a member of 10", change(small, 10)},
		{"change a member of 10,000", change(large, crowd)},
	} {
		b.Run(use.name+"/1", func(b *testing.B) {
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				require.NoError(b, use.do(b.Context(), n))
			}
		})
		b.Run(use.name+"/16", func(b *testing.B) {
			var n atomic.Int64
			b.SetParallelism(8) // of two processors
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					require.NoError(b, use.do(b.Context(), int(n.Add(1))))
				}
			})
		})
	}
}
