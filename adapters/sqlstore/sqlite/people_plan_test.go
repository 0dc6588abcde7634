package sqlite_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/ports"
)

func TestAPageOfAListIsReadInTheOrderOfAnIndex(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.grow(t, 1000, "{}")
	there := ports.Sheet{Limit: 10, After: &ports.Place{Value: "u5", ID: string(id(5))}}
	back := ports.Sheet{Limit: 10, Before: there.After}
	people := func(q ports.PeopleQuery) func(context.Context, ports.Tx) error {
		return func(ctx context.Context, tx ports.Tx) error { _, err := tx.People().List(ctx, q); return err }
	}
	journal := func(q ports.ActivityQuery) func(context.Context, ports.Tx) error {
		return func(ctx context.Context, tx ports.Tx) error { _, err := tx.Activity().Page(ctx, q); return err }
	}
	for name, c := range map[string]struct {
		ask   func(context.Context, ports.Tx) error
		index string
	}{
		"people by name":               {people(ports.PeopleQuery{Sheet: there}), "users_name_fold"},
		"people by name, backwards":    {people(ports.PeopleQuery{Sheet: back}), "users_name_fold"},
		"people by userName":           {people(ports.PeopleQuery{Order: ports.ByUserName, Down: true, Sheet: there}), "users_user_name_fold"},
		"people by the time they came": {people(ports.PeopleQuery{Order: ports.ByID, Down: true, Sheet: there}), "sqlite_autoindex_users_1"},
		"groups": {func(ctx context.Context, tx ports.Tx) error {
			_, err := tx.People().Groups(ctx, ports.GroupsQuery{Sheet: there})
			return err
		}, "groups_display_name_fold"},
		"what people did":   {journal(ports.ActivityQuery{ByPeople: true, Sheet: there}), "activity_people"},
		"what befell a man": {journal(ports.ActivityQuery{Subject: activity.Subject{Kind: "User", ID: "1"}, Sheet: there}), "activity_subject"},
	} {
		statements := w.during(func() { require.NoError(t, w.View(t.Context(), acme, c.ask)) })
		paged := 0
		for _, statement := range statements {
			if !strings.Contains(statement, "ORDER BY") {
				continue
			}
			paged++
			plan := w.plan(t, statement)
			assert.Contains(t, plan, c.index, "%s: %s", name, statement)
			assert.NotContains(t, plan, "TEMP B-TREE", "%s: %s", name, statement)
		}
		assert.Equal(t, 1, paged, name)
	}
}
