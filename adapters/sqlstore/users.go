package sqlstore

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/tree"
)

type userRow struct {
	bun.BaseModel `bun:"table:users"`
	row
	UserNameFold string
}

var users = kind[*directory.User]{
	table: "users", taken: "user_name_fold", attribute: "userName",
	searchable: searchable{
		columns: map[string]string{
			"id": "r.id", "userName": "r.user_name_fold", "externalId": "r.external_id", "displayName": "r.display_name_fold",
		},
		listed: map[string]string{
			"emails.value": "r.id IN (SELECT e.user_id FROM user_emails AS e WHERE e.organisation_id = ? AND e.value_fold = ?)",
			"groups.value": "r.id IN (SELECT m.user_id FROM memberships AS m WHERE m.organisation_id = ? AND m.group_id = ?)",
		},
		relations: map[string]relation{"groups": {
			from:    "memberships AS m JOIN groups AS o ON o.organisation_id = m.organisation_id AND o.id = m.group_id",
			own:     "m.user_id",
			columns: map[string]string{"value": "m.group_id", "display": "nullif(o.display_name_fold, '')", "type": "CAST('direct' AS TEXT)"},
		}},
	},
	restore: directory.RestoreUser,
	row: func(r row, s directory.Snapshot) any {
		return &userRow{row: r, UserNameFold: orEmpty(text(s.Search, "userName"))}
	},
	after: saveEmails,
}

type emailRow struct {
	bun.BaseModel  `bun:"table:user_emails"`
	OrganisationID string `bun:",pk"`
	ValueFold      string `bun:",pk"`
	UserID         string `bun:",pk"`
}

// saveEmails keeps the addresses of a user where an index finds them.
func saveEmails(ctx context.Context, u *unit, s directory.Snapshot) error {
	if s.Stored > 0 {
		if before, known := u.read[s.ID]; known && tree.Equal(before.attributes.Get("emails"), s.Attributes.Get("emails")) {
			return nil
		}
		if _, err := u.NewDelete().Model((*emailRow)(nil)).Where("organisation_id = ?", u.org).Where("user_id = ?", s.ID).Exec(unawaitedIn(ctx)); err != nil {
			return err
		}
	}
	var rows []emailRow
	for _, value := range emails(s.Search) {
		rows = append(rows, emailRow{OrganisationID: string(u.org), ValueFold: value, UserID: string(s.ID)})
	}
	if rows == nil {
		return nil
	}
	_, err := u.NewInsert().Model(&rows).Exec(unawaitedIn(ctx))
	return err
}

// emails gives the addresses in a search document, each once.
func emails(search *tree.Object) (values []string) {
	list, _ := search.Get("emails").(tree.List)
	for _, e := range list {
		o, _ := e.(*tree.Object)
		if value := text(o, "value"); value != nil && !slices.Contains(values, *value) {
			values = append(values, *value)
		}
	}
	return values
}
