package servertest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Database is one of Postgres', by the URLs of who may log in to it. Where nothing else is said its text sorts as
// English does, so that a test sees what was forgotten.
type Database struct {
	Superuser string
	Owner     string // owns the tables and has CREATEROLE
	App       string // is a member of extraordinary_app
}

// Postgres gives a database of t's own with the newest tables and nothing in them, in a server that the whole test
// process shares.
func Postgres(t testing.TB) Database {
	t.Helper()
	c := shared(t)
	return c.make(t, "TEMPLATE "+c.template)
}

// EmptyPostgres is Postgres without tables.
func EmptyPostgres(t testing.TB) Database {
	t.Helper()
	return shared(t).make(t, empty)
}

const empty = "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en'"

func shared(t testing.TB) cluster {
	t.Helper()
	must(t, "Postgres", "set "+postgresURL+", "+getPostgres, sharedPostgres)
	c, err := sharedCluster()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var (
	sharedPostgres = sync.OnceValues(first(named(postgresURL), postgresContainer, postgresProgram))
	sharedCluster  = sync.OnceValues(newCluster)
	databases      atomic.Int64
)

// make makes a database that goes with t.
func (c cluster) make(t testing.TB, like string) Database {
	t.Helper()
	name := fmt.Sprintf("extraordinary_test_%d_%d", os.Getpid(), databases.Add(1))
	drop := "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"
	if err := c.do(drop, "CREATE DATABASE "+name+" OWNER "+owner+" "+like); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.do(drop); err != nil {
			t.Error(err)
		}
	})
	return c.database(name)
}

func (c cluster) database(name string) Database {
	as := func(user *url.Userinfo) string {
		at := *c.server
		at.User, at.Path = user, "/"+name
		return at.String()
	}
	return Database{Superuser: as(c.server.User), Owner: as(url.UserPassword(owner, owner)), App: as(url.UserPassword(app, app))}
}

// do runs statements as the superuser.
func (c cluster) do(statements ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	connection, err := pgx.Connect(ctx, c.server.String())
	if err != nil {
		return err
	}
	defer connection.Close(ctx)
	for _, s := range statements {
		if _, err := connection.Exec(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}
