package credentials_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/localstore"
	"github.com/extraordinary/provisioning/application/credentials"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/ports"
)

// guarded is a house whose clients may fetch four tokens, and then one a second. Its clock stands still.
func guarded(t *testing.T) *house {
	t.Helper()
	h := open(t)
	h.Service = h.Limited(localstore.NewLimiter(func() time.Time { return h.now }), ports.PerSecond(1))
	return h
}

// guess tries a wrong secret and tells whether it was refused as such, and not by a limit.
func (h *house) guess(t *testing.T, from, clientID string) bool {
	t.Helper()
	_, err := h.Service.Authenticate(t.Context(), netip.MustParseAddr(from), clientID, "scs_wrong")
	if errors.Is(err, fault.Unauthorised) {
		return true
	}
	require.ErrorIs(t, err, fault.Limited)
	return false
}

// guesses tells how many of n guesses were refused as such.
func (h *house) guesses(t *testing.T, n int, from, clientID string) (refused int) {
	t.Helper()
	for range n {
		if h.guess(t, from, clientID) {
			refused++
		}
	}
	return refused
}

func TestAnAddressGuessesAtAClientEightTimesAndThenTwiceAMinute(t *testing.T) {
	t.Parallel()
	h := guarded(t)
	made := h.create(t)
	assert.Equal(t, 8, h.guesses(t, 20, "203.0.113.7", made.ClientID))
	h.now = h.now.Add(30*time.Second - time.Microsecond)
	assert.Zero(t, h.guesses(t, 20, "203.0.113.7", made.ClientID))
	h.now = h.now.Add(time.Microsecond)
	assert.Equal(t, 1, h.guesses(t, 20, "203.0.113.7", made.ClientID))
	h.now = h.now.Add(time.Hour)
	assert.Equal(t, 8, h.guesses(t, 20, "203.0.113.7", made.ClientID), "what was not used does not pile up")
}

func TestAnAddressFailsSixtyTimesWhateverItCallsItself(t *testing.T) {
	t.Parallel()
	h := guarded(t)
	refused := 0
	for n := range 70 {
		refused += h.guesses(t, 1, "203.0.113.7", fmt.Sprintf("c_%032d", n))
	}
	assert.Equal(t, 60, refused)
	h.now = h.now.Add(time.Second)
	assert.Equal(t, 1, h.guesses(t, 5, "203.0.113.7", "another"))
	assert.True(t, h.guess(t, "203.0.113.8", "another"), "the next address")
}

func TestARightSecretIsLetInHoweverManyWrongOnesCameBefore(t *testing.T) {
	t.Parallel()
	h := guarded(t)
	made := h.create(t)
	require.Equal(t, 8, h.guesses(t, 9, home.String(), made.ClientID))
	for n := range 60 {
		h.guess(t, home.String(), fmt.Sprint("nobody", n))
	}
	require.False(t, h.guess(t, home.String(), made.ClientID), "both buckets are empty")
	for range 200 {
		_, err := h.Authenticate(t.Context(), made.ClientID, made.Secret)
		require.NoError(t, err, "from the very address of the guesses")
	}
	assert.True(t, h.guess(t, "198.51.100.2", made.ClientID), "and nothing of it was counted elsewhere")
}

func TestARightSecretIsNoFailure(t *testing.T) {
	t.Parallel()
	h := guarded(t)
	made := h.create(t)
	for range 200 {
		_, err := h.Authenticate(t.Context(), made.ClientID, made.Secret)
		require.NoError(t, err)
	}
	assert.Equal(t, 8, h.guesses(t, 20, home.String(), made.ClientID))
}

func TestWhatAnAddressStandsFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		a, b string
		same bool
	}{
		"two of version 4 are two":                     {"203.0.113.7", "203.0.113.8", false},
		"version 4 in the clothes of 6 is itself":      {"203.0.113.7", "::ffff:203.0.113.7", true},
		"two in the clothes of 6 are two":              {"::ffff:203.0.113.7", "::ffff:203.0.113.8", false},
		"a network of 64 bits is one":                  {"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
		"the network beside it is another":             {"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		"a zone makes no difference":                   {"fe80::1", "fe80::2%eth0", true},
		"version 6 is not the version 4 that it hides": {"203.0.113.7", "2001:db8::203.0.113.7", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := guarded(t)
			require.Equal(t, 8, h.guesses(t, 9, c.a, "c"))
			assert.NotEqual(t, c.same, h.guess(t, c.b, "c"))
		})
	}
}

func TestWhoComesByNoNetworkIsLimitedTogether(t *testing.T) {
	t.Parallel()
	h := guarded(t)
	var err error
	for range 9 {
		_, err = h.Service.Authenticate(t.Context(), netip.Addr{}, "c", "wrong")
	}
	require.ErrorIs(t, err, fault.Limited)
}

func TestEveryReasonToRefuseAClientIsCountedAndReadsTheSameOverTheLimit(t *testing.T) {
	t.Parallel()
	h := guarded(t)
	made, revoked := h.create(t), h.create(t)
	require.NoError(t, h.Revoke(t.Context(), acme, revoked.ClientID, operator))
	old := h.create(t)
	_, err := h.Rotate(t.Context(), acme, old.ClientID, 2, 0, operator)
	require.NoError(t, err)
	answers := map[string]bool{}
	for name, pair := range map[string][2]string{
		"a wrong secret":       {made.ClientID, old.Secret},
		"an unknown client":    {made.ClientID[:34] + flip(made.ClientID[34]), made.Secret},
		"no identifier":        {strings.Repeat("x", 8<<10), made.Secret},
		"a revoked credential": {revoked.ClientID, revoked.Secret},
		"an expired secret":    {old.ClientID, old.Secret},
	} {
		for range 8 {
			_, err := h.Authenticate(t.Context(), pair[0], pair[1])
			require.ErrorIs(t, err, fault.Unauthorised, name)
		}
		_, err := h.Authenticate(t.Context(), pair[0], pair[1])
		require.ErrorIs(t, err, fault.Limited, name)
		require.NotErrorIs(t, err, fault.Unauthorised, name)
		var over credentials.Exceeded
		require.ErrorAs(t, err, &over)
		assert.Equal(t, credentials.Exceeded{Decision: ports.Decision{Limit: 8, Reset: 4 * time.Minute, RetryAfter: 30 * time.Second}}, over, name)
		answers[fault.Of(err).Detail] = true
	}
	assert.Len(t, answers, 1)
}

// listed is a limiter that lists what it is asked for.
type listed struct{ buckets []ports.Bucket }

func (l *listed) Take(_ context.Context, b ports.Bucket, _ int, _ ports.Rate) (ports.Decision, error) {
	l.buckets = append(l.buckets, b)
	return ports.Decision{Allowed: true}, nil
}

func TestWhatAStrangerCallsItselfTakesNoRoom(t *testing.T) {
	t.Parallel()
	h, l := open(t), &listed{}
	h.Service = h.Limited(l, ports.PerSecond(1))
	for _, clientID := range []string{strings.Repeat("x", 8<<10), strings.Repeat("y", 8<<10)} {
		require.True(t, h.guess(t, "203.0.113.7", clientID))
	}
	require.Len(t, l.buckets, 4)
	assert.Equal(t, l.buckets[0], l.buckets[2], "one of the address")
	assert.NotEqual(t, l.buckets[1], l.buckets[3], "one of each client")
	for _, b := range l.buckets {
		assert.LessOrEqual(t, len(b.Subject), 64)
	}
}

// broken is a limiter that is down.
type broken struct{ err error }

func (b broken) Take(context.Context, ports.Bucket, int, ports.Rate) (ports.Decision, error) {
	return ports.Decision{}, b.err
}

func TestWhatCannotBeCountedIsOurFaultAndLetsNobodyIn(t *testing.T) {
	t.Parallel()
	for _, err := range []error{fault.Wrap(fault.Unavailable, errors.New("connection refused")), errors.New("unknown")} {
		h := open(t)
		made := h.create(t)
		h.Service = h.Limited(broken{err}, ports.PerSecond(1))
		_, got := h.Authenticate(t.Context(), made.ClientID, "wrong")
		require.ErrorIs(t, got, fault.Unavailable)
		assert.Equal(t, fault.Unavailable, fault.Of(got).Kind, "neither the client's fault nor a breakdown")
		who, got := h.Authenticate(t.Context(), made.ClientID, made.Secret)
		require.NoError(t, got, "a right secret is not counted")
		_, d := newToken(t)
		require.ErrorIs(t, h.Keep(t.Context(), d, who.Token()), fault.Unavailable)
		assert.Empty(t, h.store.tokens)
	}
}

func TestAClientThatFetchesTokensWithoutEndIsSlowedDownAlone(t *testing.T) {
	t.Parallel()
	h := guarded(t)
	made, other := h.create(t), h.create(t)
	keep := func(clientID string) error {
		_, d := newToken(t)
		return h.Keep(t.Context(), d, credential.Token{Organisation: acme, ClientID: clientID, Expires: h.now.Add(time.Hour)})
	}
	for range 4 {
		require.NoError(t, keep(made.ClientID))
	}
	err := keep(made.ClientID)
	require.ErrorIs(t, err, fault.Limited)
	var over credentials.Exceeded
	require.ErrorAs(t, err, &over)
	assert.Equal(t, time.Second, over.RetryAfter)
	assert.Len(t, h.store.tokens, 4, "there is no token that was not granted")
	require.NoError(t, keep(other.ClientID), "another client of the organisation")
	h.now = h.now.Add(time.Second)
	require.NoError(t, keep(made.ClientID))
}
