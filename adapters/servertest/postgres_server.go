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
	p, port, command, err := installedPostgres(freePort)
	if command == nil {
		return "", err
	}
	url := postgresAt(port)
	return url, p.start(func() error { return postgresAnswers(url) }, command[0], append(command[1:], fast...)...)
}

// installedPostgres makes an empty server of the program on this machine, and gives the command that runs it; none if
// there is no such program.
func installedPostgres(aPort func() (string, error)) (p *program, port string, command []string, err error) {
	server := installed("postgres", "/usr/lib/postgresql/*/bin")
	if server == "" {
		return nil, "", nil, nil
	}
	if p, err = newProgram("postgres", "postgres"); err != nil {
		return nil, "", nil, err
	}
	data := filepath.Join(p.folder, "data")
	err = p.do(filepath.Join(filepath.Dir(server), "initdb"), "--pgdata", data, "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync")
	if err != nil {
		return nil, "", nil, err
	}
	if port, err = aPort(); err != nil {
		return nil, "", nil, err
	}
	return p, port, []string{server, "-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="}, nil
}

func postgresAt(port string) string {
	return "postgres://postgres@127.0.0.1:" + port + "/postgres?sslmode=disable"
}

func postgresAnswers(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	connection, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	return connection.Close(ctx)
}
