package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// Totals reads what triggers count.
func (d *database) Totals(ctx context.Context, tx bun.IDB, org organisation.ID, table string) (total int, shifts int64, err error) {
	err = tx.NewSelect().Table("totals").Column("total", "shifts").
		Where("organisation_id = ?", org).Where("resource = ?", table).Scan(ctx, &total, &shifts)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, 0, nil
	}
	return total, shifts, err
}

// JSON asks SQLite's own functions.
func (d *database) JSON() sqlstore.JSON { return json{} }
