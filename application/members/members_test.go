package members_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/application/members"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/mail"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

const kereru organisation.ID = "0190a000-0000-7000-8000-00000000ac3e"

var now = time.Date(2026, 11, 26, 14, 3, 0, 0, time.UTC)

type world struct {
	*members.Service
	t     *testing.T
	store *sqlstore.Store
}

// newWorld is an organisation with two Leads, Mia and Ana, and a manager, Tom.
func newWorld(t *testing.T) *world {
	t.Helper()
	clock := func() time.Time { return now }
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "extraordinary.db"), sqlite.Options{Now: clock})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	_, err = store.Migrator().Up(t.Context())
	require.NoError(t, err)
	var ids atomic.Int64
	w := &world{t: t, store: store, Service: members.New(members.Options{
		Store: store, PublicURL: "https://x.example", Random: rand.Reader, Now: clock,
		NewID: func() string { return fmt.Sprintf("0190c000-0000-7000-8000-%012d", ids.Add(1)) },
	})}
	o, err := organisation.New(kereru, "kereru", "Kererū", "mia@kereru.example", now)
	require.NoError(t, err)
	require.NoError(t, store.Within(t.Context(), kereru, func(ctx context.Context, tx ports.Tx) error {
		if err := tx.Organisation().Add(ctx, o); err != nil {
			return err
		}
		for id, roles := range map[string][]access.Role{"mia": {access.Lead}, "ana": {access.Lead}, "tom": {access.Manager}} {
			m := access.Restore(access.Snapshot{ID: id, Email: id + "@kereru.example", Name: id, Roles: roles, Password: "x", Joined: now, Second: access.SecondStep{Secret: "x"}})
			if err := tx.Staff().Add(ctx, m); err != nil {
				return err
			}
			if err := tx.Sessions().Put(ctx, access.Session{Digest: id, MemberID: id, Started: now, Seen: now}); err != nil {
				return err
			}
		}
		return nil
	}))
	return w
}

func by(id string) members.By { return members.By{Organisation: kereru, MemberID: id} }

func (w *world) mails() (all []mail.Message) {
	w.t.Helper()
	for {
		var m mail.Message
		err := w.store.Within(w.t.Context(), kereru, func(ctx context.Context, tx ports.Tx) (err error) {
			if m, err = tx.Outbox().Claim(ctx, now, now); err != nil {
				return err
			}
			return tx.Outbox().Drop(ctx, m.ID)
		})
		if err != nil {
			return all
		}
		all = append(all, m)
	}
}

func (w *world) signedIn(id string) bool {
	w.t.Helper()
	err := w.store.View(w.t.Context(), kereru, func(ctx context.Context, tx ports.Tx) error {
		_, err := tx.Sessions().Get(ctx, id)
		return err
	})
	return err == nil
}

func TestInvitationsAreMailedAllOrNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	invited, err := w.Invite(t.Context(), by("mia"), []string{"new@kereru.example", "newer@kereru.example"}, []access.Role{access.Accountant})
	require.NoError(t, err)
	require.Len(t, invited, 2)
	mails := w.mails()
	require.Len(t, mails, 2)
	assert.Equal(t, "new@kereru.example", mails[0].To)
	assert.Contains(t, mails[0].Text, invited[0].URL)
	assert.Contains(t, mails[0].Text, "mia has invited you")
	all, err := w.List(t.Context(), kereru)
	require.NoError(t, err)
	assert.Len(t, all, 5)

	for name, emails := range map[string][]string{
		"one that is there": {"newest@kereru.example", "TOM@kereru.example"}, "one that is none": {"newest@kereru.example", "nobody"}, "none": nil,
	} {
		_, err = w.Invite(t.Context(), by("mia"), emails, []access.Role{access.Manager})
		require.Error(t, err, name)
		assert.Equal(t, "emails", fault.Of(err).Path, name)
	}
	_, err = w.Invite(t.Context(), by("mia"), []string{"newest@kereru.example"}, nil)
	assert.Equal(t, "roles", fault.Of(err).Path)
	assert.Empty(t, w.mails())

	again, err := w.Resend(t.Context(), by("mia"), all[2].ID())
	require.NoError(t, err)
	assert.NotEqual(t, invited[0].URL, again.URL)
	_, err = w.Resend(t.Context(), by("mia"), "tom")
	require.ErrorIs(t, err, fault.Conflict)
}

func TestTheLastLeadStaysUnderEveryOrderOfEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.SetRoles(t.Context(), by("mia"), "ana", []access.Role{access.Manager}))
	err := w.SetRoles(t.Context(), by("mia"), "mia", []access.Role{access.Manager})
	require.ErrorIs(t, err, fault.Conflict)
	assert.Equal(t, "mia is the only Organisation Lead. Give someone else the role first.", fault.Of(err).Detail)
	require.ErrorIs(t, w.Remove(t.Context(), by("tom"), "mia"), fault.Conflict)
	assert.True(t, w.signedIn("mia"), "what was refused did nothing")
	require.NoError(t, w.SetRoles(t.Context(), by("mia"), "ana", []access.Role{access.Lead}))
	require.NoError(t, w.Remove(t.Context(), by("ana"), "mia"))
	assert.False(t, w.signedIn("mia"))
	require.ErrorIs(t, w.Remove(t.Context(), by("ana"), "mia"), fault.NotFound, "twice")
}

func TestTwoLeadsWhoRemoveEachOtherAtOnceDoNotBothSucceed(t *testing.T) {
	t.Parallel()
	for range 10 {
		w := newWorld(t)
		done := make(chan error, 2)
		for who, whom := range map[string]string{"mia": "ana", "ana": "mia"} {
			go func() { done <- w.Remove(context.WithoutCancel(t.Context()), by(who), whom) }()
		}
		first, second := <-done, <-done
		assert.True(t, (first == nil) != (second == nil), "%v, %v", first, second)
	}
}

func TestALeadHelpsWhoCannotGetInAndTheyAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.DropSecondStep(t.Context(), by("mia"), "tom"))
	url, err := w.ResetLink(t.Context(), by("mia"), "tom")
	require.NoError(t, err)
	mails := w.mails()
	require.Len(t, mails, 2)
	assert.Contains(t, mails[0].Subject, "Your second step")
	assert.Contains(t, mails[0].Text, "mia has taken away")
	assert.Contains(t, mails[1].Text, url)
	m, err := w.Get(t.Context(), kereru, "tom")
	require.NoError(t, err)
	assert.False(t, m.HasSecondStep())
	name, err := w.Name(t.Context(), kereru, "nobody")
	require.NoError(t, err)
	assert.Equal(t, "somebody", name)
}
