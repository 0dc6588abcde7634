package postgres

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// Totals adds up what triggers count. They do not count what changes its place.
func (d *database) Totals(ctx context.Context, tx bun.IDB, org organisation.ID, table string) (total int, shifts int64, err error) {
	err = tx.NewSelect().Table("totals").ColumnExpr("CAST(coalesce(sum(total), 0) AS bigint)").
		Where("organisation_id = ?", org).Where("resource = ?", table).Scan(ctx, &total)
	return total, -1, err
}

// JSON asks Postgres' own functions.
func (d *database) JSON() sqlstore.JSON { return json{} }
