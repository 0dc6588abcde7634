// Package redisstore keeps access tokens and what callers use up of their limits in Redis, where every replica sees
// the same: one round trip a request.
//
// Redis is one server, or one that a sentinel or a proxy stands for. A cluster will not do: a script here finds a
// token first, and in it the names of the keys that it reads next.
package redisstore

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/domain/fault"
)

// Store is a Redis. It is safe for concurrent use.
type Store struct {
	client  *redis.Client
	breaker *breaker
}

// Options are what may differ from one opening to another.
type Options struct {
	Hook func(*redis.Options) redis.Hook // watches each command; may be nil
	Now  func() time.Time                // the clock that the breaker goes by
}

// mostConnections there are at once, if the URL does not say another number (pool_size).
const mostConnections = 64

// usualPatience is what a Redis that does not answer may cost a request.
const usualPatience = 150 * time.Millisecond

// Open makes a store of the Redis of a URL, in which read_timeout may say another patience, such as
// redis://HOST?read_timeout=1s. It asks nothing yet: see Check. Faults: Invalid at "redis_url".
func Open(url string, o Options) (*Store, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, refusal("it is no Redis URL; expected redis://USER:PASSWORD@HOST:6379/0")
	}
	tune(options)
	s := &Store{client: redis.NewClient(options), breaker: &breaker{now: o.Now, patience: options.ReadTimeout}}
	if o.Hook != nil {
		s.client.AddHook(o.Hook(options))
	}
	return s, nil
}

// Pool is the state of the connections.
func (s *Store) Pool() telemetry.Pool {
	now := s.client.PoolStats()
	return telemetry.Pool{
		Used: int(now.TotalConns - now.IdleConns), Idle: int(now.IdleConns), Max: s.client.Options().PoolSize,
		Waits: int64(now.WaitCount), Waited: time.Duration(now.WaitDurationNs),
	}
}

// Close ends the use of Redis.
func (s *Store) Close() error { return s.client.Close() }

// tune makes a Redis that hangs cost no more than our patience: by itself the client would wait for up to ten seconds
// and ask again what it does not know to have been done.
func tune(o *redis.Options) {
	patience := cmp.Or(o.ReadTimeout, usualPatience)
	o.ContextTimeoutEnabled = true
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = patience, patience, patience, patience
	o.MaxRetries = -1
	o.DialerRetries = 1
	o.PoolSize = cmp.Or(o.PoolSize, mostConnections)
	o.DisableIdentity = true // a time-out of it once gave one caller the answer to another (CVE-2025-29923)
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

// startPatience is how long a Redis may take to answer before anybody is served: the machine may just be starting all.
const startPatience = 5 * time.Second

// Check refuses a Redis that is too old, or that would throw tokens away when it has no room: to its client that would
// look like an access token that was revoked. Faults: Invalid at "redis_url", with what to do; Unavailable at "redis_url"
// if none answers.
func (s *Store) Check(ctx context.Context) error {
	o := *s.client.Options()
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = startPatience, startPatience, startPatience, startPatience
	patient := redis.NewClient(&o)
	defer patient.Close() //nolint:errcheck // nothing is written
	info, err := patient.Info(ctx, "server", "memory").Result()
	var reply redis.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &reply) && redis.HasErrorPrefix(err, "LOADING"):
		return fault.New(fault.Unavailable, "Redis at %s is still reading its data; try again when it has", o.Addr).At("redis_url")
	case errors.As(err, &reply):
		return refusal("Redis at %s lets us not in; correct the user, the password and the database in the URL, and let the user run INFO", o.Addr)
	case err != nil:
		return fault.New(fault.Unavailable, "no Redis answers at %s; start it, or correct the URL", o.Addr).At("redis_url")
	}
	return suits(info, o.Addr)
}

// suits reads the answer to INFO.
func suits(info, address string) error {
	major, _, _ := strings.Cut(field(info, "redis_version"), ".")
	if n, err := strconv.Atoi(major); err != nil || n < 7 {
		return refusal("Redis at %s is version %s; version 7 or newer is needed", address, field(info, "redis_version"))
	}
	if policy := field(info, "maxmemory_policy"); policy != "noeviction" && field(info, "maxmemory") != "0" {
		return refusal("Redis at %s throws keys away when it is full (maxmemory-policy %s), and tokens are such keys: CONFIG SET maxmemory-policy noeviction", address, policy)
	}
	return nil
}

// field finds a line of the answer to INFO.
func field(info, name string) string {
	for line := range strings.Lines(info) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func refusal(format string, args ...any) error {
	return fault.New(fault.Invalid, format, args...).At("redis_url")
}

// do runs a command, and gives a failure of Redis its kind. What the caller's own context ended is nobody's.
func (s *Store) do(ctx context.Context, command func(context.Context) error) error {
	err := s.breaker.guard(ctx, command)
	if err == nil || errors.Is(err, redis.Nil) || ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return err
	}
	return fault.Wrap(fault.Unavailable, err)
}

// down reports whether err says that Redis does not work, and not only that it did not like a command.
func down(err error) bool {
	var reply redis.Error
	if !errors.As(err, &reply) {
		return true
	}
	for _, prefix := range []string{"LOADING", "MASTERDOWN", "CLUSTERDOWN", "READONLY"} {
		if redis.HasErrorPrefix(err, prefix) {
			return true
		}
	}
	return false
}
