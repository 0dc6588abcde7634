// Package servertest finds real servers for tests: those that the environment names, or in containers, or started from
// the programs of this machine.
package servertest

import (
	"os"
	"testing"
)

// The environment. A URL of Postgres is of a superuser, as tests make roles and databases of their own.
const (
	postgresURL   = "EXTRAORDINARY_TEST_POSTGRES_URL"
	postgresImage = "EXTRAORDINARY_TEST_POSTGRES_IMAGE"
	redisURL      = "EXTRAORDINARY_TEST_REDIS_URL"
	redisImage    = "EXTRAORDINARY_TEST_REDIS_IMAGE"
)

// What to do where there is no server.
const (
	getPostgres = "start a Docker engine, or install postgresql"
	getRedis    = "start a Docker engine, or install redis-server"
)

// source is one place where a server may be found. It gives "" if there is none.
type source func() (url string, err error)

// first looks in one place after the other.
func first(sources ...source) func() (string, error) {
	return func() (string, error) {
		for _, find := range sources {
			if url, err := find(); url != "" || err != nil {
				return url, err
			}
		}
		return "", nil
	}
}

func named(variable string) source {
	return func() (string, error) { return os.Getenv(variable), nil }
}

// must ends t where there is no server: in CI as a failure, for then nothing would be tested, else as a skip.
func must(t testing.TB, what, remedy string, find func() (string, error)) string {
	t.Helper()
	url, err := find()
	switch {
	case err != nil:
		t.Fatalf("%s does not start: %v", what, err)
	case url == "" && os.Getenv("CI") == "true":
		t.Fatalf("there is no %s: %s", what, remedy)
	case url == "":
		t.Skipf("SKIPPED, nothing of it was tested: there is no %s; %s", what, remedy) //nolint:forbidigo // not everybody has servers; CI must
	}
	return url
}
