package organisations_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// limits gives what the record and a token of org say.
func (r registry) limits(t *testing.T, org organisation.ID) (record, token organisation.RateLimit) {
	t.Helper()
	require.NoError(t, r.store.View(t.Context(), org, func(ctx context.Context, tx ports.Tx) error {
		o, err := tx.Organisation().Get(ctx)
		record = o.RateLimit()
		return err
	}))
	d := credential.Digest{1}
	require.NoError(t, r.broken.Put(t.Context(), d, credential.Token{Organisation: org, Issued: start, Expires: start.Add(time.Hour)}))
	kept, err := r.broken.Tokens.Get(t.Context(), d, start)
	require.NoError(t, err)
	require.NoError(t, r.broken.Revoke(t.Context(), d))
	return record, kept.RateLimit
}

func TestALimitHoldsForTheOrganisationAloneAndIsInItsJournal(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	id, other := r.create(t, "acme"), r.create(t, "other")
	for _, l := range []organisation.RateLimit{250, 250, organisation.NoRateLimit, organisation.DefaultRateLimit} {
		require.NoError(t, r.Limit(t.Context(), id, l))
		record, token := r.limits(t, id)
		assert.Equal(t, l, record)
		assert.Equal(t, l, token)
	}
	record, token := r.limits(t, other)
	assert.Equal(t, []organisation.RateLimit{0, 0}, []organisation.RateLimit{record, token})

	var changes []activity.Change
	require.NoError(t, r.store.View(t.Context(), id, func(ctx context.Context, tx ports.Tx) error {
		return tx.Activity().All(ctx, func(e activity.Event) error {
			if e.Action == activity.Changed {
				changes = append(changes, e.Changes...)
			}
			return nil
		})
	}))
	assert.Equal(t, []activity.Change{
		{Path: "rateLimit", From: nil, To: tree.Number("250")},
		{Path: "rateLimit", From: tree.Number("250"), To: tree.Number("0")},
		{Path: "rateLimit", From: tree.Number("0"), To: nil},
	}, changes, "the same limit twice is one change")
}

func TestWhatIsNoLimitIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	id := r.create(t, "acme")
	for _, l := range []organisation.RateLimit{-2, 1_000_001} {
		err := r.Limit(t.Context(), id, l)
		require.ErrorIs(t, err, fault.Invalid)
		assert.Equal(t, "rate", fault.Of(err).Path)
	}
	record, token := r.limits(t, id)
	assert.Equal(t, []organisation.RateLimit{0, 0}, []organisation.RateLimit{record, token})
	require.ErrorIs(t, r.Limit(t.Context(), "0192f3a4-5b6c-7d8e-9fa0-ffffffffffff", 5), fault.NotFound)
}

func TestHalfALimitCanBeRepeated(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	id := r.create(t, "acme")
	r.broken.tokens = fault.Wrap(fault.Unavailable, errors.New("connection refused"))
	require.ErrorIs(t, r.Limit(t.Context(), id, 7), fault.Unavailable)
	r.broken.tokens = nil
	require.NoError(t, r.Limit(t.Context(), id, 7))
	record, token := r.limits(t, id)
	assert.Equal(t, []organisation.RateLimit{7, 7}, []organisation.RateLimit{record, token})
}
