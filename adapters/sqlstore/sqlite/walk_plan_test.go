package sqlite_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/ports"
)

// TestAPageOfAWalkBeginsInTheIndex holds that a page costs the same wherever it is, in each order that an index has: the
// index is entered at the position, and nothing is sorted.
func TestAPageOfAWalkBeginsInTheIndex(t *testing.T) {
	t.Parallel()
	w := watch(t)
	for _, place := range []struct {
		by     string
		key    any // of the last user of the page before; nil: it has none
		enters string
	}{
		{"userName", "m", "user_name_fold"},
		{"externalId", "m", "external_id"},
		{"externalId", nil, "id"},
		{"displayName", "m", "display_name_fold"},
		{"displayName", nil, "id"},
	} {
		for direction, sign := range map[string]string{"ascending": ">", "descending": "<"} {
			order, err := scim.ParseOrder(registry.Type("User"), place.by, direction)
			require.NoError(t, err)
			statements := selectsOf(w.during(func() {
				require.NoError(t, w.View(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
					_, err := tx.Users().Search(ctx, ports.Query{Order: order, Limit: 100, After: &scim.Position{Key: place.key, ID: string(id(7))}})
					return err
				}))
			}))
			require.NotEmpty(t, statements)
			assert.Contains(t, w.plan(t, statements[0]), " AND "+place.enters+sign, statements[0])
			for _, statement := range statements {
				plan := w.plan(t, statement)
				assert.NotContains(t, plan, "TEMP B-TREE", statement)
				assert.NotContains(t, plan, "SCAN", statement)
			}
		}
	}
}

// selectsOf gives those statements that read users.
func selectsOf(statements []string) (reads []string) {
	for _, s := range statements {
		if strings.HasPrefix(s, "SELECT") && strings.Contains(s, `"users" AS r`) {
			reads = append(reads, s)
		}
	}
	return reads
}

// plan gives the steps of a statement.
func (w *watched) plan(t *testing.T, statement string) string {
	t.Helper()
	rows, err := w.raw.Query("EXPLAIN QUERY PLAN " + statement)
	require.NoError(t, err, statement)
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
		steps = append(steps, detail)
	}
	require.NoError(t, rows.Err())
	return strings.Join(steps, "\n")
}
