package redisstore_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/localstore"
	"github.com/extraordinary/provisioning/adapters/redisstore"
	"github.com/extraordinary/provisioning/adapters/servertest"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
	"github.com/extraordinary/provisioning/ports/portstest"
)

const acme organisation.ID = "0190a000-0000-7000-8000-00000000ac3e"

var begun = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func open(t testing.TB) *redisstore.Store {
	t.Helper()
	return openAt(t, servertest.Redis(t), redisstore.Options{})
}

func openAt(t testing.TB, url string, o redisstore.Options) *redisstore.Store {
	t.Helper()
	o.Now = time.Now
	s, err := redisstore.Open(url, o)
	require.NoError(t, err)
	require.NoError(t, s.Check(t.Context()))
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

// openBeside is open with a client of our own for the same Redis.
func openBeside(t *testing.T) (*redisstore.Store, *redis.Client) {
	t.Helper()
	url := servertest.Redis(t)
	options, err := redis.ParseURL(url)
	require.NoError(t, err)
	client := redis.NewClient(options)
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	return openAt(t, url, redisstore.Options{}), client
}

// local is a limiter that a test can tell from Redis: it lets nobody in.
type local struct{}

func (local) Take(context.Context, ports.Bucket, int, ports.Rate) (ports.Decision, error) {
	return ports.Decision{Limit: 1}, nil
}

func digest(text string) credential.Digest { return sha256.Sum256([]byte(text)) }

func token() credential.Token {
	return credential.Token{Organisation: acme, ClientID: "c_client", KeyID: "aa", Issued: begun, Expires: begun.Add(time.Hour)}
}

func TestRedisKeepsTokens(t *testing.T) {
	t.Parallel()
	portstest.Tokens(t, func(t *testing.T) ports.Tokens { t.Helper(); return open(t).Tokens() })
}

func TestRedisIsALimiter(t *testing.T) {
	t.Parallel()
	portstest.Limiter(t, func(t *testing.T) ports.Limiter { t.Helper(); return open(t).Limiter(local{}) })
}

func TestRedisIsAGate(t *testing.T) {
	t.Parallel()
	portstest.Gate(t, func(t *testing.T, rate ports.Rate) portstest.Doors {
		t.Helper()
		s := open(t)
		return portstest.Doors{Tokens: s.Tokens(), Gate: s.Gate(rate)}
	})
}

// counter counts the commands that a client sends.
type counter struct{ commands atomic.Int64 }

func (*counter) DialHook(next redis.DialHook) redis.DialHook { return next }
func (c *counter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.commands.Add(1)
		return next(ctx, cmd)
	}
}

func (*counter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func TestARequestCostsOneRoundTrip(t *testing.T) {
	t.Parallel()
	var sent counter
	s := openAt(t, servertest.Redis(t), redisstore.Options{Hook: func(*redis.Options) redis.Hook { return &sent }})
	require.NoError(t, s.Tokens().Put(t.Context(), digest("a"), token()))
	admit := func() {
		_, d, err := s.Gate(ports.PerSecond(100)).Admit(t.Context(), digest("a"), 1, begun)
		require.NoError(t, err)
		assert.True(t, d.Allowed)
	}
	admit() // the first one brings the script along
	before := sent.commands.Load()
	for range 10 {
		admit()
	}
	assert.EqualValues(t, 10, sent.commands.Load()-before)
}

func TestNamesInRedisTellOfNobodyAndNoTokenIsThere(t *testing.T) {
	t.Parallel()
	s, client := openBeside(t)
	const text = "sat_abc"
	require.NoError(t, s.Tokens().Put(t.Context(), digest(text), token()))
	require.NoError(t, s.Tokens().Block(t.Context(), acme))
	require.NoError(t, s.Tokens().SetRateLimit(t.Context(), acme, 5))
	require.NoError(t, s.Tokens().RevokeAll(t.Context(), acme, "c_client"))
	_, err := s.Limiter(local{}).Take(t.Context(), ports.Bucket{Limit: ports.PerOrganisation, Subject: string(acme)}, 1, ports.Rate{PerSecond: 0.01, Burst: 10}) // it stays for 100 s
	require.NoError(t, err)
	kinds := map[string]bool{}
	for key, kept := range contents(t, client) {
		kinds[key[:2]] = true
		for _, secret := range []string{string(acme), "c_client", text} {
			assert.NotContains(t, key, secret)
		}
		assert.NotContains(t, kept, text)
	}
	assert.Equal(t, map[string]bool{"t:": true, "o:": true, "c:": true, "r:": true}, kinds)
}

// contents reads all of a Redis.
func contents(t *testing.T, client *redis.Client) map[string]string {
	t.Helper()
	keys, err := client.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	all := map[string]string{}
	for _, key := range keys {
		if fields, err := client.HGetAll(t.Context(), key).Result(); err == nil {
			all[key] = fmt.Sprint(fields)
			continue
		}
		text, err := client.Get(t.Context(), key).Result()
		if errors.Is(err, redis.Nil) {
			continue // a bucket that became full meanwhile
		}
		require.NoError(t, err)
		all[key] = text
	}
	return all
}

func TestAForgottenOrganisationIsNowhereInRedis(t *testing.T) {
	t.Parallel()
	s, client := openBeside(t)
	tokens := s.Tokens()
	other := token()
	other.Organisation = "0190a000-0000-7000-8000-0000006c0bec"
	for i := range 2500 {
		require.NoError(t, tokens.Put(t.Context(), digest(fmt.Sprint("mine", i)), token()))
	}
	require.NoError(t, tokens.Put(t.Context(), digest("other"), other))
	require.NoError(t, tokens.SetRateLimit(t.Context(), acme, 5))
	_, _, err := s.Gate(ports.PerSecond(100)).Admit(t.Context(), digest("mine1"), 1, begun)
	require.NoError(t, err)
	require.NoError(t, tokens.Forget(t.Context(), acme))
	for key, kept := range contents(t, client) {
		assert.NotContains(t, kept, string(acme))
		left, err := client.TTL(t.Context(), key).Result()
		require.NoError(t, err)
		assert.Positive(t, left, "%s is not for ever", key)
	}
	_, err = tokens.Get(t.Context(), digest("other"), begun)
	require.NoError(t, err)
	require.NoError(t, tokens.Put(t.Context(), digest("in flight"), token()))
	_, err = tokens.Get(t.Context(), digest("in flight"), begun)
	require.ErrorIs(t, err, fault.NotFound, "a token that was just being granted")
}

func TestATokenLeavesRedisWhenItsLifeIsOver(t *testing.T) {
	t.Parallel()
	s, client := openBeside(t)
	brief := token()
	brief.Expires = brief.Issued.Add(1500 * time.Millisecond)
	require.NoError(t, s.Tokens().Put(t.Context(), digest("a"), brief))
	left, err := client.PTTL(t.Context(), client.Keys(t.Context(), "t:*").Val()[0]).Result()
	require.NoError(t, err)
	assert.Positive(t, left)
	assert.LessOrEqual(t, left, 1500*time.Millisecond, "whatever the replica's clock says")
}

// lead is a proxy that can be cut or frozen.
type lead struct {
	listener net.Listener
	frozen   atomic.Bool
	mu       sync.Mutex
	open     []net.Conn
}

func proxy(t *testing.T, url string) (*lead, string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	options, err := redis.ParseURL(url)
	require.NoError(t, err)
	l := &lead{listener: listener}
	t.Cleanup(l.cut)
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := new(net.Dialer).DialContext(context.Background(), "tcp", options.Addr)
			if err != nil {
				near.Close()
				continue
			}
			l.mu.Lock()
			l.open = append(l.open, near, far)
			l.mu.Unlock()
			go l.carry(far, near)
			go l.carry(near, far)
		}
	}()
	return l, fmt.Sprintf("redis://%s/%d", listener.Addr(), options.DB)
}

func (l *lead) carry(to io.Writer, from io.Reader) {
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if l.frozen.Load() {
			continue // it is read, and never answered
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// cut ends every connection and takes no other.
func (l *lead) cut() {
	l.listener.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.open {
		c.Close()
	}
}

func TestAFrozenRedisCostsItsPatienceAndThenNothing(t *testing.T) {
	t.Parallel()
	wire, url := proxy(t, servertest.Redis(t))
	s := openAt(t, url, redisstore.Options{})
	require.NoError(t, s.Tokens().Put(t.Context(), digest("a"), token()))
	wire.frozen.Store(true)
	ask := func() time.Duration {
		began := time.Now()
		_, _, err := s.Gate(ports.PerSecond(100)).Admit(t.Context(), digest("a"), 1, begun)
		require.ErrorIs(t, err, fault.Unavailable)
		return time.Since(began)
	}
	for range 5 {
		assert.Less(t, ask(), 2*time.Second, "150 ms, on a busy machine too")
	}
	fast := 0
	for range 100 {
		if ask() < 10*time.Millisecond {
			fast++
		}
	}
	assert.Greater(t, fast, 60, "of 100, with the breaker open")
	wire.frozen.Store(false)
	assert.Eventually(t, func() bool {
		_, _, err := s.Gate(ports.PerSecond(100)).Admit(t.Context(), digest("a"), 1, begun)
		return err == nil
	}, 5*time.Second, 20*time.Millisecond, "it is back without a restart")
}

func TestWhileRedisIsDownNothingIsSaidToBeDone(t *testing.T) {
	t.Parallel()
	wire, url := proxy(t, servertest.Redis(t))
	s := openAt(t, url, redisstore.Options{})
	wire.cut()
	tokens := s.Tokens()
	_, _, admitted := s.Gate(ports.PerSecond(1)).Admit(t.Context(), digest("a"), 1, begun)
	_, got := tokens.Get(t.Context(), digest("a"), begun)
	for what, err := range map[string]error{
		"Admit": admitted, "Get": got,
		"Put":          tokens.Put(t.Context(), digest("a"), token()),
		"Revoke":       tokens.Revoke(t.Context(), digest("a")),
		"RevokeAll":    tokens.RevokeAll(t.Context(), acme, "c"),
		"SetPaused":    tokens.SetPaused(t.Context(), acme, true),
		"RevokeSecret": tokens.RevokeSecret(t.Context(), acme, "c", "k"),
		"Block":        tokens.Block(t.Context(), acme),
		"Unblock":      tokens.Unblock(t.Context(), acme),
		"SetRateLimit": tokens.SetRateLimit(t.Context(), acme, 5),
		"Forget":       tokens.Forget(t.Context(), acme),
	} {
		require.ErrorIs(t, err, fault.Unavailable, what)
	}
}

func TestWhileRedisIsDownLimitsAreCountedHere(t *testing.T) {
	t.Parallel()
	wire, url := proxy(t, servertest.Redis(t))
	limiter := openAt(t, url, redisstore.Options{}).Limiter(localstore.NewLimiter(time.Now))
	rate := ports.Rate{PerSecond: 0.01, Burst: 3}
	wire.cut()
	for n := range 5 {
		d, err := limiter.Take(t.Context(), ports.Bucket{Limit: ports.PerOrganisation, Subject: "a"}, 1, rate)
		require.NoError(t, err)
		assert.Equal(t, n < 3, d.Allowed)
	}
}

func TestARedisThatCannotBeUsedIsRefusedWithWhatToDo(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"redis://127.0.0.1:1":                     "no Redis answers at 127.0.0.1:1; start it",
		"http://example.com":                      "no Redis URL",
		"redis://a:b@" + address(t) + "/0":        "lets us not in; correct the user",
		"redis://" + address(t) + "/99999999":     "lets us not in",
		"redis://" + address(t) + "/0?nonsense=1": "no Redis URL",
	} {
		s, err := redisstore.Open(url, redisstore.Options{Now: time.Now})
		if err == nil {
			err = s.Check(t.Context())
			require.NoError(t, s.Close())
		}
		require.Error(t, err, url)
		assert.Contains(t, err.Error(), want)
		assert.Equal(t, "redis_url", fault.Of(err).Path)
	}
}

func address(t *testing.T) string {
	t.Helper()
	rest := strings.TrimPrefix(servertest.Redis(t), "redis://")
	host, _, _ := strings.Cut(rest, "/")
	return host
}

func TestAnAnswerToAnotherQuestionIsNoToken(t *testing.T) {
	t.Parallel()
	s, client := openBeside(t)
	keyOf := func(text string) string {
		require.NoError(t, s.Tokens().Put(t.Context(), digest(text), token()))
		keys, err := client.Keys(t.Context(), "t:*").Result()
		require.NoError(t, err)
		require.Len(t, keys, 1)
		return keys[0]
	}
	mine := keyOf("mine")
	require.NoError(t, client.Rename(t.Context(), mine, "elsewhere").Err())
	theirs := keyOf("theirs")
	require.NoError(t, client.Rename(t.Context(), theirs, mine).Err())
	_, err := s.Tokens().Get(t.Context(), digest("mine"), begun)
	require.ErrorIs(t, err, fault.Unavailable, "it is somebody else's token")
}

func TestALookAtAFullBucketIsAnsweredByRedis(t *testing.T) {
	t.Parallel()
	limiter := open(t).Limiter(nobody{t})
	d, err := limiter.Take(t.Context(), ports.Bucket{Limit: ports.PerOrganisation, Subject: "acme"}, 0, ports.Rate{PerSecond: 1, Burst: 10})
	require.NoError(t, err)
	assert.True(t, d.Allowed)
	assert.Equal(t, 10, d.Remaining)
}

// nobody is what stands in for a Redis that must not be thought down.
type nobody struct{ t *testing.T }

func (n nobody) Take(context.Context, ports.Bucket, int, ports.Rate) (ports.Decision, error) {
	n.t.Error("Redis was thought to be down")
	return ports.Decision{}, nil
}
