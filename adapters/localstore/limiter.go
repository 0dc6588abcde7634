// Package localstore keeps rate limits in this process, for a service that runs as one.
package localstore

import (
	"context"
	"sync"
	"time"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/ports"
)

// maxBuckets bounds the memory, to some 20 MB. Where there is no room for more, some others lose their count.
const maxBuckets = 100_000

// Limiter is a ports.Limiter. It is safe for concurrent use.
type Limiter struct {
	now     func() time.Time
	mu      sync.Mutex
	full    map[ports.Bucket]time.Time // when each is full again; those that are full need not be there
	sweepAt int                        // how many buckets there are when the full ones are next taken out
}

// NewLimiter makes a Limiter whose buckets are full.
func NewLimiter(now func() time.Time) *Limiter {
	return &Limiter{now: now, full: map[ports.Bucket]time.Time{}, sweepAt: 1024}
}

// Take is ports.Limiter's.
func (l *Limiter) Take(ctx context.Context, b ports.Bucket, cost int, rate ports.Rate) (ports.Decision, error) {
	if rate.Unit() == 0 {
		return ports.Decision{Allowed: true}, nil
	}
	d := l.take(b, cost, rate)
	telemetry.LimitDecision(ctx, string(b.Limit), "local", d.Allowed)
	return d, nil
}

func (l *Limiter) take(b ports.Bucket, cost int, rate ports.Rate) ports.Decision {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	// A clock that was set back must not lock anybody out for longer than an empty bucket would.
	missing := min(max(l.full[b].Sub(now), 0), rate.Full())
	d, then := rate.Take(missing, cost)
	if then > 0 {
		l.room(b, now)
		l.full[b] = now.Add(then)
	}
	return d
}

// room takes out the buckets that are full, each time there are twice as many as were left the last time: what that
// costs is spread over the calls that made them.
func (l *Limiter) room(b ports.Bucket, now time.Time) {
	if _, there := l.full[b]; there || len(l.full) < l.sweepAt {
		return
	}
	for other, full := range l.full {
		if !full.After(now) {
			delete(l.full, other)
		}
	}
	for other := range l.full {
		if len(l.full) <= maxBuckets/2 { // not fewer, or the next sweep would come at once, and each cost all
			break
		}
		delete(l.full, other)
	}
	l.sweepAt = max(2*len(l.full), 1024)
}
