package redisstore

import (
	"context"
	"time"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/ports"
)

// Gate gives a ports.Gate over the store's tokens that lets each organisation's requests in at rate, unless it has a
// limit of its own.
func (s *Store) Gate(rate ports.Rate) ports.Gate { return gate{s, rate} }

type gate struct {
	*Store
	rate ports.Rate
}

func (g gate) Admit(ctx context.Context, digest credential.Digest, cost int, now time.Time) (credential.Token, ports.Decision, error) {
	t, missing, err := g.admit(ctx, digest, cost, now, g.rate)
	if err != nil {
		return credential.Token{}, ports.Decision{}, err
	}
	d, _ := ports.RateOf(t.RateLimit, g.rate).Take(missing, cost)
	if d.Limit > 0 {
		telemetry.LimitDecision(ctx, string(ports.PerOrganisation), "redis", d.Allowed)
	}
	return t, d, nil
}

// Limiter gives a ports.Limiter. While Redis is down another takes its place: each replica then counts for itself.
func (s *Store) Limiter(instead ports.Limiter) ports.Limiter { return limiter{s, instead} }

type limiter struct {
	*Store
	instead ports.Limiter
}

func (l limiter) Take(ctx context.Context, b ports.Bucket, cost int, rate ports.Rate) (ports.Decision, error) {
	if rate.Unit() == 0 {
		return ports.Decision{Allowed: true}, nil
	}
	var missing int64
	err := l.do(ctx, func(ctx context.Context) (err error) {
		missing, err = taking.Run(ctx, l.client, []string{bucketKey(b)}, cost, rate.Unit().Microseconds(), rate.Full().Microseconds()).Int64()
		return err
	})
	if err != nil {
		return l.instead.Take(ctx, b, cost, rate)
	}
	d, _ := rate.Take(time.Duration(missing)*time.Microsecond, cost)
	telemetry.LimitDecision(ctx, string(b.Limit), "redis", d.Allowed)
	return d, nil
}
