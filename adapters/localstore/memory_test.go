package localstore

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/ports"
)

func TestBucketsOfThoseWhoCameOnceAreForgotten(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	limiter := NewLimiter(func() time.Time { now = now.Add(time.Millisecond); return now })
	fill(t, limiter, 50_000, ports.Rate{PerSecond: 10, Burst: 1})
	assert.LessOrEqual(t, len(limiter.full), 1024, "a bucket lasts 100 ms, and so 100 of them")
}

func TestStrangersCannotFillTheMemory(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	limiter := NewLimiter(func() time.Time { return now })
	fill(t, limiter, maxBuckets+5_000, ports.Rate{PerSecond: 1, Burst: 1})
	assert.LessOrEqual(t, len(limiter.full), maxBuckets)
}

func fill(t *testing.T, limiter *Limiter, strangers int, rate ports.Rate) {
	t.Helper()
	for n := range strangers {
		_, err := limiter.Take(t.Context(), ports.Bucket{Limit: ports.PerOrganisation, Subject: strconv.Itoa(n)}, 1, rate)
		require.NoError(t, err)
	}
}
