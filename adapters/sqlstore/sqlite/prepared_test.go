package sqlite

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
)

func TestValuesReachTheDatabaseAsTheyAre(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, value := range []string{"", "'", "''", `"`, `\`, "?", "$1", "--", "/*", "é😀", "X'00'", "NULL", "1", strings.Repeat("'x", 5000)} {
		var got, kind string
		require.NoError(t, d.db.NewRaw("SELECT ?, typeof(?)", value, value).Scan(t.Context(), &got, &kind))
		assert.Equal(t, value, got)
		assert.Equal(t, "text", kind)
	}
	for _, value := range []int64{0, -1, 9223372036854775807, -9223372036854775808} {
		var got int64
		require.NoError(t, d.db.NewRaw("SELECT ?", value).Scan(t.Context(), &got))
		assert.Equal(t, value, got)
	}
	assert.Error(t, d.db.NewRaw("SELECT ?", "a\x00b").Scan(t.Context(), new(string)), "bun refuses NUL")
}

// prepared gives the statements that c keeps.
func keptBy(t *testing.T, c bun.Conn) (texts []string) {
	t.Helper()
	require.NoError(t, c.Raw(func(driver any) error {
		for text := range driver.(*conn).prepared {
			texts = append(texts, text)
		}
		return nil
	}))
	return texts
}

func TestAStatementIsPreparedOnceWhateverItsValues(t *testing.T) {
	t.Parallel()
	c, err := newDesk(t).db.Conn(t.Context())
	require.NoError(t, err)
	defer c.Close()
	for n := range 10 {
		_, err := c.NewRaw("INSERT INTO t VALUES (?, NULL)", n).Exec(t.Context())
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"INSERT INTO t VALUES (?, NULL)"}, keptBy(t, c))

	for n := range 3 * mostPrepared {
		_, err := c.NewRaw("SELECT n FROM t WHERE n IN (?)", bun.List(make([]int, n+1))).Exec(t.Context())
		require.NoError(t, err)
	}
	assert.LessOrEqual(t, len(keptBy(t, c)), mostPrepared)
}

func TestTheSameStatementMayRunWithinItself(t *testing.T) {
	t.Parallel()
	c, err := newDesk(t).db.Conn(t.Context())
	require.NoError(t, err)
	defer c.Close()
	for n := range 3 {
		require.NoError(t, insert(n)(t.Context(), c))
	}
	pairs := 0
	each := func(fn func(n int)) {
		rows, err := c.QueryContext(t.Context(), "SELECT n FROM t WHERE n >= ?", 0)
		require.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
			var n int
			require.NoError(t, rows.Scan(&n))
			fn(n)
		}
		require.NoError(t, rows.Err())
	}
	each(func(int) { each(func(int) { pairs++ }) })
	assert.Equal(t, 9, pairs)
	each(func(int) { pairs++ })
	assert.Equal(t, 12, pairs)
}

func TestOnlyASearchWithADeadlineIsInterrupted(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	endless := "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c"
	ctx, cancel := context.WithTimeout(t.Context(), 1)
	defer cancel()
	err := d.do(t.Context(), func(_ context.Context, tx bun.IDB) error {
		require.NoError(t, insert(1)(t.Context(), tx))
		var n int
		require.ErrorIs(t, tx.NewRaw("SELECT (?)", bun.Safe(endless)).Scan(ctx, &n), context.DeadlineExceeded)
		return insert(2)(t.Context(), tx)
	})
	require.NoError(t, err, "what others do in the transaction stays")
	assert.Equal(t, []int{1, 2}, d.rows(t))

	ended, end := context.WithCancel(t.Context())
	err = d.do(t.Context(), func(_ context.Context, tx bun.IDB) error {
		end()
		_, err := tx.ExecContext(context.WithoutCancel(ended), fmt.Sprintf("INSERT INTO t VALUES (3, %s)", "NULL"))
		return err
	})
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2, 3}, d.rows(t))
}
