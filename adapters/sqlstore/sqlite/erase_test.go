package sqlite_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
	"github.com/extraordinary/provisioning/ports/portstest"
)

// mentions counts the rows that name org, by their tables: all of the file but SQLite's own.
func mentions(t *testing.T, db *sql.DB, org organisation.ID) map[string]int {
	t.Helper()
	found := map[string]int{}
	rows, err := db.Query(`SELECT m.name, group_concat('coalesce("' || c.name || '", '''')', '||') FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\' GROUP BY m.name`)
	require.NoError(t, err)
	defer rows.Close()
	texts := map[string]string{}
	for rows.Next() {
		var table, text string
		require.NoError(t, rows.Scan(&table, &text))
		texts[table] = text
	}
	require.NoError(t, rows.Err())
	for table, text := range texts {
		var n int
		require.NoError(t, db.QueryRow(`SELECT count(*) FROM "`+table+`" WHERE instr(`+text+`, ?) > 0`, string(org)).Scan(&n), table)
		found[table] = n
	}
	return found
}

func TestAnErasedOrganisationIsInNoTable(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.db")
	store := openFile(t, file, sqlite.Options{})
	db := raw(t, file)
	tokens := store.Tokens()
	put := func(org organisation.ID, text string) error {
		return tokens.Put(t.Context(), sha256.Sum256([]byte(text)), credential.Token{Organisation: org, ClientID: "client", Issued: clock(), Expires: clock().Add(time.Hour)})
	}
	for org, slug := range map[organisation.ID]string{acme: "acme", globex: "globex"} {
		portstest.Furnish(t, store, org, slug)
		require.NoError(t, put(org, slug))
		require.NoError(t, tokens.SetRateLimit(t.Context(), org, 5))
		require.NoError(t, tokens.RevokeAll(t.Context(), org, "another"))
		require.NoError(t, tokens.Block(t.Context(), org))
	}
	before, other := mentions(t, db, acme), mentions(t, db, globex)
	for table, n := range before {
		if table != "schema_migrations" {
			assert.Positive(t, n, "%s holds nothing of the organisation: nothing is proved about it", table)
		}
	}

	require.NoError(t, tokens.Forget(t.Context(), acme))
	require.NoError(t, put(acme, "granted meanwhile"))
	require.NoError(t, store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		_, err := tx.Organisation().Empty(ctx, 2)
		return err
	}))
	require.NoError(t, store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		_, err := tx.Organisation().Remove(ctx)
		return err
	}))
	require.ErrorIs(t, put(acme, "granted too late"), fault.Unauthorised)
	for table, n := range mentions(t, db, acme) {
		assert.Zero(t, n, table)
	}
	assert.Equal(t, other, mentions(t, db, globex), "the other's are all there")
}
