package sqlstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/directory"
)

type groupRow struct {
	bun.BaseModel `bun:"table:groups"`
	row
}

var groups = kind[*directory.Group]{
	table: "groups", taken: "display_name_fold", attribute: "displayName", holder: holdsGroup,
	searchable: searchable{
		columns: map[string]string{
			"id": "r.id", "externalId": "r.external_id", "displayName": "r.display_name_fold",
		},
		listed: map[string]string{
			"members.value": "r.id IN (SELECT m.group_id FROM memberships AS m WHERE m.organisation_id = ?0 AND m.user_id = ?1 " +
				"UNION ALL SELECT n.group_id FROM nestings AS n WHERE n.organisation_id = ?0 AND n.member_id = ?1)",
		},
		relations: map[string][]relation{"members": {{
			one: "EXISTS (SELECT 1 FROM (SELECT m.organisation_id, m.group_id, u.id, nullif(u.display_name_fold, '') AS display, CAST('user' AS TEXT) AS type " +
				"FROM memberships AS m JOIN users AS u ON u.organisation_id = m.organisation_id AND u.id = m.user_id " +
				"UNION ALL SELECT n.organisation_id, n.group_id, g.id, nullif(g.display_name_fold, ''), CAST('group' AS TEXT) " +
				"FROM nestings AS n JOIN groups AS g ON g.organisation_id = n.organisation_id AND g.id = n.member_id) AS m " +
				"WHERE m.organisation_id = ?0 AND m.group_id = r.id AND ?1)",
			columns: map[string]string{"value": "m.id", "display": "m.display", "type": "m.type"},
		}}},
	},
	restore: directory.RestoreGroup,
	row:     func(r row, _ directory.Snapshot) any { return &groupRow{row: r} },
	saving:  func(q *bun.UpdateQuery, _ any) *bun.UpdateQuery { return q },
	after:   func(context.Context, *unit, directory.Snapshot) error { return nil },
}
