package portstest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/mail"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// Postbox checks a ports.Postbox beside the store that fills it.
func Postbox(t *testing.T, open func(t *testing.T) (ports.Store, ports.Postbox)) {
	for name, check := range map[string]func(*testing.T, ports.Store, ports.Postbox){
		"a mail is due with its unit of work, and nowhere without": queuesWithTheUnit,
		"the one that waits longest is claimed first, by one":      claimsInTurn,
		"organisations are found by what is due, and no other":     findsWhoseMailIsDue,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, postbox := open(t)
			register(t, store, acme, "acme")
			register(t, store, globex, "globex")
			check(t, store, postbox)
		})
	}
}

func letter(n int, due time.Duration) mail.Message {
	return mail.Message{
		ID: event(n, "").ID, To: "ann@example.com", Subject: "Grüße", Text: "text", HTML: "<p>html</p>", Due: begun.Add(due),
		Attachment: &mail.File{Name: "a.ics", Type: "text/calendar", Content: "BEGIN:VCALENDAR"},
	}
}

func queue(t *testing.T, store ports.Store, org organisation.ID, letters ...mail.Message) {
	t.Helper()
	within(t, store, org, func(ctx context.Context, tx ports.Tx) error {
		for _, m := range letters {
			if err := tx.Outbox().Queue(ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// claim gives the mail that is due, or none.
func claim(t *testing.T, store ports.Store, org organisation.ID, now, until time.Duration) (m mail.Message, found bool) {
	t.Helper()
	err := store.Within(t.Context(), org, func(ctx context.Context, tx ports.Tx) (err error) {
		m, err = tx.Outbox().Claim(ctx, begun.Add(now), begun.Add(until))
		return err
	})
	if errors.Is(err, fault.NotFound) {
		return mail.Message{}, false
	}
	require.NoError(t, err)
	return m, true
}

func queuesWithTheUnit(t *testing.T, store ports.Store, postbox ports.Postbox) {
	require.Error(t, store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		require.NoError(t, tx.Outbox().Queue(ctx, letter(1, 0)))
		return errors.New("no")
	}))
	n, _, err := postbox.Waiting(t.Context())
	require.NoError(t, err)
	assert.Zero(t, n)
	want := letter(1, 0)
	want.Trace, want.Span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	queue(t, store, acme, want)
	m, found := claim(t, store, acme, 0, time.Minute)
	require.True(t, found)
	want.Tries = 1
	assert.Equal(t, want, m, "it is read as it was written, with a try")
}

func claimsInTurn(t *testing.T, store ports.Store, postbox ports.Postbox) {
	queue(t, store, acme, letter(1, time.Minute), letter(2, 0))
	m, _ := claim(t, store, acme, 2*time.Minute, 10*time.Minute)
	assert.Equal(t, letter(2, 0).ID, m.ID)
	m, _ = claim(t, store, acme, 2*time.Minute, 10*time.Minute)
	assert.Equal(t, letter(1, 0).ID, m.ID, "the other is taken")
	_, found := claim(t, store, acme, 2*time.Minute, 10*time.Minute)
	assert.False(t, found)
	m, found = claim(t, store, acme, 10*time.Minute, 20*time.Minute)
	assert.True(t, found, "whoever took it did not come back")
	assert.Equal(t, 2, m.Tries)
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		return errors.Join(tx.Outbox().Drop(ctx, m.ID), tx.Outbox().Drop(ctx, m.ID), tx.Outbox().Delay(ctx, m.ID, begun))
	})
	n, first, err := postbox.Waiting(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	assert.Equal(t, begun.Add(10*time.Minute), first)
}

func findsWhoseMailIsDue(t *testing.T, store ports.Store, postbox ports.Postbox) {
	queue(t, store, acme, letter(1, time.Minute), letter(2, time.Minute))
	queue(t, store, globex, letter(1, 0), letter(2, time.Hour))
	for after, want := range map[time.Duration][]organisation.ID{-1: nil, 0: {globex}, time.Minute: {globex, acme}} {
		due, err := postbox.Due(t.Context(), begun.Add(after), 10)
		require.NoError(t, err)
		assert.Equal(t, want, due, after)
	}
	first, err := postbox.Due(t.Context(), begun.Add(time.Hour), 1)
	require.NoError(t, err)
	assert.Equal(t, []organisation.ID{globex}, first)
	_, found := claim(t, store, initech, time.Hour, time.Hour)
	assert.False(t, found)
}
