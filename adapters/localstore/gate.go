package localstore

import (
	"context"
	"time"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/ports"
)

// Gate is a ports.Gate over tokens that are kept elsewhere.
type Gate struct {
	tokens  ports.Tokens
	limiter ports.Limiter
	rate    ports.Rate
}

// NewGate makes a Gate that lets each organisation's requests in at rate, unless it has a limit of its own.
func NewGate(tokens ports.Tokens, limiter ports.Limiter, rate ports.Rate) *Gate {
	return &Gate{tokens, limiter, rate}
}

// Admit is ports.Gate's.
func (g *Gate) Admit(ctx context.Context, digest credential.Digest, cost int, now time.Time) (credential.Token, ports.Decision, error) {
	t, err := g.tokens.Get(ctx, digest, now)
	if err != nil {
		return credential.Token{}, ports.Decision{}, err
	}
	bucket := ports.Bucket{Limit: ports.PerOrganisation, Subject: string(t.Organisation)}
	d, err := g.limiter.Take(ctx, bucket, cost, ports.RateOf(t.RateLimit, g.rate))
	return t, d, err
}
