package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// refusals reads as often and as fast as it can, and counts what was refused for a limit.
func (c client) refusals(t *testing.T, times int) (refused int) {
	t.Helper()
	for range times {
		status, answer, err := c.ask(http.MethodGet, "/Users", "")
		require.NoError(t, err)
		if status == http.StatusTooManyRequests {
			refused++
		} else {
			require.Equal(t, http.StatusOK, status, answer)
		}
	}
	return refused
}

func TestALimitHoldsFromTheNextRequestOn(t *testing.T) {
	t.Parallel()
	obeysLimits(t, in(t.TempDir()))
}

func TestALimitHoldsFromTheNextRequestOnWithPostgresAndRedis(t *testing.T) {
	t.Parallel()
	obeysLimits(t, production(t))
}

func obeysLimits(t *testing.T, settings []string) {
	t.Helper()
	server := start(t, freeAddress(t), append([]string{"serve", "--rate-limit", "1"}, settings...)...)
	c, other := customer(t, settings, server.url, "kereru"), customer(t, settings, server.url, "weka")
	limit := func(rate string) {
		t.Helper()
		must(t, append([]string{"organisation", "limit", "kereru", "--rate", rate}, settings...)...)
	}
	const burst = 20 // the service's own limit lets 4 pass, and one a second
	assert.Positive(t, c.refusals(t, burst))
	limit("0")
	assert.Zero(t, c.refusals(t, burst))
	limit("1000000")
	assert.Zero(t, c.refusals(t, burst))
	limit("2")
	assert.Positive(t, c.refusals(t, burst))
	limit("0")
	limit("default")
	assert.Positive(t, c.refusals(t, burst))
	c.token = c.fetchToken(t)
	assert.Positive(t, c.refusals(t, burst))
	limit("0")
	c.token = c.fetchToken(t)
	assert.Zero(t, c.refusals(t, burst))
	assert.Positive(t, other.refusals(t, burst), "the other's limit is the service's own")
}

func TestALimitIsToldAsItIsUnderstood(t *testing.T) {
	t.Parallel()
	d := withAcme(t)
	assert.Contains(t, d.does(t, "organisation", "limit", "acme", "--rate", "250"), "250 requests a second from now on, and bursts of 1000")
	assert.InDelta(t, 250, d.object(t, "organisation", "limit", "--organisation", "acme", "--rate", "250")["rate_limit"], 0)
	assert.Contains(t, d.does(t, "organisation", "limit", "acme", "--rate", "0"), "any number of requests")
	assert.InDelta(t, 0, d.object(t, "organisation", "limit", "acme", "--rate", "0")["rate_limit"], 0)
	assert.Contains(t, d.does(t, "organisation", "limit", "acme", "--rate", "default"), "as the service is set to")
	assert.Nil(t, d.object(t, "organisation", "limit", "acme", "--rate", "default")["rate_limit"])
}
