package portstest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// Staff checks the ports of the portal's people: ports.Staff, ports.Sessions, ports.Links and ports.Doors.
func Staff(t *testing.T, open func(t *testing.T) (ports.Store, ports.Doors)) {
	for name, check := range map[string]func(*testing.T, ports.Store, ports.Doors){
		"a member is read as it was written":                   readsMembers,
		"an address is one member's, and free once removed":    keepsAddressesApart,
		"a door is found by an address in any case":            findsDoors,
		"sessions are read, renewed and ended":                 keepsSessions,
		"a link is used once however many try at the time":     usesLinksOnce,
		"members are changed one after the other":              changesMembersInTurn,
		"nobody sees the people of another organisation":       keepsStaffApart,
		"unused links are dropped, used ones tell their story": dropsLinks,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, doors := open(t)
			register(t, store, acme, "acme")
			register(t, store, globex, "globex")
			check(t, store, doors)
		})
	}
}

func colleague(n int, email string) *access.Member {
	return access.Restore(access.Snapshot{
		ID: string(id(n)), Email: email, Name: "Ann Roy", Roles: []access.Role{access.Lead, access.Accountant}, Password: "$argon2id$x",
		Second:  access.SecondStep{Secret: "sealed", Last: 7, Recovery: []string{"one", "two"}},
		Invited: begun, Joined: begun.Add(time.Minute), Seen: begun.Add(time.Hour),
	})
}

func addStaff(t *testing.T, store ports.Store, org organisation.ID, members ...*access.Member) {
	t.Helper()
	within(t, store, org, func(ctx context.Context, tx ports.Tx) error {
		for _, m := range members {
			if err := tx.Staff().Add(ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
}

func readsMembers(t *testing.T, store ports.Store, _ ports.Doors) {
	want := colleague(1, "Ann@Example.com")
	addStaff(t, store, acme, want, colleague(2, "bob@example.com"))
	for name, read := range map[string]func(context.Context, ports.Staff) (*access.Member, error){
		"by its id": func(ctx context.Context, s ports.Staff) (*access.Member, error) { return s.Get(ctx, string(id(1))) },
		"by its address": func(ctx context.Context, s ports.Staff) (*access.Member, error) {
			return s.Find(ctx, "ann@EXAMPLE.com")
		},
	} {
		view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
			m, err := read(ctx, tx.Staff())
			require.NoError(t, err)
			assert.Equal(t, want.Snapshot(), m.Snapshot(), name)
			return nil
		})
	}
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		m, err := tx.Staff().Get(ctx, string(id(1)))
		require.NoError(t, err)
		require.NoError(t, m.Rename("Ann Reed"))
		require.NoError(t, m.SetRoles([]access.Role{access.Manager}))
		m.DropSecondStep()
		want = m
		return tx.Staff().Save(ctx, m)
	})
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		all, err := tx.Staff().All(ctx)
		require.NoError(t, err)
		require.Len(t, all, 2)
		assert.Equal(t, want.Snapshot(), all[0].Snapshot())
		_, err = tx.Staff().Get(ctx, string(id(9)))
		require.ErrorIs(t, err, fault.NotFound)
		_, err = tx.Staff().Find(ctx, "nobody@example.com")
		require.ErrorIs(t, err, fault.NotFound)
		return nil
	})
	require.ErrorIs(t, store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		return tx.Staff().Save(ctx, colleague(9, "nine@example.com"))
	}), fault.NotFound)
}

func keepsAddressesApart(t *testing.T, store ports.Store, doors ports.Doors) {
	addStaff(t, store, acme, colleague(1, "ann@example.com"))
	err := store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		return tx.Staff().Add(ctx, colleague(2, "ANN@example.com"))
	})
	require.ErrorIs(t, err, fault.Conflict)
	assert.Equal(t, "email", fault.Of(err).Path)
	addStaff(t, store, globex, colleague(1, "ann@example.com"))

	removed := colleague(1, "ann@example.com")
	removed.Remove(begun)
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Staff().Save(ctx, removed) })
	where, err := doors.Organisations(t.Context(), "ann@example.com")
	require.NoError(t, err)
	assert.Equal(t, []organisation.ID{globex}, where)
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		all, err := tx.Staff().All(ctx)
		require.NoError(t, err)
		assert.Empty(t, all)
		m, err := tx.Staff().Get(ctx, string(id(1)))
		require.NoError(t, err, "the journal goes on using the name")
		assert.Equal(t, "Ann Roy", m.Snapshot().Name)
		return nil
	})
	addStaff(t, store, acme, colleague(3, "ann@example.com"))
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Staff().Save(ctx, removed) })
	where, err = doors.Organisations(t.Context(), "ann@example.com")
	require.NoError(t, err)
	assert.Len(t, where, 2, "the newer one keeps the address")
}

func findsDoors(t *testing.T, store ports.Store, doors ports.Doors) {
	addStaff(t, store, acme, colleague(1, "Zoë@Example.com"))
	addStaff(t, store, globex, colleague(1, "zoë@example.com"))
	for _, email := range []string{"zoë@example.com", "ZOË@EXAMPLE.COM", " zoë@example.com "} {
		where, err := doors.Organisations(t.Context(), email)
		require.NoError(t, err)
		assert.Equal(t, []organisation.ID{globex, acme}, sorted(where), email)
	}
	where, err := doors.Organisations(t.Context(), "nobody@example.com")
	require.NoError(t, err)
	assert.Empty(t, where)
}

// sorted puts globex first, whichever id is the smaller.
func sorted(ids []organisation.ID) []organisation.ID {
	if len(ids) == 2 && ids[0] == acme {
		return []organisation.ID{ids[1], ids[0]}
	}
	return ids
}

func session(n int, memberID string) access.Session {
	return access.Session{
		Digest: string(id(100 + n)), MemberID: memberID, Half: true, Started: begun, Seen: begun.Add(time.Duration(n) * time.Minute),
		Browser: "Firefox", Address: "192.0.2.1",
	}
}

func keepsSessions(t *testing.T, store ports.Store, _ ports.Doors) {
	first, second, other := session(1, "a"), session(2, "a"), session(3, "b")
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		return errors.Join(tx.Sessions().Put(ctx, first), tx.Sessions().Put(ctx, second), tx.Sessions().Put(ctx, other))
	})
	first.Half, first.Seen, first.Confirmed, first.Address, first.Setup = false, begun.Add(time.Hour), begun.Add(time.Minute), "192.0.2.2", "sealed"
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Sessions().Put(ctx, first) })
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		got, err := tx.Sessions().Get(ctx, first.Digest)
		require.NoError(t, err)
		assert.Equal(t, first, got)
		all, err := tx.Sessions().Of(ctx, "a")
		require.NoError(t, err)
		assert.Equal(t, []access.Session{first, second}, all)
		return nil
	})
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Sessions().EndOthers(ctx, "a", second.Digest) })
	for range 2 {
		within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Sessions().End(ctx, other.Digest) })
	}
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		_, err := tx.Sessions().Get(ctx, first.Digest)
		require.ErrorIs(t, err, fault.NotFound)
		_, err = tx.Sessions().Get(ctx, other.Digest)
		require.ErrorIs(t, err, fault.NotFound)
		got, err := tx.Sessions().Get(ctx, second.Digest)
		require.NoError(t, err)
		assert.Equal(t, second, got)
		return nil
	})
}

func oneTimeLink(n int, memberID string) access.Link {
	return access.Link{Digest: string(id(200 + n)), MemberID: memberID, Purpose: access.Invitation, Expires: begun.Add(time.Hour)}
}

func usesLinksOnce(t *testing.T, store ports.Store, _ ports.Doors) {
	link := oneTimeLink(1, "a")
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Links().Put(ctx, link) })
	const tries = 8
	used := make(chan bool, tries)
	for range tries {
		go func() {
			var mine bool
			err := store.Within(context.WithoutCancel(t.Context()), acme, func(ctx context.Context, tx ports.Tx) error {
				found, err := tx.Links().Get(ctx, link.Digest)
				if err != nil {
					return err
				}
				mine = found.Works(begun)
				found.Used = begun.Add(time.Minute)
				return tx.Links().Put(ctx, found)
			})
			assert.NoError(t, err)
			used <- mine
		}()
	}
	n := 0
	for range tries {
		if <-used {
			n++
		}
	}
	assert.Equal(t, 1, n)
}

func dropsLinks(t *testing.T, store ports.Store, _ ports.Doors) {
	used, unused, others := oneTimeLink(1, "a"), oneTimeLink(2, "a"), oneTimeLink(3, "b")
	used.Used = begun
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		return errors.Join(tx.Links().Put(ctx, used), tx.Links().Put(ctx, unused), tx.Links().Put(ctx, others), tx.Links().Drop(ctx, "a"))
	})
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		got, err := tx.Links().Get(ctx, used.Digest)
		require.NoError(t, err)
		assert.Equal(t, used, got)
		_, err = tx.Links().Get(ctx, unused.Digest)
		require.ErrorIs(t, err, fault.NotFound)
		_, err = tx.Links().Get(ctx, others.Digest)
		require.NoError(t, err)
		return nil
	})
}

// changesMembersInTurn lets each of two give up a role unless the other has: without turns, both would.
func changesMembersInTurn(t *testing.T, store ports.Store, _ ports.Doors) {
	for round := range 5 {
		ann, bob := colleague(2*round, "ann@example.com"), colleague(2*round+1, "bob@example.com")
		addStaff(t, store, acme, ann, bob)
		done := make(chan error, 2)
		for _, m := range []*access.Member{ann, bob} {
			go func() {
				done <- store.Within(context.WithoutCancel(t.Context()), acme, func(ctx context.Context, tx ports.Tx) error {
					all, err := tx.Staff().All(ctx)
					if err != nil {
						return err
					}
					left := access.Restore(m.Snapshot())
					left.Remove(begun)
					if access.LastWith(all, left) != "" {
						return fault.New(fault.Conflict, "the last one stays")
					}
					return tx.Staff().Save(ctx, left)
				})
			}()
		}
		first, second := <-done, <-done
		assert.True(t, (first == nil) != (second == nil), "%v, %v", first, second)
		within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
			all, err := tx.Staff().All(ctx)
			require.NoError(t, err)
			require.Len(t, all, 1)
			all[0].Remove(begun)
			return tx.Staff().Save(ctx, all[0])
		})
	}
}

func keepsStaffApart(t *testing.T, store ports.Store, _ ports.Doors) {
	addStaff(t, store, acme, colleague(1, "ann@example.com"))
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		return errors.Join(tx.Sessions().Put(ctx, session(1, "a")), tx.Links().Put(ctx, oneTimeLink(1, "a")))
	})
	within(t, store, globex, func(ctx context.Context, tx ports.Tx) error {
		_, err1 := tx.Staff().Get(ctx, string(id(1)))
		_, err2 := tx.Staff().Find(ctx, "ann@example.com")
		_, err3 := tx.Sessions().Get(ctx, session(1, "a").Digest)
		_, err4 := tx.Links().Get(ctx, oneTimeLink(1, "a").Digest)
		for _, err := range []error{err1, err2, err3, err4} {
			require.ErrorIs(t, err, fault.NotFound)
		}
		return errors.Join(tx.Sessions().End(ctx, session(1, "a").Digest), tx.Sessions().EndOthers(ctx, "a", ""), tx.Links().Drop(ctx, "a"))
	})
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		_, err1 := tx.Sessions().Get(ctx, session(1, "a").Digest)
		_, err2 := tx.Links().Get(ctx, oneTimeLink(1, "a").Digest)
		return errors.Join(err1, err2)
	})
}
