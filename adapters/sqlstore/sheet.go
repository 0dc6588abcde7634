package sqlstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/ports"
)

// sorted is what a list is sorted by: a column, and the id among those of one value; the id alone if there is no column.
type sorted struct {
	value, id string
	down      bool
}

// sheet makes q give one row more than a page of its list holds, from the row on where the page begins, or backwards from
// the one before which it ends.
func (s sorted) sheet(q *bun.SelectQuery, of ports.Sheet) *bun.SelectQuery {
	down, place := s.down, of.After
	if of.Before != nil {
		down, place = !down, of.Before
	}
	way, order := ">", "ASC"
	if down {
		way, order = "<", "DESC"
	}
	switch {
	case place != nil && s.value != "":
		q = q.Where(fmt.Sprintf("(%s, %s) %s (?, ?)", s.value, s.id, way), place.Value, place.ID)
	case place != nil:
		q = q.Where(fmt.Sprintf("%s %s ?", s.id, way), place.ID)
	}
	if s.value != "" {
		q = q.OrderExpr(s.value + " " + order)
	}
	return q.OrderExpr(s.id + " " + order).Limit(int64(of.Limit) + 1)
}

// cutSheet gives the rows of the page in their order, and what is beside them.
func cutSheet[R any](rows []R, of ports.Sheet) ([]R, ports.Edges) {
	more := len(rows) > of.Limit
	rows = rows[:min(len(rows), of.Limit)]
	if of.Before != nil {
		slices.Reverse(rows)
		return rows, ports.Edges{Earlier: more, Later: true}
	}
	return rows, ports.Edges{Earlier: of.After != nil, Later: more}
}

// counted counts what q finds, as far as lists are counted, or to the end.
func (u *unit) counted(ctx context.Context, q *bun.SelectQuery, s ports.Sheet) (n int, err error) {
	some := q.ColumnExpr("1")
	if !s.Whole {
		some = some.Limit(ports.CountedTo + 1)
	}
	err = u.NewSelect().TableExpr("(?) AS counted", some).ColumnExpr("count(*)").Scan(ctx, &n)
	return n, err
}
