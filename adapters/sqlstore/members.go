package sqlstore

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
)

// members is who belongs to the groups of one organisation: a row of memberships for each user, and one of nestings for
// each group.
type members struct{ *unit }

func (m members) Add(ctx context.Context, group directory.ID, ids []directory.ID) (added []directory.ID, err error) {
	if len(ids) > 0 {
		// What is joined here exists, so that no foreign key can fail and end the transaction.
		err = m.NewRaw(`INSERT INTO memberships (organisation_id, group_id, user_id)
SELECT u.organisation_id, g.id, u.id FROM users AS u JOIN groups AS g ON g.organisation_id = u.organisation_id
WHERE u.organisation_id = ? AND u.id IN (?) AND g.id = ?
ON CONFLICT DO NOTHING RETURNING user_id`, m.org, bun.List(ids), group).Scan(ctx, &added)
	}
	if err == nil && (len(added) < len(ids) || len(ids) == 0) {
		added, err = m.addRest(ctx, group, ids, added)
	}
	if err != nil {
		return nil, err
	}
	return inOrderOf(ids, added), nil
}

// addRest does what is to be done about those of ids that did not become members as users: groups do so here, and who is
// a member already need not.
func (m members) addRest(ctx context.Context, group directory.ID, ids, added []directory.ID) ([]directory.ID, error) {
	if _, err := m.unit.Groups().Document(ctx, group); err != nil || len(ids) == 0 {
		return nil, err
	}
	users, err := m.among(ctx, "users", ids)
	if err != nil {
		return nil, err
	}
	rest := without(ids, users)
	if len(rest) == 0 {
		return added, nil
	}
	groups, err := m.among(ctx, "groups", rest)
	if err != nil {
		return nil, err
	}
	for _, id := range rest {
		if id == group || !groups[id] {
			return nil, fault.New(fault.Invalid, "%s is neither a user nor another group here; provision it before making it a member", id).At("members")
		}
	}
	var nested []directory.ID
	err = m.NewRaw(`INSERT INTO nestings (organisation_id, group_id, member_id)
SELECT g.organisation_id, ?, g.id FROM groups AS g WHERE g.organisation_id = ? AND g.id IN (?)
ON CONFLICT DO NOTHING RETURNING member_id`, group, m.org, bun.List(rest)).Scan(ctx, &nested)
	return append(added, nested...), err
}

// among gives those of ids that are in a table.
func (m members) among(ctx context.Context, table string, ids []directory.ID) (map[directory.ID]bool, error) {
	var known []directory.ID
	err := m.NewSelect().Table(table).Column("id").Where("organisation_id = ?", m.org).Where("id IN (?)", bun.List(ids)).Scan(ctx, &known)
	return set(known), err
}

func (m members) Remove(ctx context.Context, group directory.ID, ids []directory.ID) (removed []directory.ID, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = m.NewDelete().Table("memberships").Where("organisation_id = ?", m.org).Where("group_id = ?", group).
		Where("user_id IN (?)", bun.List(ids)).Returning("user_id").Scan(ctx, &removed)
	if err != nil {
		return nil, err
	}
	if rest := without(ids, set(removed)); len(rest) > 0 {
		var groups []directory.ID
		err = m.NewDelete().Table("nestings").Where("organisation_id = ?", m.org).Where("group_id = ?", group).
			Where("member_id IN (?)", bun.List(rest)).Returning("member_id").Scan(ctx, &groups)
		removed = append(removed, groups...)
	}
	return inOrderOf(ids, removed), err
}

func (m members) Clear(ctx context.Context, group directory.ID) (removed []directory.ID, err error) {
	for _, rows := range []struct{ table, member string }{{"memberships", "user_id"}, {"nestings", "member_id"}} {
		var some []directory.ID
		err = m.NewDelete().Table(rows.table).Where("organisation_id = ?", m.org).Where("group_id = ?", group).
			Returning(rows.member).Scan(ctx, &some)
		if err != nil {
			return nil, err
		}
		slices.Sort(some)
		removed = append(removed, some...)
	}
	return removed, nil
}

// memberRow is one membership, seen from one of its ends.
type memberRow struct {
	Of       directory.ID
	ID       directory.ID
	Display  *string
	Indirect int  // of a user's group: it is a member of a group's group, and of the group itself not
	Nested   bool // of a user's group: it is a member of others
}

// atOnce is how many members are read before the first is handed on. While they are, no statement is open, so that
// who receives them may use the unit.
const atOnce = 1000

func (m members) All(ctx context.Context, group directory.ID, yield func(directory.Member) error) error {
	users := m.NewSelect().TableExpr("memberships AS m").
		Join("JOIN users AS u ON u.organisation_id = m.organisation_id AND u.id = m.user_id").
		ColumnExpr("m.user_id AS id, u.display_name AS display")
	if err := m.each(ctx, users, "m.user_id", group, directory.IsUser, yield); err != nil {
		return err
	}
	groups := m.NewSelect().TableExpr("nestings AS m").
		Join("JOIN groups AS g ON g.organisation_id = m.organisation_id AND g.id = m.member_id").
		ColumnExpr("m.member_id AS id, g.display_name AS display")
	return m.each(ctx, groups, "m.member_id", group, directory.IsGroup, yield)
}

// each calls yield with what q finds in group, whose ids are in the column id.
func (m members) each(ctx context.Context, q *bun.SelectQuery, id string, group directory.ID, kind string, yield func(directory.Member) error) error {
	for last := directory.ID(""); ; {
		var rows []memberRow
		err := q.Clone().Where("m.organisation_id = ?", m.org).Where("m.group_id = ?", group).Where("? > ?", bun.SafeQuery(id), last).
			OrderExpr(id).Limit(atOnce).Scan(ctx, &rows)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := yield(directory.Member{ID: r.ID, Display: orEmpty(r.Display), Type: kind}); err != nil {
				return err
			}
		}
		if len(rows) < atOnce {
			return nil
		}
		last = rows[len(rows)-1].ID
	}
}

func (m members) Groups(ctx context.Context, users []directory.ID) (map[directory.ID][]directory.Member, error) {
	groups := map[directory.ID][]directory.Member{}
	if len(users) == 0 {
		return groups, nil
	}
	var rows []memberRow
	err := m.NewSelect().TableExpr("memberships AS m").
		Join("JOIN groups AS g ON g.organisation_id = m.organisation_id AND g.id = m.group_id").
		ColumnExpr(`m.user_id AS "of", g.id, g.display_name AS display`).
		ColumnExpr("EXISTS (SELECT 1 FROM nestings AS n WHERE n.organisation_id = m.organisation_id AND n.member_id = m.group_id) AS nested").
		Where("m.organisation_id = ?", m.org).Where("m.user_id IN (?)", bun.List(users)).
		OrderExpr("m.user_id, m.group_id").Scan(ctx, &rows)
	if err == nil && slices.ContainsFunc(rows, func(r memberRow) bool { return r.Nested }) {
		rows, err = m.allGroups(ctx, users)
	}
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		kind := directory.Direct
		if r.Indirect > 0 {
			kind = directory.Indirect
		}
		groups[r.Of] = append(groups[r.Of], directory.Member{ID: r.ID, Display: orEmpty(r.Display), Type: kind})
	}
	return groups, nil
}

// allGroups follows groups that are in others, which costs several times what the direct ones do.
func (m members) allGroups(ctx context.Context, users []directory.ID) (rows []memberRow, err error) {
	// UNION, and not UNION ALL, comes to an end where groups are members of each other.
	err = m.NewRaw(`SELECT h.user_id AS "of", g.id, g.display_name AS display, min(h.indirect) AS indirect
FROM (WITH RECURSIVE held (user_id, group_id, indirect) AS (
  SELECT m.user_id, m.group_id, 0 FROM memberships AS m WHERE m.organisation_id = ?0 AND m.user_id IN (?1)
  UNION
  SELECT h.user_id, n.group_id, 1 FROM held AS h JOIN nestings AS n ON n.organisation_id = ?0 AND n.member_id = h.group_id
) SELECT * FROM held) AS h JOIN groups AS g ON g.organisation_id = ?0 AND g.id = h.group_id
GROUP BY h.user_id, g.id, g.display_name ORDER BY h.user_id, g.id`, m.org, bun.List(users)).Scan(ctx, &rows)
	return rows, err
}

// without gives ids but for those in some.
func without(ids []directory.ID, some map[directory.ID]bool) (rest []directory.ID) {
	for _, id := range ids {
		if !some[id] {
			rest = append(rest, id)
		}
	}
	return rest
}

// inOrderOf gives those of wanted that are among found, which a database gives in any order.
func inOrderOf(wanted, found []directory.ID) []directory.ID {
	if len(found) < 2 {
		return found
	}
	there := set(found)
	var ordered []directory.ID
	for _, id := range wanted {
		if there[id] {
			ordered = append(ordered, id)
			delete(there, id)
		}
	}
	return ordered
}

func set(ids []directory.ID) map[directory.ID]bool {
	there := make(map[directory.ID]bool, len(ids))
	for _, id := range ids {
		there[id] = true
	}
	return there
}
