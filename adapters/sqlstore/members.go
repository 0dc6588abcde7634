package sqlstore

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
)

// members is who belongs to the groups of one organisation: one row each.
type members struct{ *unit }

func (m members) Add(ctx context.Context, group directory.ID, users []directory.ID) (added []directory.ID, err error) {
	if len(users) > 0 {
		// What is joined here exists, so that no foreign key can fail and end the transaction.
		err = m.NewRaw(`INSERT INTO memberships (organisation_id, group_id, user_id)
SELECT u.organisation_id, g.id, u.id FROM users AS u JOIN groups AS g ON g.organisation_id = u.organisation_id
WHERE u.organisation_id = ? AND u.id IN (?) AND g.id = ?
ON CONFLICT DO NOTHING RETURNING user_id`, m.org, bun.List(users), group).Scan(ctx, &added)
	}
	if err == nil && (len(added) < len(users) || len(users) == 0) {
		err = m.allExist(ctx, group, users)
	}
	if err != nil {
		return nil, err
	}
	return inOrderOf(users, added), nil
}

// allExist tells why fewer became members than should.
func (m members) allExist(ctx context.Context, group directory.ID, users []directory.ID) error {
	if _, err := m.unit.Groups().Document(ctx, group); err != nil {
		return err
	}
	if len(users) == 0 {
		return nil
	}
	var known []directory.ID
	err := m.NewSelect().Table("users").Column("id").Where("organisation_id = ?", m.org).Where("id IN (?)", bun.List(users)).Scan(ctx, &known)
	if err != nil {
		return err
	}
	there := set(known)
	for _, id := range users {
		if !there[id] {
			return fault.New(fault.Invalid, "%s is no user here; provision the person before making them a member", id).At("members")
		}
	}
	return nil
}

func (m members) Remove(ctx context.Context, group directory.ID, users []directory.ID) (removed []directory.ID, err error) {
	if len(users) == 0 {
		return nil, nil
	}
	err = m.NewDelete().Table("memberships").Where("organisation_id = ?", m.org).Where("group_id = ?", group).
		Where("user_id IN (?)", bun.List(users)).Returning("user_id").Scan(ctx, &removed)
	return inOrderOf(users, removed), err
}

func (m members) Clear(ctx context.Context, group directory.ID) (removed []directory.ID, err error) {
	err = m.NewDelete().Table("memberships").Where("organisation_id = ?", m.org).Where("group_id = ?", group).
		Returning("user_id").Scan(ctx, &removed)
	slices.Sort(removed)
	return removed, err
}

// memberRow is one membership, seen from one of its ends.
type memberRow struct {
	Of      directory.ID
	ID      directory.ID
	Display *string
}

func (r memberRow) member() directory.Member {
	return directory.Member{ID: r.ID, Display: orEmpty(r.Display)}
}

// atOnce is how many members are read before the first is handed on. While they are, no statement is open, so that
// who receives them may use the unit.
const atOnce = 1000

func (m members) All(ctx context.Context, group directory.ID, yield func(directory.Member) error) error {
	for last := directory.ID(""); ; {
		var rows []memberRow
		err := m.NewSelect().TableExpr("memberships AS m").
			Join("JOIN users AS u ON u.organisation_id = m.organisation_id AND u.id = m.user_id").
			ColumnExpr("m.user_id AS id, u.display_name AS display").
			Where("m.organisation_id = ?", m.org).Where("m.group_id = ?", group).Where("m.user_id > ?", last).
			OrderExpr("m.user_id").Limit(atOnce).Scan(ctx, &rows)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := yield(r.member()); err != nil {
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
		Where("m.organisation_id = ?", m.org).Where("m.user_id IN (?)", bun.List(users)).
		OrderExpr("m.user_id, m.group_id").Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		groups[r.Of] = append(groups[r.Of], r.member())
	}
	return groups, nil
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
