package portstest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// slowly is a rate at which nothing comes back while a test runs.
var slowly = ports.Rate{PerSecond: 0.01, Burst: 10}

// Limiter checks a ports.Limiter. open gives an empty one.
func Limiter(t *testing.T, open func(t *testing.T) ports.Limiter) {
	t.Helper()
	run(t, open, map[string]func(*testing.T, ports.Limiter){
		"a bucket holds its burst and no more":          limitsBursts,
		"a refused call takes nothing":                  takesNothingOfRefused,
		"one bucket's emptiness is nobody else's":       keepsBucketsApart,
		"a rate of nothing is no limit":                 allowsWithoutLimit,
		"parallel calls get what is there and no more":  countsParallelCalls,
		"what was taken comes back at the rate":         givesBack,
		"more than a bucket ever holds is never let in": refusesMoreThanAll,
	})
}

func take(t *testing.T, limiter ports.Limiter, subject string, cost int, rate ports.Rate) ports.Decision {
	t.Helper()
	d, err := limiter.Take(t.Context(), ports.Bucket{Limit: ports.PerOrganisation, Subject: subject}, cost, rate)
	require.NoError(t, err)
	return d
}

func limitsBursts(t *testing.T, limiter ports.Limiter) {
	for left := 9; left >= 0; left-- {
		d := take(t, limiter, "a", 1, slowly)
		require.True(t, d.Allowed)
		assert.Equal(t, 10, d.Limit)
		assert.Equal(t, left, d.Remaining)
		assert.Zero(t, d.RetryAfter)
		assert.InDelta(t, float64(10-left)*100, d.Reset.Seconds(), 30)
	}
	d := take(t, limiter, "a", 1, slowly)
	assert.False(t, d.Allowed)
	assert.Zero(t, d.Remaining)
	assert.InDelta(t, 100, d.RetryAfter.Seconds(), 30)
}

func takesNothingOfRefused(t *testing.T, limiter ports.Limiter) {
	require.True(t, take(t, limiter, "a", 8, slowly).Allowed)
	require.False(t, take(t, limiter, "a", 5, slowly).Allowed)
	assert.True(t, take(t, limiter, "a", 2, slowly).Allowed)
}

func keepsBucketsApart(t *testing.T, limiter ports.Limiter) {
	require.True(t, take(t, limiter, "a", 10, slowly).Allowed)
	require.False(t, take(t, limiter, "a", 1, slowly).Allowed)
	assert.True(t, take(t, limiter, "b", 10, slowly).Allowed)
	d, err := limiter.Take(t.Context(), ports.Bucket{Limit: "another", Subject: "a"}, 10, slowly)
	require.NoError(t, err)
	assert.True(t, d.Allowed, "another limit of the same subject")
}

func allowsWithoutLimit(t *testing.T, limiter ports.Limiter) {
	for range 50 {
		assert.Equal(t, ports.Decision{Allowed: true}, take(t, limiter, "a", 1000, ports.Rate{}))
	}
}

func countsParallelCalls(t *testing.T, limiter ports.Limiter) {
	var allowed atomic.Int64
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			d, err := limiter.Take(t.Context(), ports.Bucket{Limit: ports.PerOrganisation, Subject: "a"}, 1, slowly)
			assert.NoError(t, err)
			if d.Allowed {
				allowed.Add(1)
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 10, allowed.Load())
}

// givesBack calls until it is let in again: the time that passes is the limiter's own.
func givesBack(t *testing.T, limiter ports.Limiter) {
	rate := ports.Rate{PerSecond: 50, Burst: 1}
	require.True(t, take(t, limiter, "a", 1, rate).Allowed)
	assert.Eventually(t, func() bool { return take(t, limiter, "a", 1, rate).Allowed }, 5*time.Second, 5*time.Millisecond)
}

func refusesMoreThanAll(t *testing.T, limiter ports.Limiter) {
	assert.False(t, take(t, limiter, "a", 11, slowly).Allowed)
	assert.True(t, take(t, limiter, "a", 10, slowly).Allowed)
}

// Doors is a ports.Gate with the tokens that it lets in by.
type Doors struct {
	Tokens ports.Tokens
	Gate   ports.Gate
}

// Gate checks a ports.Gate. open gives one without tokens whose organisations have the rate.
func Gate(t *testing.T, open func(t *testing.T, rate ports.Rate) Doors) {
	t.Helper()
	run(t, func(t *testing.T) Doors { t.Helper(); return open(t, slowly) }, map[string]func(*testing.T, Doors){
		"a live token is let in and counted": admits,
		"no live token, nothing counted":     refusesTheDead,
		"an organisation has its own limit":  obeysItsLimit,
	})
}

func admits(t *testing.T, doors Doors) {
	want := token(acme, "a")
	put(t, doors.Tokens, "one", want)
	put(t, doors.Tokens, "two", token(acme, "b"))
	put(t, doors.Tokens, "other", token(globex, "a"))
	got, d, err := doors.Gate.Admit(t.Context(), digest("one"), 4, begun)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	assert.True(t, d.Allowed)
	assert.Equal(t, 6, d.Remaining)
	_, d, err = doors.Gate.Admit(t.Context(), digest("two"), 6, begun)
	require.NoError(t, err)
	assert.True(t, d.Allowed, "another client of the organisation takes from the same bucket")
	got, d, err = doors.Gate.Admit(t.Context(), digest("one"), 1, begun)
	require.NoError(t, err, "over the limit is no fault")
	assert.Equal(t, want, got)
	assert.False(t, d.Allowed)
	_, d, err = doors.Gate.Admit(t.Context(), digest("other"), 10, begun)
	require.NoError(t, err)
	assert.True(t, d.Allowed, "another organisation has a bucket of its own")
}

func obeysItsLimit(t *testing.T, doors Doors) {
	put(t, doors.Tokens, "one", token(acme, "a"))
	admit := func(cost int) ports.Decision {
		t.Helper()
		_, d, err := doors.Gate.Admit(t.Context(), digest("one"), cost, begun)
		require.NoError(t, err)
		return d
	}
	require.NoError(t, doors.Tokens.SetRateLimit(t.Context(), acme, 100))
	d := admit(400)
	assert.True(t, d.Allowed)
	assert.Equal(t, 400, d.Limit)
	require.NoError(t, doors.Tokens.SetRateLimit(t.Context(), acme, organisation.NoRateLimit))
	assert.Equal(t, ports.Decision{Allowed: true}, admit(1000))
	require.NoError(t, doors.Tokens.SetRateLimit(t.Context(), acme, organisation.DefaultRateLimit))
	assert.Equal(t, slowly.Burst, admit(1).Limit)
}

func refusesTheDead(t *testing.T, doors Doors) {
	put(t, doors.Tokens, "one", token(acme, "a"))
	refused := func(text string, now time.Time) {
		t.Helper()
		_, _, err := doors.Gate.Admit(t.Context(), digest(text), 10, now)
		require.ErrorIs(t, err, fault.NotFound)
	}
	refused("unknown", begun)
	refused("one", begun.Add(time.Hour))
	require.NoError(t, doors.Tokens.Block(t.Context(), acme))
	refused("one", begun)
	require.NoError(t, doors.Tokens.Unblock(t.Context(), acme))
	_, d, err := doors.Gate.Admit(t.Context(), digest("one"), 1, begun)
	require.NoError(t, err)
	assert.True(t, d.Allowed)
	require.NoError(t, doors.Tokens.RevokeAll(t.Context(), acme, "a"))
	refused("one", begun)
}
