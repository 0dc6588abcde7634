package postgres

import (
	"context"
	"database/sql/driver"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// answer is the rows of a statement.
type answer struct {
	rows    pgx.Rows
	results pgx.BatchResults // that they are the last of; nil if the statement went alone
	done    context.CancelFunc
}

// Columns gives their names.
func (a *answer) Columns() []string {
	fields := a.rows.FieldDescriptions()
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names
}

// Next reads a row into values. It gives io.EOF behind the last.
func (a *answer) Next(values []driver.Value) error {
	if !a.rows.Next() {
		if err := a.rows.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	row, err := a.rows.Values()
	if err != nil {
		return err
	}
	for i, v := range row {
		values[i] = plain(v)
	}
	return nil
}

// plain gives what database/sql knows instead of a value of pgx.
func plain(v any) driver.Value {
	switch v := v.(type) {
	case int16:
		return int64(v)
	case int32:
		return int64(v)
	case [16]byte:
		return pgtype.UUID{Bytes: v, Valid: true}.String()
	}
	return v
}

// Close ends the statement, for which nobody waits any more.
func (a *answer) Close() error {
	defer a.done()
	a.rows.Close()
	if a.results == nil {
		return a.rows.Err()
	}
	return a.results.Close()
}

// drain ends a statement whose rows nobody wants, and gives how many it changed.
func (a *answer) drain() (changed int64, err error) {
	err = a.Close()
	return a.rows.CommandTag().RowsAffected(), err
}
