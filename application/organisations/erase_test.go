package organisations_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/application/organisations"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// note writes n lines into org's journal.
func (r registry) note(t *testing.T, org organisation.ID, n int) {
	t.Helper()
	require.NoError(t, r.store.Within(t.Context(), org, func(ctx context.Context, tx ports.Tx) error {
		for i := range n {
			e := activity.Event{ID: fmt.Sprintf("0192f3a4-5b6c-7d8e-8000-%012x", i), At: start, Action: activity.Changed, Subject: activity.Subject{Kind: "User", ID: "1"}}
			if err := tx.Activity().Record(ctx, e); err != nil {
				return err
			}
		}
		return nil
	}))
}

func ignore(int) {}

func TestAnErasedOrganisationIsCertifiedAndItsSlugIsFree(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	id, other := r.create(t, "acme"), r.create(t, "other")
	r.note(t, id, 12_000) // more than go in one unit
	var heard []int
	c, err := r.Erase(t.Context(), id, func(rows int) { heard = append(heard, rows) })
	require.NoError(t, err)
	counts := map[string]int{"activity": 12_002, "registry": 1, "organisations": 1, "users": 0, "groups": 0, "memberships": 0, "nestings": 0, "id_health": 0, "judgements": 0, "exports": 0, "export_parts": 0, "unique_values": 0, "extensions": 0, "exchanges": 0, "connections": 0, "sessions": 0, "links": 0, "sign_ins": 0, "staff": 0, "mails": 0, "mails_due": 0, "user_emails": 0, "credentials": 0, "secrets": 0}
	assert.Equal(t, organisations.Certificate{ID: id, Slug: "acme", Name: "Acme", At: start, Counts: counts}, c, "its making and its suspension were in the journal")
	assert.Equal(t, 12_004, c.Rows())
	assert.Equal(t, []int{5000, 10_000, 12_002, 12_002}, heard)
	_, err = r.Find(t.Context(), "acme")
	require.ErrorIs(t, err, fault.NotFound)
	assert.NotEqual(t, id, r.create(t, "acme"))
	assert.Len(t, r.journal(t, other), 1)
	_, err = r.Erase(t.Context(), id, ignore)
	require.ErrorIs(t, err, fault.NotFound)
}

func TestAnErasureThatWasBrokenOffServesNobodyAndGoesOn(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	id := r.create(t, "acme")
	r.note(t, id, 12_000)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := r.Erase(ctx, id, func(int) { cancel() })
	require.ErrorIs(t, err, context.Canceled)
	o, err := r.Find(t.Context(), "acme")
	require.NoError(t, err, "it is found until it is gone")
	assert.False(t, o.Active())
	assert.False(t, r.takesTokens(t, id))

	r.broken.forget = fault.Wrap(fault.Unavailable, errors.New("connection refused"))
	_, err = r.Erase(t.Context(), id, ignore)
	require.ErrorIs(t, err, fault.Unavailable)
	r.broken.forget = nil
	c, err := r.Erase(t.Context(), id, ignore)
	require.NoError(t, err)
	assert.Equal(t, 1, c.Counts["registry"])
	_, err = r.Find(t.Context(), "acme")
	require.ErrorIs(t, err, fault.NotFound)
}

func TestWhatIsWrittenWhileAnOrganisationIsErasedGoesWithIt(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	id := r.create(t, "acme")
	calls := 0
	c, err := r.Erase(t.Context(), id, func(int) {
		if calls++; calls == 2 { // nothing is left but the record
			r.note(t, id, 3)
		}
	})
	require.NoError(t, err)
	assert.Equal(t, 5, c.Counts["activity"])
	assert.Empty(t, r.journal(t, id))
}
