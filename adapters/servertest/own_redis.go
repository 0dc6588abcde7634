package servertest

import (
	"cmp"
	"os"
	"testing"
)

// OwnRedis gives an empty Redis of t's own that keeps what it acknowledges while its machine lives (AOF). It is found as
// OwnPostgres is.
func OwnRedis(t testing.TB) *Server {
	t.Helper()
	keeping := []string{"--appendonly", "yes", "--appendfsync", "everysec"}
	p, port, command, err := installedRedis(ownPort)
	if err != nil {
		t.Fatal(err)
	}
	if command != nil {
		url := redisAt("127.0.0.1:" + port)
		return newServer(t, url, &ownProgram{program: p, command: append(command, keeping...)}, func() error { return redisAnswers(url) })
	}
	port = must(t, "Redis", getRedis, portOfContainer)
	image := cmp.Or(os.Getenv(redisImage), "redis:7.0-bookworm")
	machine := newContainer(port+":6379", nil, image, append([]string{"redis-server"}, keeping...))
	url := redisAt("127.0.0.1:" + port)
	return newServer(t, url, machine, func() error { return redisAnswers(url) })
}
