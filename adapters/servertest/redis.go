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
	server := must(t, "Redis", "set "+redisURL+", "+getRedis, sharedRedis)
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
	p, port, command, err := installedRedis(freePort)
	if command == nil {
		return "", err
	}
	url := redisAt("127.0.0.1:" + port)
	return url, p.start(func() error { return redisAnswers(url) }, command[0], append(command[1:], "--databases", plenty, "--appendonly", "no")...)
}

// installedRedis is installedPostgres for Redis.
func installedRedis(aPort func() (string, error)) (p *program, port string, command []string, err error) {
	server := installed("redis-server", "")
	if server == "" {
		return nil, "", nil, nil
	}
	if p, err = newProgram("redis", "redis"); err != nil {
		return nil, "", nil, err
	}
	if port, err = aPort(); err != nil {
		return nil, "", nil, err
	}
	return p, port, []string{server, "--bind", "127.0.0.1", "--port", port, "--dir", p.folder, "--save", ""}, nil
}

func redisAnswers(url string) error {
	options, err := redis.ParseURL(url)
	if err != nil {
		return err
	}
	client := redis.NewClient(options)
	defer client.Close()
	return client.Ping(context.Background()).Err()
}

func redisAt(address string) string {
	if address == "" {
		return ""
	}
	return "redis://" + address
}
