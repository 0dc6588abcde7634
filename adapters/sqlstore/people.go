package sqlstore

import (
	"context"
	"database/sql"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/employeeid"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// people is one organisation's users and groups as people read them.
type people struct{ *unit }

// personRow is the part of a user that lists show.
type personRow struct {
	ID           directory.ID
	Document     []byte
	ExternalID   *string
	OffSince     *int64
	CreatedAt    int64
	ModifiedAt   int64
	NameFold     string
	UserNameFold string
}

func (r personRow) person() (directory.Person, error) {
	v, err := tree.Parse(r.Document)
	if err != nil {
		return directory.Person{}, fault.Wrap(fault.Internal, err)
	}
	attributes, _ := v.(*tree.Object)
	return directory.Person{
		ID: r.ID, Name: directory.Name(attributes), UserName: orEmpty(text(attributes, "userName")), EmployeeID: orEmpty(r.ExternalID),
		OffSince: fromMicrosOrNull(r.OffSince), Created: fromMicros(r.CreatedAt), Modified: fromMicros(r.ModifiedAt),
	}, nil
}

// place is where r stands in an order.
func (r personRow) place(o ports.PeopleOrder) ports.Place {
	switch o {
	case ports.ByUserName:
		return ports.Place{Value: r.UserNameFold, ID: string(r.ID)}
	case ports.ByID:
		return ports.Place{ID: string(r.ID)}
	case ports.ByName:
	}
	return ports.Place{Value: r.NameFold, ID: string(r.ID)}
}

var peopleOrders = map[ports.PeopleOrder]string{ports.ByName: "r.name_fold", ports.ByUserName: "r.user_name_fold", ports.ByID: ""}

func (p people) List(ctx context.Context, q ports.PeopleQuery) (page ports.PeoplePage, err error) {
	var rows []personRow
	list := p.matching(q).ColumnExpr("r.id, r.document, r.external_id, r.off_since, r.created_at, r.modified_at, r.name_fold, r.user_name_fold")
	if err := (sorted{peopleOrders[q.Order], "r.id", q.Down}).sheet(list, q.Sheet).Scan(ctx, &rows); err != nil {
		return page, err
	}
	rows, page.Edges = cutSheet(rows, q.Sheet)
	for _, r := range rows {
		person, err := r.person()
		if err != nil {
			return page, err
		}
		page.People, page.Places = append(page.People, person), append(page.Places, r.place(q.Order))
	}
	page.Total, err = p.counted(ctx, p.matching(q), q.Sheet)
	return page, err
}

func (p people) matching(q ports.PeopleQuery) *bun.SelectQuery {
	list := p.NewSelect().TableExpr("users AS r").Where("r.organisation_id = ?", p.org)
	if q.Text != "" {
		contains, fold := p.store.dialect.JSON().Contains, schema.Fold(q.Text)
		list = list.Where("(? OR ? OR substr(r.external_id, 1, CAST(? AS integer)) = ?)", contains(bun.SafeQuery("r.name_fold"), fold),
			contains(bun.SafeQuery("r.user_name_fold"), fold), utf8.RuneCountInString(q.Text), q.Text)
	}
	switch q.State {
	case ports.Active:
		list = list.Where("r.off_since IS NULL")
	case ports.Off:
		list = list.Where("r.off_since IS NOT NULL")
	case ports.AnyState:
	}
	if q.Group != "" {
		members := p.NewSelect().TableExpr("memberships AS m").ColumnExpr("m.user_id").Where("m.organisation_id = ?", p.org).Where("m.group_id = ?", q.Group)
		list = list.Where("r.id IN (?)", members)
	}
	if q.Among != nil {
		ids := make(tree.List, len(q.Among))
		for i, id := range q.Among {
			ids[i] = string(id)
		}
		list = list.Where("r.id IN (SELECT value FROM ? AS among)", p.store.dialect.Listed(string(tree.Append(nil, ids))))
	}
	return list
}

func (p people) Holders(ctx context.Context, yield func(ports.Holder) error) error {
	for last := directory.ID(""); ; {
		var rows []struct {
			ID           directory.ID
			ExternalID   *string
			UserNameFold string
			NicknameFold *string
			OffSince     *int64
			CreatedAt    int64
			ModifiedAt   int64
		}
		err := p.NewSelect().Table("users").Column("id", "external_id", "user_name_fold", "nickname_fold", "off_since", "created_at", "modified_at").
			Where("organisation_id = ?", p.org).Where("id > ?", last).OrderExpr("id").Limit(atOnce).Scan(ctx, &rows)
		if err != nil {
			return err
		}
		for _, r := range rows {
			h := employeeid.Holder{ID: orEmpty(r.ExternalID), UserName: r.UserNameFold, Nickname: orEmpty(r.NicknameFold), Active: r.OffSince == nil}
			if err := yield(ports.Holder{ID: r.ID, Holder: h, Created: fromMicros(r.CreatedAt), Modified: fromMicros(r.ModifiedAt)}); err != nil {
				return err
			}
		}
		if len(rows) < atOnce {
			return nil
		}
		last = rows[len(rows)-1].ID
	}
}

func (p people) Names(ctx context.Context, ids []directory.ID) (map[directory.ID]string, error) {
	names := map[directory.ID]string{}
	if len(ids) == 0 {
		return names, nil
	}
	var users []personRow
	err := p.NewSelect().Table("users").Column("id", "document").Where("organisation_id = ?", p.org).Where("id IN (?)", bun.List(ids)).Scan(ctx, &users)
	if err != nil {
		return nil, err
	}
	for _, r := range users {
		person, err := r.person()
		if err != nil {
			return nil, err
		}
		names[r.ID] = person.Name
	}
	var groups []memberRow
	err = p.NewSelect().Table("groups").ColumnExpr("id, display_name AS display").Where("organisation_id = ?", p.org).Where("id IN (?)", bun.List(ids)).Scan(ctx, &groups)
	for _, g := range groups {
		names[g.ID] = orEmpty(g.Display)
	}
	return names, err
}

// Mark is the last line of the journal: there is no change without one.
func (p people) Mark(ctx context.Context) (mark string, err error) {
	var last sql.NullString
	err = p.NewSelect().Table("activity").ColumnExpr("max(id)").Where("organisation_id = ?", p.org).Scan(ctx, &last)
	return last.String, err
}
