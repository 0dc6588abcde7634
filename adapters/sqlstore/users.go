package sqlstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/tree"
)

type userRow struct {
	bun.BaseModel `bun:"table:users"`
	row
	UserNameFold string
	NameFold     string
	NicknameFold *string
	OffSince     *int64
}

// inGroups is who is in groups, called g, of which something holds, or in groups that are in these. UNION comes to an end
// where groups are members of each other. It goes down from the groups, which are fewer than the users; but whether
// somebody is in a group directly or not is only to be seen from below.
const inGroups = "r.id IN (SELECT m.user_id FROM memberships AS m WHERE m.organisation_id = ?0 AND m.group_id IN (" +
	"WITH RECURSIVE inside (id) AS (SELECT g.id FROM groups AS g WHERE g.organisation_id = ?0 AND %s " +
	"UNION SELECT n.member_id FROM inside AS i JOIN nestings AS n ON n.organisation_id = ?0 AND n.group_id = i.id) SELECT id FROM inside))"

var users = kind[*directory.User]{
	table: "users", taken: "user_name_fold", attribute: "userName", holder: holdsUser,
	searchable: searchable{
		columns: map[string]string{
			"id": "r.id", "userName": "r.user_name_fold", "externalId": "r.external_id", "displayName": "r.display_name_fold",
		},
		listed: map[string]string{
			"emails.value": "r.id IN (SELECT e.user_id FROM user_emails AS e WHERE e.organisation_id = ? AND e.value_fold = ?)",
			"groups.value": fmt.Sprintf(inGroups, "g.id = ?1"),
		},
		relations: map[string][]relation{"groups": {
			{
				one:     fmt.Sprintf(inGroups, "?1"),
				columns: map[string]string{"value": "g.id", "display": "nullif(g.display_name_fold, '')"},
			},
			{
				one: "EXISTS (SELECT 1 FROM (WITH RECURSIVE held (group_id, indirect) AS (" +
					"SELECT d.group_id, 0 FROM memberships AS d WHERE d.organisation_id = ?0 AND d.user_id = r.id " +
					"UNION SELECT n.group_id, 1 FROM held AS h JOIN nestings AS n ON n.organisation_id = ?0 AND n.member_id = h.group_id) " +
					"SELECT g.id, nullif(g.display_name_fold, '') AS display, " +
					"CASE min(h.indirect) WHEN 0 THEN 'direct' ELSE 'indirect' END AS type " +
					"FROM held AS h JOIN groups AS g ON g.organisation_id = ?0 AND g.id = h.group_id " +
					"GROUP BY g.id, g.display_name_fold) AS m WHERE ?1)",
				columns: map[string]string{"value": "m.id", "display": "m.display", "type": "m.type"},
			},
		}},
	},
	restore: directory.RestoreUser,
	row: func(r row, s directory.Snapshot) any {
		u := &userRow{row: r, UserNameFold: orEmpty(text(s.Search, "userName")), NameFold: directory.Name(s.Search), NicknameFold: nickname(s.Search)}
		if !directory.Active(s.Attributes) {
			u.OffSince = &u.ModifiedAt
		}
		return u
	},
	saving: func(q *bun.UpdateQuery, row any) *bun.UpdateQuery {
		if u, _ := row.(*userRow); u.OffSince != nil { // who is off already has been since then
			return q.Value("off_since", "coalesce(off_since, ?)", *u.OffSince)
		}
		return q
	},
	after: saveEmails,
}

// nickname gives the mailNickname that a schema of the organisation's own defines, if it does.
func nickname(search *tree.Object) *string {
	for _, v := range search.All() {
		if extension, _ := v.(*tree.Object); extension.Has("mailNickname") {
			return text(extension, "mailNickname")
		}
	}
	return nil
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
