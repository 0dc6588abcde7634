package localstore_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/localstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
	"github.com/extraordinary/provisioning/ports/portstest"
)

// clock moves a little each time it is read.
type clock struct {
	mu   sync.Mutex
	time time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time = c.time.Add(time.Millisecond)
	return c.time
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time = c.time.Add(d)
}

func newClock() *clock { return &clock{time: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)} }

func TestTheLimiterKeepsItsContract(t *testing.T) {
	t.Parallel()
	portstest.Limiter(t, func(*testing.T) ports.Limiter { return localstore.NewLimiter(newClock().now) })
}

func TestTheGateKeepsItsContract(t *testing.T) {
	t.Parallel()
	portstest.Gate(t, func(t *testing.T, rate ports.Rate) portstest.Doors {
		t.Helper()
		now := newClock().now
		store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), sqlite.Options{Now: now})
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, store.Close()) })
		_, err = store.Migrator().Up(t.Context())
		require.NoError(t, err)
		for id, slug := range map[organisation.ID]string{
			"0190a000-0000-7000-8000-00000000ac3e": "acme", "0190a000-0000-7000-8000-0000006c0bec": "globex",
		} { // there is no token of an organisation that is not there
			o, err := organisation.New(id, slug, slug, "owner@example.com", now())
			require.NoError(t, err)
			require.NoError(t, store.Within(t.Context(), id, func(ctx context.Context, tx ports.Tx) error { return tx.Organisation().Add(ctx, o) }))
		}
		return portstest.Doors{Tokens: store.Tokens(), Gate: localstore.NewGate(store.Tokens(), localstore.NewLimiter(now), rate)}
	})
}

func TestABucketFillsAtItsRateAndNotBeyondItsBurst(t *testing.T) {
	t.Parallel()
	c := newClock()
	limiter := localstore.NewLimiter(c.now)
	rate := ports.Rate{PerSecond: 10, Burst: 40}
	allowed := func() (n int) {
		for {
			d, err := limiter.Take(t.Context(), ports.Bucket{Subject: "a"}, 1, rate)
			require.NoError(t, err)
			if !d.Allowed {
				return n
			}
			n++
		}
	}
	assert.Equal(t, 40, allowed())
	c.move(time.Second)
	assert.Equal(t, 10, allowed())
	c.move(time.Hour)
	assert.Equal(t, 40, allowed())
}

func TestAClockThatIsSetBackLocksNobodyOut(t *testing.T) {
	t.Parallel()
	c := newClock()
	limiter := localstore.NewLimiter(c.now)
	rate := ports.Rate{PerSecond: 10, Burst: 40}
	_, err := limiter.Take(t.Context(), ports.Bucket{Subject: "a"}, 40, rate)
	require.NoError(t, err)
	c.move(-time.Hour)
	d, err := limiter.Take(t.Context(), ports.Bucket{Subject: "a"}, 1, rate)
	require.NoError(t, err)
	assert.LessOrEqual(t, d.RetryAfter, 100*time.Millisecond)
}
