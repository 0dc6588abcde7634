package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/servertest"
)

func connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = connection.Close(context.Background()) })
	return connection
}

// list gives the rows of a query, each as one text.
func list(t testing.TB, connection *pgx.Conn, query string) []string {
	t.Helper()
	rows, err := connection.Query(t.Context(), query)
	require.NoError(t, err)
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return found
}

func execute(t testing.TB, connection *pgx.Conn, statements ...string) {
	t.Helper()
	for _, s := range statements {
		_, err := connection.Exec(t.Context(), s)
		require.NoError(t, err, s)
	}
}

// ours are the tables that hold what belongs to organisations.
const ours = `(SELECT c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
  WHERE c.relkind IN ('r', 'p') AND a.attname = 'organisation_id') AS o`

func TestTheCatalogueKeepsOrganisationsApart(t *testing.T) {
	t.Parallel()
	connection := connect(t, servertest.Postgres(t).Superuser)
	for rule, broken := range map[string]struct {
		query string
		but   []string
	}{
		"each table says which organisation a row is of": {
			query: `SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND oid NOT IN (SELECT o.oid FROM ` + ours + `)`,
			but:   []string{"schema_migrations"},
		},
		"each row is of one": {
			query: `SELECT c.relname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid WHERE c.relkind IN ('r', 'p') AND a.attname = 'organisation_id' AND NOT a.attnotnull`,
		},
		"row-level security is on, for the owner too": {
			query: `SELECT relname FROM ` + ours + ` WHERE NOT (relrowsecurity AND relforcerowsecurity)`,
		},
		"each key, index and uniqueness begins with the organisation": {
			query: `SELECT i.indexrelid::regclass::text FROM pg_index AS i JOIN ` + ours + ` ON o.oid = i.indrelid
				JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE a.attname <> 'organisation_id'`,
			but: []string{"registry_slug", "mails_due_at", "sign_ins_route"}, // who is looked for by slug, or by what is due, is not known yet
		},
		"each reference is within an organisation": {
			query: `SELECT k.conname FROM pg_constraint AS k WHERE k.contype = 'f' AND NOT EXISTS (
				SELECT FROM pg_attribute AS a, pg_attribute AS b WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1] AND b.attrelid = k.confrelid AND b.attnum = k.confkey[1]
				AND a.attname = 'organisation_id' AND b.attname = 'organisation_id')`,
		},
		"text that is looked up sorts by its bytes": {
			query: `SELECT i.indexrelid::regclass::text || '.' || a.attname FROM pg_index AS i JOIN ` + ours + ` ON o.oid = i.indrelid
				JOIN pg_attribute AS a ON a.attrelid = i.indexrelid WHERE a.attcollation NOT IN (0, '"C"'::regcollation)`,
		},
		"what is filtered upon sorts by its bytes": {
			query: `SELECT o.relname || '.' || a.attname FROM ` + ours + ` JOIN pg_attribute AS a ON a.attrelid = o.oid
				WHERE (a.attname LIKE '%\_fold' OR a.attname LIKE '%id') AND a.attcollation NOT IN (0, '"C"'::regcollation)`,
			but: []string{"activity.actor_id"}, // is only shown
		},
		"each policy asks for the organisation, and fails where none was set": {
			query: `SELECT p.polrelid::regclass::text || '.' || p.polname FROM pg_policy AS p WHERE NOT polpermissive OR polroles <> '{0}'
				OR coalesce(pg_get_expr(polqual, polrelid), '') NOT IN ('', '(organisation_id = (current_setting(''app.organisation_id''::text))::uuid)')
				OR coalesce(pg_get_expr(polwithcheck, polrelid), '') NOT IN ('', '(organisation_id = (current_setting(''app.organisation_id''::text))::uuid)')`,
			but: []string{"registry.route", "mails_due.route", "sign_ins.route"}, // they tell where an organisation is before one is known
		},
		"each table has one policy for all": {
			query: `SELECT relname FROM ` + ours + ` WHERE (SELECT string_agg(polcmd::text, '') FROM pg_policy WHERE polrelid = o.oid) <> '*'`,
			but:   []string{"registry", "mails_due", "sign_ins"},
		},
		"no table is a part of another, whose security would not be asked": {
			query: `SELECT inhrelid::regclass::text FROM pg_inherits AS h JOIN ` + ours + ` ON o.oid = h.inhrelid`,
		},
		"nothing looks at tables with the rights of another": {
			query: `SELECT c.relname FROM pg_class AS c WHERE c.relkind IN ('v', 'm') AND c.relnamespace = 'public'::regnamespace
				UNION ALL SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace`,
		},
		"who serves may read and write rows, and nothing else": {
			query: `SELECT DISTINCT c.relname || ' ' || g.privilege_type FROM pg_class AS c, aclexplode(c.relacl) AS g
				WHERE c.relnamespace = 'public'::regnamespace AND g.grantee <> c.relowner
				AND NOT (pg_get_userbyid(g.grantee) = 'extraordinary_app' AND g.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE') AND NOT g.is_grantable)`,
		},
		"who serves never rewrites the journal, nor routes": {
			query: `SELECT c.relname FROM pg_class AS c, aclexplode(c.relacl) AS g
				WHERE c.relname IN ('activity', 'registry', 'schema_migrations') AND pg_get_userbyid(g.grantee) = 'extraordinary_app' AND g.privilege_type = 'UPDATE'`,
		},
		"a member of extraordinary_app is nobody special": {
			query: `SELECT rolname FROM pg_roles WHERE rolname = 'extraordinary_app' AND (rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)`,
		},
	} {
		assert.ElementsMatch(t, broken.but, list(t, connection, broken.query), rule)
	}
}
