package mailing_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/application/mailing"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/mail"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

const acme organisation.ID = "0190a000-0000-7000-8000-00000000ac3e"

// world is a store with mails, and a mail server that answers what it is told to.
type world struct {
	*mailing.Service
	store  ports.Store
	now    time.Time
	answer error
	sent   []mail.Message
}

func (w *world) Send(_ context.Context, m mail.Message) error {
	if w.answer == nil {
		w.sent = append(w.sent, m)
	}
	return w.answer
}

func newWorld(t *testing.T, letters int) *world {
	t.Helper()
	w := &world{now: time.Date(2026, 11, 26, 14, 3, 0, 0, time.UTC)}
	now := func() time.Time { return w.now }
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "extraordinary.db"), sqlite.Options{Now: now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	_, err = store.Migrator().Up(t.Context())
	require.NoError(t, err)
	w.store, w.Service = store, mailing.New(store, store.Postbox(), w, now)
	require.NoError(t, store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		for n := range letters {
			if err := tx.Outbox().Queue(ctx, mail.Message{ID: fmt.Sprintf("0190b000-0000-7000-8000-%012d", n), To: "ann@example.com", Due: w.now}); err != nil {
				return err
			}
		}
		return nil
	}))
	return w
}

func (w *world) waiting(t *testing.T) int {
	t.Helper()
	n, _, err := w.Waiting(t.Context())
	require.NoError(t, err)
	return n
}

func TestWhatIsDueIsSentOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	for _, want := range []int{3, 0} {
		n, err := w.Deliver(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want, n)
	}
	assert.Len(t, w.sent, 3)
	assert.Zero(t, w.waiting(t))
}

func TestAMailServerThatIsDownIsAskedAgainLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.answer = fault.Wrap(fault.Unavailable, errors.New("down"))
	_, err := w.Deliver(t.Context())
	require.ErrorIs(t, err, fault.Unavailable)
	w.answer = nil
	n, err := w.Deliver(t.Context())
	require.NoError(t, err)
	assert.Zero(t, n, "not at once")
	w.now = w.now.Add(time.Minute)
	n, err = w.Deliver(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	assert.Equal(t, 2, w.sent[0].Tries)
}

func TestAMailIsGivenUpWhenItIsRefusedForGoodOrForTooLong(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.answer = fault.New(fault.Invalid, "no such mailbox")
	_, err := w.Deliver(t.Context())
	require.ErrorIs(t, err, fault.Invalid)
	assert.Zero(t, w.waiting(t))

	w = newWorld(t, 1)
	w.answer = fault.Wrap(fault.Unavailable, errors.New("down"))
	began := w.now
	tries := 0
	for ; w.waiting(t) > 0 && tries < 100; tries++ {
		_, err := w.Deliver(t.Context())
		require.ErrorIs(t, err, fault.Unavailable)
		w.now = w.now.Add(mail.Wait(tries + 1))
	}
	assert.Equal(t, mail.MostTries, tries)
	assert.Greater(t, w.now.Sub(began), 15*time.Hour)
}
