package traffic_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/application/traffic"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/mail"
	"github.com/extraordinary/provisioning/domain/organisation"
	domaintraffic "github.com/extraordinary/provisioning/domain/traffic"
	"github.com/extraordinary/provisioning/ports"
)

const kereru organisation.ID = "0190a000-0000-7000-8000-00000000ac3e"

type world struct {
	*traffic.Service
	t     *testing.T
	store *sqlstore.Store
	mu    sync.Mutex
	now   time.Time
	ids   int
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) set(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = t
}

func (w *world) newID() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids++
	return fmt.Sprintf("0190c000-0000-7000-8000-%012d", w.ids)
}

// newWorld is an organisation with a Lead, a manager, and a secret that lives a year.
func newWorld(t *testing.T) (*world, *credential.ClientCredential) {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 11, 26, 14, 3, 0, 0, time.UTC)}
	var err error
	w.store, err = sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "extraordinary.db"), sqlite.Options{Now: w.clock})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.store.Close()) })
	_, err = w.store.Migrator().Up(t.Context())
	require.NoError(t, err)
	w.Service = traffic.New(w.store, w.store.Tokens(), w.clock, w.newID)
	o, err := organisation.New(kereru, "kereru", "Kererū", "mia@kereru.example", w.now)
	require.NoError(t, err)
	keys, err := credential.NewKeys([][]byte{make([]byte, 32)})
	require.NoError(t, err)
	c, _, err := credential.New(kereru, "Entra", 1, keys, rand.Reader, w.now)
	require.NoError(t, err)
	require.NoError(t, w.store.Within(t.Context(), kereru, func(ctx context.Context, tx ports.Tx) error {
		member := func(id string, role access.Role) *access.Member {
			return access.Restore(access.Snapshot{ID: id, Email: id + "@kereru.example", Name: id, Roles: []access.Role{role}, Joined: w.now})
		}
		return errors.Join(tx.Organisation().Add(ctx, o), tx.Credentials().Add(ctx, c), tx.Staff().Add(ctx, member("mia", access.Lead)), tx.Staff().Add(ctx, member("tom", access.Manager)))
	}))
	return w, c
}

// mails gives what is queued, and takes it away.
func (w *world) mails() (all []mail.Message) {
	w.t.Helper()
	for {
		var m mail.Message
		err := w.store.Within(w.t.Context(), kereru, func(ctx context.Context, tx ports.Tx) (err error) {
			if m, err = tx.Outbox().Claim(ctx, w.clock(), w.clock()); err != nil {
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

func TestWhoManagesIntegrationsIsWarnedOnceBeforeEachStepOfASecretsEnd(t *testing.T) {
	t.Parallel()
	w, c := newWorld(t)
	ends := c.Newest().Expires
	var told []int
	for day := 40; day >= -10; day-- {
		w.set(ends.AddDate(0, 0, -day))
		for range 3 {
			require.NoError(t, w.Warn(t.Context(), kereru, "https://x.example/settings/scim"))
		}
		for _, m := range w.mails() {
			told = append(told, day)
			assert.Equal(t, "mia@kereru.example", m.To)
			assert.Contains(t, m.Subject, "Kererū")
			require.NotNil(t, m.Attachment)
			assert.Contains(t, m.Attachment.Content, "DTSTART;VALUE=DATE:"+ends.Format("20060102"))
			assert.Contains(t, m.Text, "https://x.example/settings/scim")
		}
	}
	assert.Equal(t, []int{30, 14, 7, 1, 0}, told)
}

func TestWhatTheLogCannotWriteIsSaidInIt(t *testing.T) {
	t.Parallel()
	w, _ := newWorld(t)
	r := traffic.NewRecorder(w.Service)
	for range 10_000 { // nobody writes meanwhile, and nobody waits
		r.SCIM(kereru, domaintraffic.Raw{At: w.clock(), Method: "GET", Route: "/Users", Path: "/Users", Filter: `userName eq "x"`, Status: 200})
	}
	for range 100 {
		r.SCIM(kereru, domaintraffic.Raw{At: w.clock(), Method: "POST", Route: "/Users", Path: "/Users", Status: 409, Response: []byte(`{"scimType":"uniqueness"}`)})
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	r.Run(stopped, func(err error) { t.Error(err) })
	all, _, _, err := w.List(t.Context(), kereru, domaintraffic.Query{Reads: true, Limit: 200})
	require.NoError(t, err)
	kinds := map[domaintraffic.Act]int{}
	for _, e := range all {
		kinds[e.Act] += e.Count
	}
	assert.Equal(t, 100, kinds[domaintraffic.Created], "look-ups are dropped first")
	assert.Equal(t, 10_000, kinds[domaintraffic.LookedFor]+kinds[domaintraffic.Unrecorded])
	assert.Positive(t, kinds[domaintraffic.Unrecorded])
}

func TestManyReplicasWarnOnce(t *testing.T) {
	t.Parallel()
	w, c := newWorld(t)
	w.set(c.Newest().Expires.AddDate(0, 0, -20))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { assert.NoError(t, w.Warn(context.WithoutCancel(t.Context()), kereru, "https://x.example")) })
	}
	all.Wait()
	assert.Len(t, w.mails(), 1)
}
