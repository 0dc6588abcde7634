package main

import (
	"syscall"
	"testing"

	"github.com/extraordinary/provisioning/adapters/servertest"
)

// replica is a server that comes back at the same address with the same settings.
type replica struct {
	*process
	address string
	args    []string
}

// patiently makes a server wait longer for Redis than it would by itself, for where tests share two cores, Redis waits for
// its turn.
const patiently = "?read_timeout=1s"

// keptIn gives the settings of servers on these stores, as flags.
func keptIn(database servertest.Database, redisURL string) []string {
	const key = "a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2U="
	return []string{"--database-url", database.App, "--redis-url", redisURL, "--secret-keys", key}
}

// startReplica starts a server without limits.
func startReplica(t *testing.T, settings []string) *replica {
	t.Helper()
	r := &replica{address: freeAddress(t), args: append([]string{"serve", "--rate-limit", "0"}, settings...)}
	r.again(t)
	return r
}

func (r *replica) end(t *testing.T, how syscall.Signal) {
	t.Helper()
	if err := r.Process.Signal(how); err != nil {
		t.Fatal(err)
	}
	if err := r.Wait(); how == syscall.SIGTERM && err != nil {
		t.Errorf("a server ended with %v: %s", err, r.log)
	}
}

func (r *replica) again(t *testing.T) {
	t.Helper()
	r.process = start(t, r.address, r.args...)
}
