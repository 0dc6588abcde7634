package servertest

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

// fast gives up what a test does not need: what was acknowledged is lost when the machine fails.
var fast = []string{"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=500", "-c", "shared_buffers=64MB"}

func postgresContainer() (string, error) {
	image := cmp.Or(os.Getenv(postgresImage), "postgres:15-bookworm")
	address, err := container(image, "5432/tcp", testcontainers.WithCmd(append([]string{"postgres"}, fast...)...),
		testcontainers.WithEnv(map[string]string{"POSTGRES_PASSWORD": "test"}),
		// The first start is of a server that only makes the database.
		testcontainers.WithWaitStrategy(wait.ForLog("database system is ready to accept connections").WithOccurrence(2), wait.ForListeningPort("5432/tcp")))
	if address == "" {
		return "", err
	}
	return "postgres://postgres:test@" + address + "/postgres?sslmode=disable", err
}

func postgresProgram() (string, error) {
	command := installed("postgres", "/usr/lib/postgresql/*/bin")
	if command == "" {
		return "", nil
	}
	p, err := newProgram("postgres", "postgres")
	if err != nil {
		return "", err
	}
	data := filepath.Join(p.folder, "data")
	err = p.do(filepath.Join(filepath.Dir(command), "initdb"), "--pgdata", data, "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync")
	if err != nil {
		return "", err
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	url := "postgres://postgres@127.0.0.1:" + port + "/postgres?sslmode=disable"
	args := append([]string{"-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="}, fast...)
	return url, p.start(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		connection, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		return connection.Close(ctx)
	}, command, args...)
}
