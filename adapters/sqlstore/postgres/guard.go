package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/extraordinary/provisioning/domain/fault"
)

// oldest is the first version whose row-level security and sorting we rely upon.
const oldest = 15

// role is who is logged in, and where.
type role struct {
	Name              string
	Superuser, Bypass bool // row-level security does not hold it
	Server            bool // it is a member of extraordinary_app
	MayMakeApp        bool // extraordinary_app is there, or it may make it
	MayMakeTables     bool
	Migrated          bool
	Owner             string // of the tables
	Owns              bool
	Version           int
	Encoding          string
}

const askRole = `SELECT r.rolname AS name, r.rolsuper AS superuser, r.rolbypassrls AS bypass,
  EXISTS (SELECT FROM pg_roles AS a WHERE a.rolname = 'extraordinary_app' AND pg_has_role(a.oid, 'USAGE')) AS server,
  r.rolsuper OR r.rolcreaterole OR EXISTS (SELECT FROM pg_roles AS a WHERE a.rolname = 'extraordinary_app') AS may_make_app,
  coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_make_tables,
  t.relowner IS NOT NULL AS migrated, coalesce(pg_get_userbyid(t.relowner), '') AS owner, coalesce(pg_has_role(t.relowner, 'MEMBER'), false) AS owns,
  current_setting('server_version_num')::integer / 10000 AS version, current_setting('server_encoding') AS encoding
FROM pg_roles AS r LEFT JOIN pg_class AS t ON t.oid = to_regclass('registry')
WHERE r.rolname = current_user`

// ask gives who is logged in, and refuses a server that cannot be used at all.
func (d *database) ask(ctx context.Context) (r role, err error) {
	waiting, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	if err := d.db.NewRaw(askRole).Scan(waiting, &r); err != nil {
		return r, d.openingFault(ctx, err)
	}
	if r.Version < oldest {
		return r, refusal("this is Postgres %d; version %d or a newer one is needed", r.Version, oldest)
	}
	if r.Encoding != "UTF8" {
		return r, refusal("its encoding is %s, which cannot hold every name; make another: CREATE DATABASE provisioning TEMPLATE template0 ENCODING 'UTF8';", r.Encoding)
	}
	return r, nil
}

// another makes a role that may serve.
const another = "make one that may only serve, and name it in database_url: CREATE ROLE provisioning LOGIN PASSWORD '…' IN ROLE extraordinary_app;"

// guard refuses to serve where row-level security would not hold.
func (d *database) guard(ctx context.Context) error {
	r, err := d.ask(ctx)
	switch {
	case err != nil:
		return err
	case r.Superuser:
		return refusal("%s is a superuser, whom row-level security does not hold; %s", r.Name, another)
	case r.Bypass:
		return refusal("%s bypasses row-level security: ALTER ROLE %s NOBYPASSRLS; or %s", r.Name, quoted(r.Name), another)
	case !r.Migrated:
		return refusal("it has no tables yet; run `extraordinary migrate up` first")
	case r.Owns:
		return refusal("%s is or may become the owner of the tables (%s), who may switch row-level security off; %s", r.Name, r.Owner, another)
	case !r.Server:
		return refusal("%s is no member of extraordinary_app: GRANT extraordinary_app TO %s;", r.Name, quoted(r.Name))
	}
	return d.guardTables(ctx, r)
}

// table is one that holds what belongs to organisations.
type table struct {
	Name, Owner string
	Owned       bool // by the role or one that it may become
	Secured     bool // row-level security is on, for the owner too
	Policies    bool // it says something
	Active      bool // and it holds the role
}

const askTables = `SELECT t.relname AS name, pg_get_userbyid(t.relowner) AS owner, pg_has_role(t.relowner, 'MEMBER') AS owned,
  t.relrowsecurity AND t.relforcerowsecurity AS secured, row_security_active(t.oid) AS active,
  EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = t.oid) AS policies
FROM pg_class AS t
WHERE t.relkind IN ('r', 'p') AND t.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('registry'))
  AND EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = t.oid AND a.attname = 'organisation_id' AND NOT a.attisdropped)
ORDER BY t.relname`

func (d *database) guardTables(ctx context.Context, r role) error {
	var tables []table
	if err := d.db.NewRaw(askTables).Scan(ctx, &tables); err != nil {
		return d.openingFault(ctx, err)
	}
	for _, t := range tables {
		name := quoted(t.Name)
		switch {
		case t.Owned:
			return refusal("%s is or may become the owner of table %s (%s), who may switch row-level security off; %s", r.Name, t.Name, t.Owner, another)
		case !t.Secured:
			return refusal("table %s is not protected by row-level security: ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;", t.Name, name)
		case !t.Policies:
			return refusal("table %s has no policy: CREATE POLICY own ON %s USING (organisation_id = current_setting('app.organisation_id')::uuid);", t.Name, name)
		case !t.Active:
			return refusal("row-level security of table %s does not hold %s; %s", t.Name, r.Name, another)
		}
	}
	return nil
}

// mayMigrate refuses who could not make the tables or the role, before anything is begun.
func (d *database) mayMigrate(ctx context.Context) error {
	r, err := d.ask(ctx)
	switch {
	case err != nil:
		return err
	case r.Migrated && !r.Owns:
		return refusal("%s does not own the tables; name their owner (%s) in migrate_database_url", r.Name, r.Owner)
	case !r.MayMakeTables:
		return refusal("%s may not make tables; name the owner in migrate_database_url, or: GRANT CREATE ON SCHEMA public TO %s;", r.Name, quoted(r.Name))
	case !r.MayMakeApp:
		return refusal("%s may not make the role extraordinary_app: ALTER ROLE %s CREATEROLE;", r.Name, quoted(r.Name))
	}
	return nil
}

// openingFault says what to do about a server that cannot be reached, or lets us not in.
func (d *database) openingFault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	at := fmt.Sprintf("%s:%d", d.config.Host, d.config.Port)
	switch code := code(err); {
	case code == "3D000":
		return refusal("there is no database %q at %s: CREATE DATABASE %s;", d.config.Database, at, quoted(d.config.Database))
	case len(code) == 5 && code[:2] == "28":
		return refusal("Postgres at %s does not let %q in; correct the user and the password in the URL", at, d.config.User)
	case code == "" && lost(err):
		return fault.New(fault.Unavailable, "no Postgres answers at %s; start it, or correct the URL", at).At("database")
	}
	return d.Fault(err)
}

func refusal(format string, args ...any) error {
	return fault.New(fault.Invalid, format, args...).At("database")
}

func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }
