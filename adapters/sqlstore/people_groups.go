package sqlstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/ports"
)

func (p people) Groups(ctx context.Context, q ports.GroupsQuery) (page ports.GroupsPage, err error) {
	var rows []struct {
		ID              directory.ID
		DisplayName     string
		DisplayNameFold string
		ModifiedAt      int64
	}
	list := p.groupsMatching(q).ColumnExpr("r.id, r.display_name, r.display_name_fold, r.modified_at")
	if err := (sorted{"r.display_name_fold", "r.id", false}).sheet(list, q.Sheet).Scan(ctx, &rows); err != nil {
		return page, err
	}
	rows, page.Edges = cutSheet(rows, q.Sheet)
	var ids []directory.ID
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	if q.Bare {
		ids = nil
	}
	all, off, nested, err := p.memberCounts(ctx, ids)
	if err != nil {
		return page, err
	}
	for _, r := range rows {
		page.Groups = append(page.Groups, ports.GroupRow{
			ID: r.ID, Name: r.DisplayName, Active: all[r.ID] - off[r.ID], Off: off[r.ID], Nested: nested[r.ID], Modified: fromMicros(r.ModifiedAt),
		})
		page.Places = append(page.Places, ports.Place{Value: r.DisplayNameFold, ID: string(r.ID)})
	}
	page.Total, err = p.counted(ctx, p.groupsMatching(q), q.Sheet)
	return page, err
}

func (p people) groupsMatching(q ports.GroupsQuery) *bun.SelectQuery {
	list := p.NewSelect().TableExpr("groups AS r").Where("r.organisation_id = ?", p.org)
	if q.ID != "" {
		list = list.Where("r.id = ?", q.ID)
	}
	if q.Text != "" {
		list = list.Where("?", p.store.dialect.JSON().Contains(bun.SafeQuery("r.display_name_fold"), schema.Fold(q.Text)))
	}
	if q.In != "" {
		inner := p.NewSelect().TableExpr("nestings AS n").ColumnExpr("n.member_id").Where("n.organisation_id = ?", p.org).Where("n.group_id = ?", q.In)
		list = list.Where("r.id IN (?)", inner)
	}
	return list
}

// memberCounts counts the members of groups. Those who are off are counted from their own side, where an index has them
// alone: they are few.
func (p people) memberCounts(ctx context.Context, groups []directory.ID) (all, off, nested map[directory.ID]int, err error) {
	if len(groups) == 0 {
		return nil, nil, nil, nil
	}
	memberships := p.NewSelect().TableExpr("memberships AS m")
	leavers := p.NewSelect().TableExpr("users AS u").
		Join("JOIN memberships AS m ON m.organisation_id = u.organisation_id AND m.user_id = u.id").
		Where("u.organisation_id = ?", p.org).Where("u.off_since IS NOT NULL")
	if all, err = p.byGroup(ctx, memberships, groups); err != nil {
		return nil, nil, nil, err
	}
	if off, err = p.byGroup(ctx, leavers, groups); err != nil {
		return nil, nil, nil, err
	}
	nested, err = p.byGroup(ctx, p.NewSelect().TableExpr("nestings AS m"), groups)
	return all, off, nested, err
}

// byGroup counts the rows that q finds for each of groups.
func (p people) byGroup(ctx context.Context, q *bun.SelectQuery, groups []directory.ID) (map[directory.ID]int, error) {
	var rows []struct {
		GroupID directory.ID
		Rows    int
	}
	err := q.ColumnExpr("m.group_id, count(*) AS rows").Where("m.organisation_id = ?", p.org).Where("m.group_id IN (?)", bun.List(groups)).
		GroupExpr("m.group_id").Scan(ctx, &rows)
	counts := map[directory.ID]int{}
	for _, r := range rows {
		counts[r.GroupID] = r.Rows
	}
	return counts, err
}
