package servertest

import (
	"cmp"
	"os"
	"testing"
)

// OwnPostgres gives a Postgres of t's own that keeps what it acknowledges, with a database like those that Postgres
// gives. Those that the environment names are others' as well, so that none of them will do; and a program of this
// machine goes before a container, since signals reach it without an engine between.
func OwnPostgres(t testing.TB) (*Server, Database) {
	t.Helper()
	s := ownPostgres(t)
	c, err := clusterAt(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	const name = "extraordinary"
	if err := c.do("CREATE DATABASE " + name + " OWNER " + owner + " TEMPLATE " + c.template); err != nil {
		t.Fatal(err)
	}
	return s, c.database(name)
}

func ownPostgres(t testing.TB) *Server {
	t.Helper()
	many := []string{"-c", "max_connections=200"}
	p, port, command, err := installedPostgres(ownPort)
	if err != nil {
		t.Fatal(err)
	}
	if command != nil {
		url := postgresAt(port)
		return newServer(t, url, &ownProgram{program: p, command: append(command, many...)}, func() error { return postgresAnswers(url) })
	}
	port = must(t, "Postgres", getPostgres, portOfContainer)
	image := cmp.Or(os.Getenv(postgresImage), "postgres:15-bookworm")
	machine := newContainer(port+":5432", []string{"--env", "POSTGRES_PASSWORD=test"}, image, append([]string{"postgres"}, many...))
	url := "postgres://postgres:test@127.0.0.1:" + port + "/postgres?sslmode=disable"
	return newServer(t, url, machine, func() error { return postgresAnswers(url) })
}
