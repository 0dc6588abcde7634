package postgres_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/servertest"
	"github.com/extraordinary/provisioning/adapters/sqlstore/postgres"
	"github.com/extraordinary/provisioning/domain/fault"
)

// role makes one that goes with t and gives the URL by which it logs in. Roles are of the whole server, so its name is
// made out of the database's.
func role(t *testing.T, database servertest.Database, suffix, options string) (name, login string) {
	t.Helper()
	at, err := url.Parse(database.App)
	require.NoError(t, err)
	name = strings.TrimPrefix(at.Path, "/") + "_" + suffix
	super := connect(t, database.Superuser)
	execute(t, super, "CREATE ROLE "+name+" LOGIN PASSWORD 'hush' "+options)
	t.Cleanup(func() {
		ctx := context.Background() // t's has ended
		_, err := super.Exec(ctx, "DROP OWNED BY "+name+"; DROP ROLE "+name)
		assert.NoError(t, err)
	})
	at.User = url.UserPassword(name, "hush")
	return name, at.String()
}

// refused holds that Open refuses with one line that says all of want, and gives it.
func refused(t *testing.T, url string, want ...string) {
	t.Helper()
	store, err := postgres.Open(t.Context(), url, postgres.Options{Now: clock})
	require.ErrorIs(t, err, fault.Invalid)
	assert.Nil(t, store)
	assert.Equal(t, "database", fault.Of(err).Path)
	for _, part := range want {
		assert.Contains(t, fault.Of(err).Detail, part)
	}
	assert.NotContains(t, err.Error(), "\n")
	assert.NotContains(t, err.Error(), "hush")
}

func TestAWrongRoleDoesNotServe(t *testing.T) {
	t.Parallel()
	database := servertest.Postgres(t)
	const remedy = "CREATE ROLE provisioning LOGIN PASSWORD '…' IN ROLE extraordinary_app;"

	refused(t, database.Superuser, "is a superuser", remedy)
	refused(t, database.Owner, "owner", remedy)
	name, bypass := role(t, database, "bypass", "BYPASSRLS IN ROLE extraordinary_app")
	refused(t, bypass, "bypasses row-level security", `ALTER ROLE "`+name+`" NOBYPASSRLS;`)
	_, relative := role(t, database, "relative", "NOINHERIT IN ROLE extraordinary_app, extraordinary_test_owner")
	refused(t, relative, "may become the owner", remedy)
	name, stranger := role(t, database, "stranger", "")
	refused(t, stranger, `GRANT extraordinary_app TO "`+name+`";`)
}

func TestTheRemediesHeal(t *testing.T) {
	t.Parallel()
	database := servertest.Postgres(t)
	super := connect(t, database.Superuser)
	name, healed := role(t, database, "healed", "BYPASSRLS")
	execute(t, super, `ALTER ROLE "`+name+`" NOBYPASSRLS`, `GRANT extraordinary_app TO "`+name+`"`)
	openAt(t, healed, postgres.Options{})

	execute(t, super, "CREATE TABLE forgotten (organisation_id uuid NOT NULL)")
	refused(t, database.App, "forgotten", `ALTER TABLE "forgotten" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;`)
	execute(t, super, `ALTER TABLE "forgotten" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`)
	refused(t, database.App, "forgotten", `CREATE POLICY own ON "forgotten" USING (organisation_id = current_setting('app.organisation_id')::uuid);`)
	execute(t, super, `CREATE POLICY own ON "forgotten" USING (organisation_id = current_setting('app.organisation_id')::uuid)`)
	openAt(t, database.App, postgres.Options{})
}

func TestAnUnprotectedTableIsNotServed(t *testing.T) {
	t.Parallel()
	database := servertest.Postgres(t)
	super := connect(t, database.Superuser)
	for _, table := range list(t, super, "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relrowsecurity") {
		for _, weakness := range []string{"NO FORCE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY"} {
			execute(t, super, "ALTER TABLE "+table+" "+weakness)
			refused(t, database.App, table, `ALTER TABLE "`+table+`" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;`)
			execute(t, super, "ALTER TABLE "+table+" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
		}
	}
	execute(t, super, "DROP POLICY own ON users")
	refused(t, database.App, "users", "CREATE POLICY own")
	execute(t, super, "CREATE POLICY own ON users USING (organisation_id = current_setting('app.organisation_id')::uuid)")

	name, login := role(t, database, "buyer", "IN ROLE extraordinary_app")
	execute(t, super, "ALTER TABLE secrets OWNER TO "+name)
	refused(t, login, "secrets", "owner")
	execute(t, super, "ALTER TABLE secrets OWNER TO extraordinary_test_owner")
	openAt(t, database.App, postgres.Options{})
}

func TestTablesThatAreNotCurrentAreNotServed(t *testing.T) {
	t.Parallel()
	database := servertest.EmptyPostgres(t)
	refused(t, database.App, "extraordinary migrate up")
	_, err := migrator(t, database).Up(t.Context())
	require.NoError(t, err)
	openAt(t, database.App, postgres.Options{})

	super := connect(t, database.Superuser)
	execute(t, super, "DELETE FROM schema_migrations")
	refused(t, database.App, "extraordinary migrate up")
	execute(t, super, "INSERT INTO schema_migrations VALUES (1, 'begin', 0), (9999, 'beyond', 0)")
	refused(t, database.App, "9999", "newer")
}

func TestWhoCannotMigrateIsToldWhy(t *testing.T) {
	t.Parallel()
	refusedToMigrate := func(url string, want ...string) {
		t.Helper()
		_, err := postgres.OpenMigrator(t.Context(), url, postgres.Options{Now: clock})
		require.ErrorIs(t, err, fault.Invalid)
		for _, part := range want {
			assert.Contains(t, fault.Of(err).Detail, part)
		}
	}
	refusedToMigrate(servertest.Postgres(t).App, "does not own the tables", "extraordinary_test_owner", "migrate_database_url")
	database := servertest.EmptyPostgres(t)
	name, login := role(t, database, "guest", "")
	refusedToMigrate(login, "may not make tables", `GRANT CREATE ON SCHEMA public TO "`+name+`";`)
}

func TestAServerThatCannotBeReachedIsNamed(t *testing.T) {
	t.Parallel()
	database := servertest.Postgres(t)
	at, err := url.Parse(database.App)
	require.NoError(t, err)
	change := func(fn func(*url.URL)) string {
		changed := *at
		fn(&changed)
		return changed.String()
	}
	refused(t, "postgres://hush@:::/", "postgres://USER:PASSWORD@HOST:5432/DATABASE")
	refused(t, change(func(u *url.URL) { u.Path = "/nowhere" }), `there is no database "nowhere"`, `CREATE DATABASE "nowhere";`)
	refused(t, change(func(u *url.URL) { u.User = url.UserPassword("nobody", "hush") }), "nobody", "correct the user and the password")

	_, err = postgres.Open(t.Context(), "postgres://nobody:hush@127.0.0.1:1/nowhere", postgres.Options{Now: clock})
	require.ErrorIs(t, err, fault.Unavailable)
	assert.Contains(t, fault.Of(err).Detail, "127.0.0.1:1")
	assert.NotContains(t, err.Error(), "hush")
}
