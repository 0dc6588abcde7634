package people_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/application/people"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/employeeid"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

const kereru organisation.ID = "0190a000-0000-7000-8000-00000000ac3e"

var ana = activity.Actor{Kind: activity.Member, ID: "ana"}

type world struct {
	*people.Service
	t     *testing.T
	store *sqlstore.Store
	now   time.Time
	ids   atomic.Int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 11, 26, 14, 3, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	var err error
	w.store, err = sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "extraordinary.db"), sqlite.Options{Now: clock})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.store.Close()) })
	_, err = w.store.Migrator().Up(t.Context())
	require.NoError(t, err)
	o, err := organisation.New(kereru, "kereru", "Kererū", "mia@kereru.example", w.now)
	require.NoError(t, err)
	w.within(func(ctx context.Context, tx ports.Tx) error { return tx.Organisation().Add(ctx, o) })
	w.Service = people.New(w.store, clock, w.id)
	return w
}

func (w *world) id() string { return fmt.Sprintf("0190c000-0000-7000-8000-%012d", w.ids.Add(1)) }

func (w *world) within(fn func(context.Context, ports.Tx) error) {
	w.t.Helper()
	require.NoError(w.t, w.store.Within(w.t.Context(), kereru, fn))
}

// person is somebody whom Entra has made.
func (w *world) person(userName, employeeID string) directory.ID {
	w.t.Helper()
	attributes := tree.NewObject(tree.Member{Name: "userName", Value: userName})
	if employeeID != "" {
		attributes.Set("externalId", employeeID)
	}
	id := directory.ID(w.id())
	u, _, err := directory.NewUser(schema.Core().Type("User"), id, attributes, w.now)
	require.NoError(w.t, err)
	w.within(func(ctx context.Context, tx ports.Tx) error {
		if err := tx.Users().Add(ctx, u); err != nil {
			return err
		}
		return tx.Activity().Record(ctx, w.event(id, activity.Created, activity.Change{Path: "userName", To: userName}))
	})
	return id
}

func (w *world) event(id directory.ID, what activity.Action, c activity.Change) activity.Event {
	return activity.Event{
		ID: w.id(), At: w.now, Actor: activity.Actor{Kind: activity.Client, ID: "entra"}, Action: what,
		Subject: activity.Subject{Kind: directory.IsUser, ID: string(id)}, Changes: []activity.Change{c},
	}
}

// had lets the journal say that somebody had another Employee ID before.
func (w *world) had(id directory.ID, before, now string) {
	w.t.Helper()
	w.within(func(ctx context.Context, tx ports.Tx) error {
		return tx.Activity().Record(ctx, w.event(id, activity.Changed, activity.Change{Path: "externalId", From: before, To: now}))
	})
}

func TestOfTwoWhoConfirmAtOnceOneIsRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tom := w.person("tom@kereru.example", "104711")
	w.had(tom, "004711", "104711")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { assert.NoError(t, w.ConfirmEarlier(t.Context(), kereru, tom, "004711", ana)) })
	}
	all.Wait()
	p, err := w.Person(t.Context(), kereru, tom)
	require.NoError(t, err)
	require.Len(t, p.Earlier, 1)
	assert.Equal(t, "004711", p.Earlier[0].Confirmed.ID)
	story, err := w.Timeline(t.Context(), kereru, activity.Subject{Kind: directory.IsUser, ID: string(tom)}, ports.Sheet{Limit: 20})
	require.NoError(t, err)
	assert.Equal(t, 3, story.Total, "made, renumbered, confirmed")
}

func TestAnIDThatSomebodyHadTwiceIsConfirmedAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tom := w.person("tom@kereru.example", "304711")
	w.had(tom, "004711", "104711")
	require.NoError(t, w.ConfirmEarlier(t.Context(), kereru, tom, "004711", ana))
	w.now = w.now.Add(60 * 24 * time.Hour)
	w.had(tom, "104711", "004711")
	w.had(tom, "004711", "304711")
	earlier := func() people.Earlier {
		p, err := w.Person(t.Context(), kereru, tom)
		require.NoError(t, err)
		require.Equal(t, "004711", p.Earlier[0].ID)
		return p.Earlier[0]
	}
	assert.Nil(t, earlier().Confirmed, "what was confirmed was the first time")
	require.NoError(t, w.ConfirmEarlier(t.Context(), kereru, tom, "004711", ana))
	require.NotNil(t, earlier().Confirmed)
	assert.Equal(t, w.now.Add(90*24*time.Hour), earlier().Confirmed.Until)
}

func TestOfTwoPeopleWhoHadAnIDOneIsConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tom, tim := w.person("tom@kereru.example", "104711"), w.person("tim@kereru.example", "204711")
	w.had(tom, "004711", "104711")
	w.had(tim, "4711", "204711")
	var all sync.WaitGroup
	var refused atomic.Int64
	for id, before := range map[directory.ID]string{tom: "004711", tim: "4711"} {
		all.Go(func() {
			err := w.ConfirmEarlier(t.Context(), kereru, id, before, ana)
			if err != nil {
				assert.ErrorIs(t, err, fault.Conflict)
				refused.Add(1)
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 1, refused.Load())
	require.ErrorIs(t, w.ConfirmEarlier(t.Context(), kereru, directory.ID(w.id()), "004711", ana), fault.NotFound)
}

func TestAProblemBeginsAndEndsWithWhatIsToBeFixed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	missing := func() people.Found {
		report, err := w.Health(t.Context(), kereru)
		require.NoError(t, err)
		for _, row := range report.Rows {
			if row.Problem == employeeid.Missing {
				return row
			}
		}
		return people.Found{}
	}
	assert.Equal(t, people.Found{Problem: employeeid.Missing}, missing())
	mere := w.person("mere@kereru.example", "")
	began := w.now
	assert.Equal(t, people.Found{Problem: employeeid.Missing, People: 1, Since: began}, missing())
	w.now = w.now.Add(time.Hour)
	require.NoError(t, w.Know(t.Context(), kereru, mere, employeeid.Missing, "", "a contractor", ana))
	assert.Equal(t, 1, missing().Known)
	assert.Zero(t, missing().People, "nothing is to be fixed")
	require.NoError(t, w.TakeBack(t.Context(), kereru, mere, employeeid.Missing, "", ana))
	require.NoError(t, w.TakeBack(t.Context(), kereru, mere, employeeid.Missing, "", ana), "it may be repeated")
	assert.Equal(t, 1, missing().People)
	require.ErrorIs(t, w.Know(t.Context(), kereru, mere, employeeid.Long, "", "x", ana), fault.Stale, "that is not the problem")
}
