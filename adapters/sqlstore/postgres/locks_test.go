package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/servertest"
	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/postgres"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// parsed reads JSON of ours.
func parsed(text string) *tree.Object {
	v, err := tree.Parse([]byte(text))
	if err != nil {
		panic(err)
	}
	return v.(*tree.Object)
}

// rows gives all rows of org, in all tables that know organisations.
func rows(t *testing.T, super *pgx.Conn, org organisation.ID) (all []string) {
	t.Helper()
	for _, table := range list(t, super, `SELECT relname::text FROM `+ours+` ORDER BY 1`) {
		found := list(t, super, fmt.Sprintf(`SELECT '%[1]s ' || r::text FROM %[1]s AS r WHERE organisation_id = '%[2]s' ORDER BY 1`, table, org))
		all = append(all, found...)
	}
	return all
}

// inhabited is a database with our own organisation in it, and the foreign one too if crowded.
func inhabited(t *testing.T, crowded bool) (servertest.Database, *pgx.Conn) {
	t.Helper()
	database := servertest.Postgres(t)
	store := openAt(t, database.App, postgres.Options{})
	settle(t, store, own)
	if crowded {
		settle(t, store, foreign)
	}
	return database, connect(t, database.Superuser)
}

// alone is what the calls say where nobody else is: there, whatever is named is nowhere.
func alone(t *testing.T) []string {
	t.Helper()
	database, _ := inhabited(t, false)
	return answers(t, openAt(t, database.App, postgres.Options{}), absent, func(call) {})
}

// unprotected switches row-level security off.
func unprotected(t *testing.T, super *pgx.Conn) {
	t.Helper()
	for _, table := range list(t, super, `SELECT relname::text FROM `+ours) {
		execute(t, super, "ALTER TABLE "+table+" DISABLE ROW LEVEL SECURITY")
	}
}

// holds does every call with what the foreign organisation has, and compares what is said with what is said where it is not.
func holds(t *testing.T, store *sqlstore.Store, super *pgx.Conn, watch func(call)) {
	t.Helper()
	before := rows(t, super, foreign.org)
	for _, table := range list(t, super, `SELECT relname::text FROM `+ours) {
		holdsOne := slices.ContainsFunc(before, func(row string) bool { return strings.HasPrefix(row, table+" ") })
		require.True(t, holdsOne, "%s holds nothing foreign: nothing is proved about it", table)
	}
	said := answers(t, store, foreign, func(c call) {
		watch(c)
		now := rows(t, super, foreign.org)
		assert.Equal(t, before, now, "%s changed what is another's", c.method)
		before = now
	})
	assert.Equal(t, alone(t), said)
}

func TestThePredicateAloneKeepsOrganisationsApart(t *testing.T) {
	t.Parallel()
	database, super := inhabited(t, true)
	store := openAt(t, database.App, postgres.Options{})
	unprotected(t, super)
	app := connect(t, database.App)
	require.Len(t, list(t, app, "SELECT id FROM users"), 2, "nothing but the predicate is in the way")
	holds(t, store, super, func(call) {})
}

func TestRowLevelSecurityAloneKeepsOrganisationsApart(t *testing.T) {
	t.Parallel()
	database, super := inhabited(t, true)
	r := newRewriter(t, database.App)
	store := openAt(t, r.url, postgres.Options{Connections: 1})
	r.sent()
	count, of := 0, map[string]int{}
	holds(t, store, super, func(c call) {
		rewritten, kept := r.sent()
		count += len(rewritten)
		of[c.method] += len(rewritten)
		for _, text := range kept {
			assert.False(t, wants(text), "%s asks for the rows of all: %s", c.method, text)
		}
		for _, text := range rewritten {
			assert.NotRegexp(t, looser, predicate.ReplaceAllString(text, ""), "%s names an organisation in a way that is not taken out", c.method)
		}
	})
	for _, c := range calls {
		if c.method != "Organisation.Add" { // has nothing to look for
			assert.Positive(t, of[c.method], "%s: no predicate was taken out", c.method)
		}
	}
	t.Logf("%d statements did without their predicate", count)
}

// Without both locks every method lets something through: so each of the two tests above would notice it.
func TestWithoutBothLocksNoMethodKeepsOrganisationsApart(t *testing.T) {
	t.Parallel()
	quiet, _ := inhabited(t, false)
	lonely := openAt(t, quiet.App, postgres.Options{Connections: 1})
	database, super := inhabited(t, false)
	plain := openAt(t, database.App, postgres.Options{Connections: 1})
	open := openAt(t, newRewriter(t, database.App).url, postgres.Options{Connections: 1})
	unprotected(t, super)
	everything := list(t, super, `SELECT relname::text FROM `+ours)
	leaks := map[string]bool{
		"Organisation.Add": true, // has nothing to look for
		"Credentials.Add":  true, // looks for the number of the last one
		"Extensions.Add":   true, // likewise
	}
	for _, c := range calls {
		if leaks[c.method] {
			continue
		}
		execute(t, super, "DELETE FROM "+strings.Join(everything, "; DELETE FROM "))
		settle(t, plain, foreign)
		settle(t, plain, own)
		before := rows(t, super, foreign.org)
		said := once(t, open.Within, c, foreign)
		leaks[c.method] = said != once(t, undone(lonely.Within), c, absent) || !slices.Equal(before, rows(t, super, foreign.org))
	}
	for method, leaks := range leaks {
		assert.True(t, leaks, "%s: what it is called with proves nothing", method)
	}
}

// undone is in, but nothing stays of what is done.
func undone(in unit) unit {
	return func(ctx context.Context, org organisation.ID, fn func(context.Context, ports.Tx) error) error {
		err := in(ctx, org, func(ctx context.Context, tx ports.Tx) error { return errors.Join(fn(ctx, tx), errEnough) })
		if errors.Is(err, errEnough) {
			return nil
		}
		return err
	}
}

func TestNobodyWritesRowsOfAnother(t *testing.T) {
	t.Parallel()
	database, super := inhabited(t, true)
	app := connect(t, database.App)
	for _, table := range list(t, super, `SELECT relname::text FROM `+ours) {
		for _, text := range []string{
			`INSERT INTO %[1]s (organisation_id) VALUES ('%[2]s')`,
			`UPDATE %[1]s SET organisation_id = '%[2]s'`,
		} {
			tx, err := app.Begin(t.Context())
			require.NoError(t, err)
			_, err = tx.Exec(t.Context(), "SELECT set_config('app.organisation_id', $1, true)", string(own.org))
			require.NoError(t, err)
			text = fmt.Sprintf(text, table, foreign.org)
			_, err = tx.Exec(t.Context(), text)
			var refused *pgconn.PgError
			require.ErrorAs(t, err, &refused, text)
			assert.Equal(t, "42501", refused.Code, "%s: %s", text, refused.Message)
			require.NoError(t, tx.Rollback(context.Background()))
		}
	}
}

func TestTheRegistryTellsNothingButWhereAnOrganisationIs(t *testing.T) {
	t.Parallel()
	database, _ := inhabited(t, true)
	registry := openAt(t, database.App, postgres.Options{}).Registry()
	id, err := registry.Find(t.Context(), foreign.word)
	require.NoError(t, err)
	assert.Equal(t, foreign.org, id)
	all, err := registry.All(t.Context())
	require.NoError(t, err)
	assert.ElementsMatch(t, []organisation.ID{own.org, foreign.org}, all)
}
