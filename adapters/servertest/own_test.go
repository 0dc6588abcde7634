package servertest_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"github.com/extraordinary/provisioning/adapters/servertest"
)

// each does something to a server of the test's own and tells whether it answered meanwhile; afterwards it must again.
func each(t *testing.T, s *servertest.Server, answers func(ctx context.Context) error) {
	t.Helper()
	answered := func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		return answers(ctx) == nil
	}
	for _, outage := range []struct {
		what       string
		begin, end func()
	}{{"killed", s.Kill, s.Start}, {"frozen", s.Freeze, s.Thaw}, {"stopped", s.Stop, s.Start}} {
		outage.begin()
		if answered() {
			t.Errorf("a %s server answers", outage.what)
		}
		outage.end()
		if err := answers(t.Context()); err != nil {
			t.Errorf("a server that was %s: %v", outage.what, err)
		}
	}
}

func TestAnOwnPostgresKeepsWhatItAcknowledgedThroughEachOutage(t *testing.T) {
	t.Parallel()
	s, database := servertest.OwnPostgres(t)
	do := func(ctx context.Context, statement string) error {
		connection, err := pgx.Connect(ctx, database.Owner)
		if err != nil {
			return err
		}
		defer connection.Close(ctx)
		_, err = connection.Exec(ctx, statement)
		return err
	}
	if err := do(t.Context(), "CREATE TABLE kept ()"); err != nil {
		t.Fatal(err)
	}
	each(t, s, func(ctx context.Context) error { return do(ctx, "SELECT FROM kept") })
}

func TestAnOwnRedisKeepsWhatItAcknowledgedThroughEachOutage(t *testing.T) {
	t.Parallel()
	s := servertest.OwnRedis(t)
	options, err := redis.ParseURL(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	options.ContextTimeoutEnabled = true
	client := redis.NewClient(options)
	defer client.Close()
	if err := client.Set(t.Context(), "kept", 1, 0).Err(); err != nil {
		t.Fatal(err)
	}
	each(t, s, func(ctx context.Context) error { return client.Get(ctx, "kept").Err() })
}
