package servertest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/extraordinary/provisioning/adapters/sqlstore/postgres"
	"github.com/extraordinary/provisioning/migrations"
)

// The roles, which are of the whole server. Their passwords are their names.
const (
	owner = "extraordinary_test_owner"
	app   = "extraordinary_test_app"
)

// cluster is a server with the roles, and a database to copy that is called after what the migrations say.
type cluster struct {
	server   *url.URL
	template string
}

func newCluster() (c cluster, err error) {
	text, err := sharedPostgres()
	if err != nil {
		return c, err
	}
	return clusterAt(text)
}

// clusterAt makes what is not there yet. Several test processes may share a server, so one does it after the other.
func clusterAt(text string) (c cluster, err error) {
	if c.server, err = url.Parse(text); err != nil {
		return c, err
	}
	if c.template, err = templateName(); err != nil {
		return c, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	connection, err := pgx.Connect(ctx, text)
	if err != nil {
		return c, err
	}
	defer connection.Close(ctx) // and so lets the lock go
	if _, err := connection.Exec(ctx, "SELECT pg_advisory_lock(4021)"); err != nil {
		return c, err
	}
	if err := c.ensure(ctx, connection, "SELECT FROM pg_roles WHERE rolname = $1", owner, func() error {
		return c.do("CREATE ROLE " + owner + " LOGIN CREATEROLE PASSWORD '" + owner + "'")
	}); err != nil {
		return c, err
	}
	if err := c.ensure(ctx, connection, "SELECT FROM pg_database WHERE datname = $1", c.template, func() error { return c.makeTemplate(ctx) }); err != nil {
		return c, err
	}
	return c, c.ensure(ctx, connection, "SELECT FROM pg_roles WHERE rolname = $1", app, func() error {
		return c.do("CREATE ROLE " + app + " LOGIN PASSWORD '" + app + "' IN ROLE extraordinary_app")
	})
}

// ensure runs missing if there is no row.
func (c cluster) ensure(ctx context.Context, connection *pgx.Conn, find, name string, missing func() error) error {
	found, err := connection.Exec(ctx, find, name)
	if err != nil || found.RowsAffected() > 0 {
		return err
	}
	return missing()
}

// makeTemplate migrates beside and renames at the end, so that nobody copies what is half done.
func (c cluster) makeTemplate(ctx context.Context) error {
	const half = "extraordinary_test_half"
	if err := c.do("DROP DATABASE IF EXISTS "+half+" WITH (FORCE)", "CREATE DATABASE "+half+" OWNER "+owner+" "+empty); err != nil {
		return err
	}
	migrator, err := postgres.OpenMigrator(ctx, c.database(half).Owner, postgres.Options{Now: time.Now})
	if err != nil {
		return err
	}
	_, err = migrator.Up(ctx)
	if closed := migrator.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return c.do("ALTER DATABASE " + half + " RENAME TO " + c.template)
}

func templateName() (string, error) {
	digest := sha256.New()
	err := fs.WalkDir(migrations.Postgres, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		script, err := fs.ReadFile(migrations.Postgres, path)
		fmt.Fprintf(digest, "%s\n%s\n", path, script)
		return err
	})
	return fmt.Sprintf("extraordinary_test_%.6x", digest.Sum(nil)), err
}
