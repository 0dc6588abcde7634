package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// watched is a store whose statements are recorded, and the file behind it.
type watched struct {
	*sqlstore.Store
	recorder
	raw *sql.DB
}

func watch(t *testing.T) *watched {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.db")
	w := &watched{}
	w.Store = openFile(t, file, sqlite.Options{Hook: &w.recorder})
	w.raw = raw(t, file)
	return w
}

// scans gives the steps of a statement's plan that go through a whole table or index. The values in a JSON document
// are no table.
func (w *watched) scans(t *testing.T, statement string) (scans []string) {
	t.Helper()
	rows, err := w.raw.Query("EXPLAIN QUERY PLAN " + statement)
	require.NoError(t, err, statement)
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
		// These are what a recursive statement has found: a user's groups (members.Groups), or the groups in one.
		found := slices.Contains([]string{"SCAN h", "SCAN i", "SCAN inside"}, detail)
		if strings.HasPrefix(detail, "SCAN") && !found && !strings.Contains(detail, "VIRTUAL TABLE") && !strings.Contains(detail, "CONSTANT ROW") {
			scans = append(scans, detail)
		}
	}
	require.NoError(t, rows.Err())
	return scans
}

func plannable(statement string) bool {
	return slices.ContainsFunc([]string{"SELECT", "INSERT", "UPDATE", "DELETE"}, func(verb string) bool { return strings.HasPrefix(statement, verb) })
}

func TestMatchingNeverScans(t *testing.T) {
	t.Parallel()
	w := watch(t)
	for of, filters := range map[string][]string{
		"User": {
			`userName eq "ada@example.com"`,
			`externalId eq "0042"`,
			`displayName eq "Ada"`,
			`emails[type eq "work"].value eq "ada@example.com"`,
			`emails.value eq "ada@example.com"`,
			`emails eq "ada@example.com"`,
			`id eq "x" and manager eq "y"`,
			`manager eq "y" and id eq "x"`,
			`groups.value eq "x"`,
			`userName sw "ada"`,
			`userName eq "a" or userName eq "b"`,
		},
		"Group": {
			`displayName eq "Staff"`,
			`externalId eq "0042"`,
			`members eq "x"`,
			`members[value eq "x"]`,
			`id eq "g" and members eq "u"`,
			`members eq "u" and id eq "g"`,
		},
	} {
		for _, text := range filters {
			q := ports.Query{Filter: filter(t, of, text), Limit: 100}
			statements := w.during(func() {
				require.NoError(t, w.View(t.Context(), acme, func(ctx context.Context, tx ports.Tx) (err error) {
					for _, q := range []ports.Query{q, {Filter: q.Filter}} { // the page, and the count
						if of == "User" {
							_, err = tx.Users().Search(ctx, q)
						} else {
							_, err = tx.Groups().Search(ctx, q)
						}
						require.NoError(t, err)
					}
					return nil
				}))
			})
			for _, statement := range slices.DeleteFunc(statements, func(s string) bool { return !plannable(s) }) {
				assert.Empty(t, w.scans(t, statement), "%s: %s", text, statement)
			}
		}
	}
	assert.NotEmpty(t, w.scans(t, "SELECT * FROM users WHERE organisation_id = 'x' OR version = 1"), "a scan is seen")
}

func TestNoOtherStatementScans(t *testing.T) {
	t.Parallel()
	w := watch(t)
	statements := w.during(func() { everyMethod(t, w.Store) })
	seen := 0
	for _, statement := range statements {
		if plannable(statement) {
			seen++
			assert.Empty(t, w.scans(t, statement), statement)
		}
	}
	assert.Greater(t, seen, 40)
}

// everyMethod calls each method that names what it wants, as the search does not.
func everyMethod(t *testing.T, store *sqlstore.Store) {
	t.Helper()
	populate(t, store, acme, 3)
	org, err := organisation.New(acme, "acme", "Acme", "owner@example.com", clock())
	require.NoError(t, err)
	client := credential.Restore(credential.Snapshot{ClientID: "c", Organisation: acme, Name: "Entra", Created: clock(), Secrets: []credential.Secret{{KeyID: "k", Created: clock(), Expires: clock().Add(time.Hour)}}})
	require.NoError(t, store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		require.NoError(t, tx.Organisation().Add(ctx, org))
		require.NoError(t, tx.Organisation().Save(ctx, org))
		require.NoError(t, tx.Credentials().Add(ctx, client))
		require.NoError(t, tx.Credentials().Save(ctx, client))
		require.NoError(t, tx.Credentials().Used(ctx, "c", "k", clock()))
		_, err := tx.Credentials().Get(ctx, "c")
		require.NoError(t, err)
		u, err := tx.Users().Get(ctx, id(1))
		require.NoError(t, err)
		_, err = u.Replace(registry.Type("User"), person(t, 9).Attributes(), clock())
		require.NoError(t, err)
		require.NoError(t, tx.Users().Save(ctx, u))
		require.NoError(t, tx.Users().Delete(ctx, id(3)))
		g, err := tx.Groups().Get(ctx, id(0))
		require.NoError(t, err)
		g.MembersChanged(clock())
		require.NoError(t, tx.Groups().Save(ctx, g))
		_, err = tx.Members().Add(ctx, id(0), []directory.ID{id(1), id(2)})
		require.NoError(t, err)
		_, err = tx.Members().Add(ctx, id(0), []directory.ID{id(7)})
		require.ErrorIs(t, err, fault.Invalid)
		_, err = tx.Members().Groups(ctx, []directory.ID{id(1), id(2)})
		require.NoError(t, err)
		require.NoError(t, tx.Members().All(ctx, id(0), func(directory.Member) error { return nil }))
		_, err = tx.Members().Remove(ctx, id(0), []directory.ID{id(1)})
		require.NoError(t, err)
		_, err = tx.Members().Clear(ctx, id(0))
		require.NoError(t, err)
		for _, q := range []ports.Query{{}, {Limit: 2}, {Limit: 1, Offset: 1}} {
			_, err = tx.Users().Search(ctx, q)
			require.NoError(t, err)
		}
		return tx.Groups().Delete(ctx, id(0))
	}))
	_, err = store.Registry().Find(t.Context(), "acme")
	require.NoError(t, err)
	digest := credential.Digest{1}
	require.NoError(t, store.Tokens().Put(t.Context(), digest, credential.Token{Organisation: acme, ClientID: "c", Issued: clock(), Expires: clock().Add(time.Hour)}))
	_, err = store.Tokens().Get(t.Context(), digest, clock())
	require.NoError(t, err)
	require.NoError(t, store.Tokens().Revoke(t.Context(), digest))
	require.NoError(t, store.Tokens().RevokeAll(t.Context(), acme, "c"))
	require.NoError(t, store.Tokens().Block(t.Context(), acme))
	require.NoError(t, store.Tokens().Unblock(t.Context(), acme))
}

// grow makes the group with the id 0 as large as it is asked, behind the store's back and therefore fast. All its people
// are found by the same search document.
func (w *watched) grow(t *testing.T, people int, search string) {
	t.Helper()
	populate(t, w.Store, acme, 1)
	for _, statement := range []string{
		`INSERT INTO users SELECT organisation_id, printf('0190a000-0000-7000-8000-%%012x', n), 'u' || n, 'E' || n, NULL, NULL, '{}', '` + search + `', 1, created_at, modified_at, 'u' || n, NULL, NULL
FROM users, (WITH RECURSIVE c (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM c WHERE n < %d) SELECT n FROM c)`,
		`INSERT INTO memberships SELECT organisation_id, '` + string(id(0)) + `', id FROM users WHERE version = 1 LIMIT %d ON CONFLICT DO NOTHING`,
	} {
		_, err := w.raw.Exec(fmt.Sprintf(statement, people))
		require.NoError(t, err)
	}
	addition := person(t, people+1)
	require.NoError(t, w.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error { return tx.Users().Add(ctx, addition) }))
}

func TestAddingAMemberCostsTheSameInAGroupOfAnySize(t *testing.T) {
	t.Parallel()
	var counts []int
	for _, size := range []int{10, 100_000} {
		w := watch(t)
		w.grow(t, size, "{}")
		statements := w.during(func() {
			require.NoError(t, w.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
				g, err := tx.Groups().Get(ctx, id(0))
				require.NoError(t, err)
				added, err := tx.Members().Add(ctx, id(0), []directory.ID{id(size + 1)})
				require.NoError(t, err)
				assert.Len(t, added, 1)
				g.MembersChanged(clock())
				return tx.Groups().Save(ctx, g)
			}))
		})
		counts = append(counts, len(statements))
		for _, statement := range statements {
			if plannable(statement) {
				assert.Empty(t, w.scans(t, statement), statement)
			}
		}
		var members int
		require.NoError(t, w.raw.QueryRow("SELECT count(*) FROM memberships").Scan(&members))
		assert.Equal(t, size+1, members)
	}
	assert.Equal(t, counts[0], counts[1])
	assert.Equal(t, 7, counts[0], "begin, savepoint, read, add, save, release, commit")
}

func TestPagesAreFoundWithoutSkippingThoseBefore(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.grow(t, 1000, "{}")
	page := func(offset int) (statements []string) {
		return w.during(func() {
			require.NoError(t, w.View(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
				_, err := tx.Users().Search(ctx, ports.Query{Offset: offset, Limit: 100})
				return err
			}))
		})
	}
	for offset := 0; offset < 1000; offset += 100 {
		assert.NotContains(t, strings.Join(page(offset), "\n"), "OFFSET", "page after page")
	}
	assert.NotContains(t, strings.Join(page(900), "\n"), "OFFSET", "and again")
	assert.Contains(t, strings.Join(page(850), "\n"), "OFFSET 50", "from the nearest place that is known")
}

func TestASearchThatNoIndexHelpsEndsAfterTwoSeconds(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.grow(t, 3000, `{"emails":[`+strings.TrimSuffix(strings.Repeat(`{"value":"ada@example.com"},`, 50), ",")+`]}`)
	slow := filter(t, "User", strings.TrimSuffix(strings.Repeat(`emails co "nobody" or `, 50), " or "))
	search := func() error {
		return w.View(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
			_, err := tx.Users().Search(ctx, ports.Query{Filter: slow, Limit: 100})
			return err
		})
	}
	err := search()
	require.ErrorIs(t, err, fault.TooMany)
	assert.Contains(t, fault.Of(err).Detail, "userName")
	assert.Contains(t, fault.Of(err).Detail, "its filter or its sortBy", "either may be what costs the time")
	assert.Equal(t, 3001, total(t, w.Store), "the store works on")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = w.View(ctx, acme, func(ctx context.Context, tx ports.Tx) error {
		_, err := tx.Users().Search(ctx, ports.Query{Filter: slow, Limit: 100})
		return err
	})
	require.ErrorIs(t, err, context.Canceled, "what the caller ended is not too much")
}

func TestExpiredTokensAreSweptOnceAMinute(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.db")
	now := clock()
	store := openFile(t, file, sqlite.Options{Now: func() time.Time { return now }})
	register(t, store, acme, "acme")
	db := raw(t, file)
	n := byte(0)
	put := func(life time.Duration) (kept int) {
		n++
		require.NoError(t, store.Tokens().Put(t.Context(), credential.Digest{n}, credential.Token{Organisation: acme, ClientID: "c", Issued: now, Expires: now.Add(life)}))
		require.NoError(t, db.QueryRow("SELECT count(*) FROM tokens").Scan(&kept))
		return kept
	}
	assert.Equal(t, 1, put(time.Second))
	assert.Equal(t, 2, put(time.Hour))
	now = now.Add(59 * time.Second)
	assert.Equal(t, 3, put(time.Hour), "it is too early")
	now = now.Add(time.Second)
	assert.Equal(t, 3, put(time.Hour), "the first is gone")
}
