package sqlstore

import (
	"context"
	"slices"

	"github.com/uptrace/bun"
)

// held are the tables in which an organisation may have any number of rows, with what tells these apart: rows that refer
// to others come before them. With record, tokenTables and counters they are all tables that name an organisation.
var held = []struct{ table, key string }{
	{"memberships", "group_id, user_id"},
	{"nestings", "group_id, member_id"},
	{"user_emails", "value_fold, user_id"},
	{"unique_values", "path, value"},
	{"judgements", "user_id, about, employee_id"},
	{"users", "id"},
	{"groups", "id"},
	{"secrets", "client_id, key_id"},
	{"credentials", "client_id"},
	{"activity", "id"},
	{"extensions", "ordinal"},
	{"sessions", "digest"},
	{"links", "digest"},
	{"sign_ins", "staff_id"},
	{"staff", "id"},
	{"export_parts", "export_id, ordinal"},
	{"exports", "id"},
	{"id_health", "problem"},
	{"mails_due", "id"},
	{"exchanges", "id"},
	{"connections", "organisation_id"},
	{"mails", "id"},
}

var (
	record   = []string{"registry", "organisations"}
	counters = []string{"totals"}
)

func (o organisations) Empty(ctx context.Context, most int) (erased map[string]int, err error) {
	erased = map[string]int{}
	for _, h := range held {
		some := o.NewSelect().Table(h.table).ColumnExpr(h.key).Where("organisation_id = ?", o.org).Limit(int64(most))
		n, err := o.erase(ctx, o.NewDelete().Table(h.table).Where("(?) IN (?)", bun.SafeQuery(h.key), some))
		if err != nil {
			return nil, err
		}
		erased[h.table] = n
		if most -= n; most == 0 {
			break
		}
	}
	return erased, nil
}

// Remove begins with the registry: it waits for those who record something (journal.Record), and nobody else can any more.
// So what is found after that is all.
func (o organisations) Remove(ctx context.Context) (erased map[string]int, err error) {
	tables := slices.Clone(record)
	for _, h := range held {
		tables = append(tables, h.table)
	}
	erased = map[string]int{}
	for _, table := range tables {
		if erased[table], err = o.erase(ctx, o.NewDelete().Table(table)); err != nil {
			return nil, err
		}
	}
	uncounted := counters
	if o.store.dialect.Embedded() {
		uncounted = slices.Concat(tokenTables, counters)
	}
	for _, table := range uncounted {
		if _, err := o.erase(ctx, o.NewDelete().Table(table)); err != nil {
			return nil, err
		}
	}
	return erased, nil
}

func (o organisations) erase(ctx context.Context, q *bun.DeleteQuery) (int, error) {
	result, err := q.Where("organisation_id = ?", o.org).Exec(ctx)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}
