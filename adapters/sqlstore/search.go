package sqlstore

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/ports"
)

// longestSearch is how long resources may be looked at one by one, where no index knows which of them match.
const longestSearch = 2 * time.Second

func (r resources[R]) Search(ctx context.Context, q ports.Query) (ports.Page, error) {
	if constant, ok := q.Filter.(scim.Constant); ok && !bool(constant) {
		return ports.Page{}, nil
	} else if ok {
		q.Filter = nil
	}
	if q.Filter == nil && q.Order == (scim.Order{}) && q.After == nil {
		return r.everything(ctx, q)
	}
	where := resource{r.searchable, r.store.dialect.JSON(), r.org}
	sorted := where.sorting(q.Order)
	if q.Filter == nil && sorted.indexed || q.Filter != nil && where.indexed(q.Filter) {
		return r.matching(ctx, q, where, sorted)
	}
	bounded, cancel := context.WithTimeout(ctx, longestSearch)
	defer cancel()
	page, err := r.matching(bounded, q, where, sorted)
	if err != nil && ctx.Err() == nil && errors.Is(bounded.Err(), context.DeadlineExceeded) {
		return ports.Page{}, fault.New(fault.TooMany, "the search takes too long, as no index helps its filter or its sortBy; filter by %s eq or externalId eq, alone or with and, and leave sortBy out", r.attribute)
	}
	return page, err
}

// everything gives a page without a filter.
func (r resources[R]) everything(ctx context.Context, q ports.Query) (page ports.Page, err error) {
	var shifts int64
	page.Total, shifts, err = r.store.dialect.Totals(ctx, r.IDB, r.org, r.table)
	if err != nil || q.Limit == 0 || q.Offset >= page.Total {
		return page, err
	}
	list := list{r.org, r.table, shifts}
	var skipped int
	var last string
	if shifts >= 0 {
		skipped, last = r.store.positions.before(list, q.Offset)
	}
	size := min(q.Limit, page.Total-q.Offset)
	rows, ids := r.page().OrderExpr("r.id").Where("r.id > ?", last).Limit(int64(q.Limit)), r.from().OrderExpr("r.id").Where("r.id > ?", last)
	border, skip, behind := "r.id >= (?)", q.Offset-skipped, page.Total-q.Offset-size
	backwards := behind < skip // the way from the end is the shorter one
	if backwards {
		rows, ids = r.page().OrderExpr("r.id DESC").Limit(int64(size)), r.from().OrderExpr("r.id DESC")
		border, skip = "r.id <= (?)", behind
	}
	if skip > 0 {
		// What is passed over is passed over in the index, and no row of it is read.
		rows = rows.Where(border, ids.ColumnExpr("r.id").Limit(1).Offset(int64(skip)))
	}
	var found []shown
	if err := rows.Scan(ctx, &found); err != nil {
		return ports.Page{}, err
	}
	if backwards {
		slices.Reverse(found)
	}
	if page.Documents, err = documents(found); err != nil {
		return page, err
	}
	if n := len(found); n > 0 && shifts >= 0 && !r.writes { // what this unit wrote may never be committed
		r.store.positions.learn(list, q.Offset+n, found[n-1].ID)
	}
	return page, nil
}

// matching gives a page of what the filter holds for, in an order.
func (r resources[R]) matching(ctx context.Context, q ports.Query, where resource, sorted sorting) (page ports.Page, err error) {
	matching := always
	if q.Filter != nil {
		matching = condition(q.Filter, where)
	}
	if q.Limit > 0 {
		stretches := []Expression{always}
		if q.After != nil {
			stretches = sorted.behind(*q.After)
		}
		var found []shown
		for _, stretch := range stretches {
			if len(found) == q.Limit {
				break
			}
			var some []shown
			err := sorted.order(r.page()).Where("?", matching).Where("?", stretch).
				Limit(int64(q.Limit-len(found))).Offset(int64(q.Offset)).Scan(ctx, &some)
			if err != nil {
				return ports.Page{}, err
			}
			found = append(found, some...)
		}
		if page.Documents, err = documents(found); err != nil {
			return page, err
		}
		if n := len(found); q.After == nil && n < q.Limit && (n > 0 || q.Offset == 0) {
			page.Total = q.Offset + n // the page is the last one, so nothing need be counted
			return page, nil
		}
	}
	if q.Filter == nil {
		page.Total, _, err = r.store.dialect.Totals(ctx, r.IDB, r.org, r.table)
	} else {
		err = r.from().ColumnExpr("count(*)").Where("?", matching).Scan(ctx, &page.Total)
	}
	if err != nil {
		return ports.Page{}, err
	}
	return page, nil
}

func (r resources[R]) from() *bun.SelectQuery {
	return r.NewSelect().TableExpr("? AS r", bun.Ident(r.table)).Where("r.organisation_id = ?", r.org)
}

func (r resources[R]) page() *bun.SelectQuery {
	q := r.from()
	for _, column := range shownColumns {
		q = q.ColumnExpr("?", bun.Ident("r."+column))
	}
	return q
}

func documents(found []shown) (_ []directory.Document, err error) {
	documents := make([]directory.Document, len(found))
	for i, s := range found {
		if documents[i], err = s.document(); err != nil {
			return nil, err
		}
	}
	return documents, nil
}
