package statement_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/sqlstore/statement"
)

func TestValuesAreTakenOutOfTheText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		constant string
		values   []any
	}{
		`SELECT "id" FROM "users" WHERE (a = 'x') AND (b > 12) LIMIT 3`: {
			`SELECT "id" FROM "users" WHERE (a = ?) AND (b > ?) LIMIT ?`, []any{"x", int64(12), int64(3)},
		},
		`SELECT 'it''s', '''', ''`:                 {`SELECT ?, ?, ?`, []any{"it's", "'", ""}},
		`SELECT '?', '"', '-- /*', "it's"`:         {`SELECT ?, ?, ?, "it's"`, []any{"?", `"`, "-- /*"}},
		`SELECT a1, "2", -5, - -6`:                 {`SELECT a1, "2", -?, - -?`, []any{int64(5), int64(6)}},
		`SELECT 1.5, 2e3, 99999999999999999999, 7`: {`SELECT 1.5, 2e3, 99999999999999999999, ?`, []any{int64(7)}},
		`INSERT INTO t VALUES (NULL, TRUE, 'é')`:   {`INSERT INTO t VALUES (NULL, TRUE, ?)`, []any{"é"}},
	} {
		constant, values := statement.Split(text)
		assert.Equal(t, want.constant, constant)
		assert.Equal(t, want.values, values)
	}
}

func TestWhatIsNotPlainStaysWhole(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"BEGIN IMMEDIATE", "CREATE TABLE t (a TEXT DEFAULT 'x')", "PRAGMA busy_timeout = 5",
		`SELECT X'00'`, `SELECT 'open`, `SELECT "open`, `SELECT 1 -- it's`, `SELECT /* ' */ 1`, `SELECT ?`, `SELECT $$it's$$`, `SELECT E'\''`,
		"SELECT `a`", `SELECT [a]`, `SELECT .5`,
	} {
		constant, values := statement.Split(text)
		assert.Equal(t, text, constant)
		assert.Empty(t, values)
	}
}

func TestValuesAreNumberedForPostgres(t *testing.T) {
	t.Parallel()
	constant, values := statement.Numbered(`SELECT "a?" FROM t WHERE b = '$1 - ?' AND c IN (7, 'x-y') LIMIT 10`)
	assert.Equal(t, `SELECT "a?" FROM t WHERE b = $1 AND c IN ($2, $3) LIMIT $4`, constant)
	assert.Equal(t, []any{"$1 - ?", int64(7), "x-y", int64(10)}, values)

	for _, text := range []string{`SELECT - 5`, `SELECT a -> 'b'`, `SELECT a::text`, `BEGIN; SELECT 'x'`} {
		constant, values := statement.Numbered(text)
		assert.Equal(t, text, constant)
		assert.Empty(t, values)
	}
}

// join is the inverse of Split for text in which no other question mark stands.
func join(constant string, values []any) string {
	var b strings.Builder
	for _, v := range values {
		before, after, _ := strings.Cut(constant, "?")
		b.WriteString(before)
		if s, ok := v.(string); ok {
			b.WriteString("'" + strings.ReplaceAll(s, "'", "''") + "'")
		} else {
			fmt.Fprint(&b, v)
		}
		constant = after
	}
	return b.String() + constant
}

func FuzzSplitLosesNothing(f *testing.F) {
	for _, text := range []string{`SELECT 'it''s', 12, "a", X'00' FROM t`, `INSERT INTO t VALUES ('?', 007, 1.5)`, `SELECT '' '' - -1`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		constant, values := statement.Split(text)
		if strings.Contains(text, `?`) && strings.Contains(constant, `"`) {
			return // a name may hold a question mark, which join takes for a value's place
		}
		again, same := statement.Split(join(constant, values))
		require.Equal(t, constant, again)
		require.Equal(t, values, same)
	})
}
