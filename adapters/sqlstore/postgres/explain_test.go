package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/adapters/servertest"
	"github.com/extraordinary/provisioning/adapters/sqlstore/postgres"
	"github.com/extraordinary/provisioning/adapters/sqlstore/statement"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/ports"
)

// town makes ten organisations: acme has 100,000 users, and 1,000 groups that each user is in one of, the others have
// 1,000 users each. Users are named user1 to user100000.
const town = `
CREATE TEMP TABLE people AS SELECT o.organisation_id, n, '0190a000-0000-7000-8000-' || lpad(to_hex(n), 12, '0') AS id, 'user' || n AS name
FROM (SELECT '0190a000-0000-7000-8000-00000000ac3e'::uuid AS organisation_id, 100000 AS size UNION ALL SELECT gen_random_uuid(), 1000 FROM generate_series(2, 10)) AS o,
  generate_series(1, o.size) AS n;
INSERT INTO users SELECT organisation_id, id, name || '@example.com', 'E' || n, name, name,
  '{"userName":"' || name || '@example.com"}', jsonb_build_object('username', name || '@example.com', 'title', 'title ' || n, 'filler', repeat('x', 500),
    'emails', jsonb_build_array(jsonb_build_object('type', 'work', 'value', name || '@example.com'))), 1, n, n FROM people;
INSERT INTO user_emails SELECT organisation_id, name || '@example.com', id FROM people;
INSERT INTO groups SELECT organisation_id, id, 'E' || n, 'Group ' || n, 'group ' || n, '{}', '{}', 1, n, n FROM people WHERE n <= 1000;
INSERT INTO memberships SELECT p.organisation_id, g.id, p.id FROM people AS p JOIN people AS g ON g.organisation_id = p.organisation_id AND g.n = p.n % 1000 + 1;
`

// populate fills a database and lets Postgres learn about it, as it does by itself in time.
func populate(t testing.TB, database servertest.Database, script string) {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), database.Superuser)
	require.NoError(t, err)
	defer connection.Close(context.Background())
	_, err = connection.Exec(t.Context(), script)
	require.NoError(t, err)
	_, err = connection.Exec(t.Context(), "VACUUM ANALYZE")
	require.NoError(t, err)
}

// texts keeps what a store asks.
type texts struct {
	mu    sync.Mutex
	asked []string
}

func (h *texts) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (h *texts) AfterQuery(_ context.Context, event *bun.QueryEvent) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if strings.HasPrefix(event.Query, "SELECT") {
		h.asked = append(h.asked, event.Query)
	}
}

// of gives the statements of fn.
func (h *texts) of(fn func()) []string {
	h.asked = nil
	fn()
	return slices.Clone(h.asked)
}

// explained is a plan that was run.
type explained struct {
	Blocks int `json:"Shared Hit Blocks"`
	Read   int `json:"Shared Read Blocks"`
}

// blocks runs text as a member of extraordinary_app and counts the blocks that are looked at: what is found by an index
// needs some few, a scan of 100,000 users thousands. Once planned for its values, and once for any, as Postgres may do
// with a statement that comes again.
func blocks(t *testing.T, connection *pgx.Conn, text string, plans string) (touched int, plan string) {
	t.Helper()
	tx, err := connection.Begin(t.Context())
	require.NoError(t, err)
	defer tx.Rollback(context.Background())
	for _, s := range []string{"SET LOCAL plan_cache_mode = " + plans, "SELECT set_config('app.organisation_id', '" + string(acme) + "', true)"} {
		_, err := tx.Exec(t.Context(), s)
		require.NoError(t, err)
	}
	constant, values := statement.Numbered(text)
	_, err = tx.Exec(t.Context(), "PREPARE s AS "+constant)
	require.NoError(t, err)
	defer connection.Exec(context.Background(), "DEALLOCATE s")
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = "'" + strings.ReplaceAll(fmt.Sprint(v), "'", "''") + "'"
	}
	execute := "EXECUTE s"
	if len(list) > 0 {
		execute += "(" + strings.Join(list, ", ") + ")"
	}
	var result []byte
	require.NoError(t, tx.QueryRow(t.Context(), "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "+execute).Scan(&result))
	var plansRun []struct{ Plan explained }
	require.NoError(t, json.Unmarshal(result, &plansRun))
	return plansRun[0].Plan.Blocks + plansRun[0].Plan.Read, string(result)
}

func TestMatchingNeverScans(t *testing.T) {
	t.Parallel()
	database := servertest.Postgres(t)
	populate(t, database, town)
	hook := &texts{}
	store := openAt(t, database.App, postgres.Options{Hook: hook})
	connection, err := pgx.Connect(t.Context(), database.App)
	require.NoError(t, err)
	defer connection.Close(context.Background())

	const one = "0190a000-0000-7000-8000-000000000007"
	for _, search := range []struct{ of, filter string }{
		{"User", `userName eq "user7@example.com"`},
		{"User", `userName eq "nobody@example.com"`},
		{"User", `externalId eq "E7"`},
		{"User", `externalId eq "nobody"`},
		{"User", `emails[type eq "work"].value eq "user7@example.com"`},
		{"User", `emails.value eq "user7@example.com"`},
		{"User", `displayName eq "user7"`},
		{"User", `id eq "` + one + `"`},
		{"User", `userName sw "user77777"`},
		{"User", `userName eq "user7@example.com" or externalId eq "E8"`},
		{"User", `externalId eq "E7" and title co "7"`},
		{"User", `id eq "` + one + `" and groups.value eq "0190a000-0000-7000-8000-000000000008"`},
		{"Group", `displayName eq "group 7"`},
		{"Group", `externalId eq "E7"`},
		{"Group", `members eq "` + one + `"`},
		{"Group", `id eq "0190a000-0000-7000-8000-000000000008" and members eq "` + one + `"`},
	} {
		found := 0
		asked := hook.of(func() {
			require.NoError(t, store.View(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
				page, err := searching(tx, search.of)(ctx, ports.Query{Filter: bound(t, search.of, search.filter), Limit: 100})
				found = page.Total
				return err
			}))
		})
		assert.Equal(t, strings.Contains(search.filter, "nobody"), found == 0, search.filter)
		require.NotEmpty(t, asked)
		for _, text := range asked {
			for _, plans := range []string{"force_custom_plan", "force_generic_plan"} {
				touched, plan := blocks(t, connection, text, plans)
				assert.LessOrEqual(t, touched, 30, "%s, %s: %s\n%s", search.filter, plans, text, plan)
			}
		}
	}
}

func searching(tx ports.Tx, of string) func(context.Context, ports.Query) (ports.Page, error) {
	if of == "User" {
		return tx.Users().Search
	}
	return tx.Groups().Search
}

func bound(t testing.TB, of, text string) scim.Bound {
	t.Helper()
	f, err := scim.Parse(text)
	require.NoError(t, err)
	b, err := scim.Bind(f, schema.Core().Type(of), schema.Core())
	require.NoError(t, err)
	return b
}
