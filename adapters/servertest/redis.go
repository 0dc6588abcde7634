package servertest

import (
	"cmp"
	"context"
	neturl "net/url"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

// Redis gives the URL of an empty database of t's own, in a server that the whole test process shares.
func Redis(t testing.TB) (url string) {
	t.Helper()
	server := must(t, "Redis", redisURL, "redis-server", sharedRedis)
	options, err := redis.ParseURL(server)
	if err != nil {
		t.Fatalf("%s: %v", redisURL, err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	there, err := client.ConfigGet(t.Context(), "databases").Result()
	if err != nil {
		t.Fatal(err)
	}
	count, err := strconv.Atoi(there["databases"])
	if err != nil {
		t.Fatal(err)
	}
	options.DB = (os.Getpid() + int(redisDatabases.Add(1))) % count
	at, err := neturl.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	at.Path = "/" + strconv.Itoa(options.DB)
	own := redis.NewClient(options)
	defer own.Close()
	if err := own.FlushDB(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	return at.String()
}

var (
	redisDatabases atomic.Int64
	sharedRedis    = sync.OnceValues(first(named(redisURL), redisContainer, redisProgram))
)

// plenty of databases, so that each test has one.
const plenty = "4096"

func redisContainer() (string, error) {
	image := cmp.Or(os.Getenv(redisImage), "redis:7.0-bookworm")
	address, err := container(image, "6379/tcp", testcontainers.WithCmd("redis-server", "--databases", plenty, "--save", ""),
		testcontainers.WithWaitStrategy(wait.ForLog("Ready to accept connections"), wait.ForListeningPort("6379/tcp")))
	return redisAt(address), err
}

func redisProgram() (string, error) {
	command := installed("redis-server", "")
	if command == "" {
		return "", nil
	}
	p, err := newProgram("redis", "redis")
	if err != nil {
		return "", err
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	address := "127.0.0.1:" + port
	err = p.start(func() error {
		client := redis.NewClient(&redis.Options{Addr: address})
		defer client.Close()
		return client.Ping(context.Background()).Err()
	}, command, "--bind", "127.0.0.1", "--port", port, "--dir", p.folder, "--databases", plenty, "--save", "", "--appendonly", "no")
	return redisAt(address), err
}

func redisAt(address string) string {
	if address == "" {
		return ""
	}
	return "redis://" + address
}
