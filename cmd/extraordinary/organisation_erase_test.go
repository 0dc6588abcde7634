package main

import (
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/servertest"
)

func TestAnErasedOrganisationIsNowhere(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	erases(t, in(folder), func() string {
		db := openTables(t, "sqlite", filepath.Join(folder, databaseFile))
		return db.text(t, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
	})
}

func TestAnErasedOrganisationIsNowhereInPostgresAndRedis(t *testing.T) {
	t.Parallel()
	database, redisURL := servertest.Postgres(t), servertest.Redis(t)
	erases(t, keptIn(database, redisURL), func() string {
		db := openTables(t, "pgx", database.Superuser)
		return db.text(t, "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace") + redisText(t, redisURL)
	})
}

// erases erases an organisation beside a running server. stored gives all that the stores hold, as text.
func erases(t *testing.T, settings []string, stored func() string) {
	t.Helper()
	server := start(t, freeAddress(t), append([]string{"serve"}, settings...)...)
	c, other := customer(t, settings, server.url, "takahe"), customer(t, settings, server.url, "weka")
	for _, each := range []client{c, other} {
		_, user, err := each.ask(http.MethodPost, "/Users", personNamed("mia@example.com"))
		require.NoError(t, err)
		status, answer, err := each.ask(http.MethodPost, "/Groups", `{"displayName":"Staff","members":[{"value":"`+idIn(t, user)+`"}]}`)
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, status, answer)
	}
	must(t, append([]string{"organisation", "limit", "takahe", "--rate", "50"}, settings...)...)
	doomed := parsed(t, must(t, append([]string{"credential", "create", "--organisation", "takahe", "--name", "Old", "--output", "json"}, settings...)...))
	must(t, append([]string{"credential", "revoke", "--client-id", doomed["client_id"]}, settings...)...)

	var erased certificate
	decode(t, must(t, append([]string{"organisation", "erase", "takahe", "--confirm", "takahe", "--output", "json"}, settings...)...), &erased)
	assert.Equal(t, "takahe", erased.Slug)
	assert.Equal(t, "Kererū", erased.Name)
	assert.WithinDuration(t, time.Now(), erased.Erased, time.Minute)
	// The provisioning log is written beside: it has what came in time.
	logged := erased.Counts["exchanges"] + erased.Counts["connections"]
	delete(erased.Counts, "exchanges")
	delete(erased.Counts, "connections")
	// Of the journal: the organisation made, its owner let in, it limited and suspended, two credentials made and one revoked, the user, the group.
	assert.Equal(t, map[string]int{
		"registry": 1, "organisations": 1, "credentials": 2, "secrets": 2, "users": 1, "user_emails": 0, "groups": 1, "memberships": 1, "nestings": 0, "id_health": 0, "judgements": 0, "exports": 0, "export_parts": 0, "unique_values": 0, "extensions": 0, "sessions": 0, "links": 1, "sign_ins": 1, "staff": 1, "mails": 0, "mails_due": 0, "activity": 9,
	}, erased.Counts)
	assert.Equal(t, 21+logged, erased.Rows)

	status, _, err := c.ask(http.MethodGet, "/Users", "")
	require.NoError(t, err)
	assert.Equal(t, http.StatusUnauthorized, status, "its token")
	assert.Equal(t, http.StatusUnauthorized, c.fetch(t, "127.0.0.1", c.credential["client_secret"]).StatusCode, "its credential")
	text := stored()
	for what, name := range map[string]string{"its id": erased.ID, "its slug": "takahe", "its client": c.credential["client_id"], "its revoked client": doomed["client_id"]} {
		assert.NotContains(t, text, name, what)
	}
	assert.Contains(t, text, other.credential["client_id"], "what was looked at is not empty")

	again := customer(t, settings, server.url, "takahe")
	_, answer, err := again.ask(http.MethodGet, "/Users", "")
	require.NoError(t, err)
	assert.Contains(t, answer, `"totalResults":0`)
	_, answer, err = other.ask(http.MethodGet, "/Users", "")
	require.NoError(t, err)
	assert.Contains(t, answer, `"totalResults":1`, "the other's are there")
}

// text gives all rows of the tables that a query names.
func (s tables) text(t *testing.T, names string) string {
	t.Helper()
	var all []string
	s.each(t, names, func(column []string) { all = append(all, column[0]) })
	require.Greater(t, len(all), 8)
	var text strings.Builder
	for _, table := range all {
		s.write(t, &text, table)
	}
	return text.String()
}

func (s tables) write(t *testing.T, w io.Writer, table string) {
	t.Helper()
	rows, err := s.QueryContext(t.Context(), `SELECT * FROM "`+table+`"`)
	require.NoError(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		require.NoError(t, rows.Scan(into...))
		fmt.Fprintln(w, values)
	}
	require.NoError(t, rows.Err())
}

// redisText gives all keys and values.
func redisText(t *testing.T, url string) string {
	t.Helper()
	options, err := redis.ParseURL(url)
	require.NoError(t, err)
	db := redis.NewClient(options)
	defer db.Close()
	keys, err := db.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	require.NotEmpty(t, keys)
	var text strings.Builder
	for _, key := range keys {
		kind, err := db.Type(t.Context(), key).Result()
		require.NoError(t, err)
		if kind == "none" {
			continue // a bucket that became full meanwhile
		}
		if kind == "hash" {
			fmt.Fprintln(&text, key, db.HGetAll(t.Context(), key).Val())
			continue
		}
		require.Equal(t, "string", kind)
		fmt.Fprintln(&text, key, db.Get(t.Context(), key).Val())
	}
	return text.String()
}

func TestAnErasureIsConfirmedByTheSlug(t *testing.T) {
	t.Parallel()
	d := withAcme(t)
	typed := func(text string) (code int, out string) {
		c := exec.Command(os.Args[0], "organisation", "erase", "acme")
		c.Env = []string{"EXTRAORDINARY_TEST_BE_THE_PROGRAM=1", "EXTRAORDINARY_DATA_DIR=" + d.folder}
		c.Stdin = strings.NewReader(text)
		said, _ := c.CombinedOutput()
		return c.ProcessState.ExitCode(), string(said)
	}
	for _, wrong := range []string{"", "\n", "yes\n", "Acme\n", "acme2\n"} {
		code, out := typed(wrong)
		assert.Equal(t, 2, code, "%q: %s", wrong, out)
		assert.Equal(t, "extraordinary: nothing was erased: to erase Acme, type its slug again or give --confirm acme\n", out)
		assert.Equal(t, "active", d.object(t, "organisation", "list")["organisations"].([]any)[0].(map[string]any)["status"])
	}
	code, out := typed("acme\n")
	assert.Zero(t, code, out)
	assert.Regexp(t, `(?s)^Acme \(slug acme, id .*was erased on .*\n +3  activity\n.*1  organisations\n.* 8  rows in all\n$`, out)
	assert.Empty(t, d.object(t, "organisation", "list")["organisations"])
}
