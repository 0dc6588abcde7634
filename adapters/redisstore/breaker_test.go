package redisstore

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errRefused = errors.New("connection refused")

// calls runs commands through a breaker, and counts those that came through.
type calls struct {
	breaker *breaker
	now     time.Time
	answer  error
	reached int
}

func newCalls() *calls {
	c := &calls{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), answer: errRefused}
	c.breaker = &breaker{now: func() time.Time { return c.now }, patience: time.Minute}
	return c
}

func (c *calls) run(ctx context.Context) error {
	return c.breaker.guard(ctx, func(context.Context) error {
		c.reached++
		return c.answer
	})
}

func TestTheBreakerOpensAfterFiveFaultsAndProbes(t *testing.T) {
	t.Parallel()
	c := newCalls()
	for range 5 {
		require.ErrorIs(t, c.run(t.Context()), errRefused)
	}
	for range 100 {
		require.ErrorIs(t, c.run(t.Context()), errOpen)
	}
	assert.Equal(t, 5, c.reached)
	c.now = c.now.Add(probeEvery)
	require.ErrorIs(t, c.run(t.Context()), errRefused, "one is let through")
	require.ErrorIs(t, c.run(t.Context()), errOpen, "and no second")
	c.now = c.now.Add(probeEvery)
	c.answer = nil
	for range 3 {
		require.NoError(t, c.run(t.Context()), "Redis is back for everybody")
	}
}

func TestTheBreakerDoesNotCountWhatIsNoFaultOfRedis(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]error{"nothing there": redis.Nil, "an answer": nil} {
		c := newCalls()
		for range 4 {
			require.Error(t, c.run(t.Context()))
		}
		c.answer = answer
		require.NotErrorIs(t, c.run(t.Context()), errOpen, name)
		c.answer = errRefused
		for range 5 {
			require.ErrorIs(t, c.run(t.Context()), errRefused, name)
		}
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	c := newCalls()
	c.answer = context.Canceled
	for range 10 {
		require.ErrorIs(t, c.run(gone), context.Canceled, "the caller gave up")
	}
}

func TestOnlyARedisThatKeepsTokensSuits(t *testing.T) {
	t.Parallel()
	const good = "# Server\r\nredis_version:7.0.15\r\n# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n"
	require.NoError(t, suits(good, "here"), "without a bound nothing is thrown away")
	require.NoError(t, suits("redis_version:8.2.1\r\nmaxmemory:100\r\nmaxmemory_policy:noeviction\r\n", "here"))
	require.ErrorContains(t, suits("redis_version:7.4.0\r\nmaxmemory:100\r\nmaxmemory_policy:volatile-lru\r\n", "here"), "CONFIG SET maxmemory-policy noeviction")
	require.ErrorContains(t, suits("redis_version:6.2.14\r\nmaxmemory:0\r\n", "here"), "version 7 or newer")
	require.ErrorContains(t, suits("", "here"), "version 7 or newer")
}
