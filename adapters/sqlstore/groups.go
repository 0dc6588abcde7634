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
	table: "groups", taken: "display_name_fold", attribute: "displayName",
	searchable: searchable{
		columns: map[string]string{
			"id": "r.id", "externalId": "r.external_id", "displayName": "r.display_name_fold",
		},
		listed: map[string]string{
			"members.value": "r.id IN (SELECT m.group_id FROM memberships AS m WHERE m.organisation_id = ? AND m.user_id = ?)",
		},
		relations: map[string]relation{"members": {
			from:    "memberships AS m JOIN users AS o ON o.organisation_id = m.organisation_id AND o.id = m.user_id",
			own:     "m.group_id",
			columns: map[string]string{"value": "m.user_id", "display": "nullif(o.display_name_fold, '')", "type": "CAST('user' AS TEXT)"},
		}},
	},
	restore: directory.RestoreGroup,
	row:     func(r row, _ directory.Snapshot) any { return &groupRow{row: r} },
	after:   func(context.Context, *unit, directory.Snapshot) error { return nil },
}
