package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// Migrator takes the database's tables from one version to another.
type Migrator struct{ *Store }

// Migrator gives the store's.
func (s *Store) Migrator() Migrator { return Migrator{s} }

// Migration is one step in the history of the tables.
type Migration struct {
	ID      int
	Name    string
	Applied time.Time // zero: not yet
}

type migrationRow struct {
	bun.BaseModel `bun:"table:schema_migrations"`
	ID            int `bun:",pk"`
	Name          string
	AppliedAt     int64
}

// outside is the organisation of a unit of work that touches no organisation's rows.
const outside organisation.ID = ""

// Up takes every step that was not taken yet, all or none, and gives those. Two processes may do so at once. Faults:
// Invalid for a database of a newer program.
func (m Migrator) Up(ctx context.Context) (taken []Migration, err error) {
	before, err := m.Status(ctx)
	if err != nil || !slices.ContainsFunc(before, pending) {
		return nil, err
	}
	return m.move(ctx, func(known []Migration) []Migration { return slices.DeleteFunc(known, applied) }, "up")
}

// Down takes the last steps back, with what is in their tables, and gives those in the order in which they went.
func (m Migrator) Down(ctx context.Context, steps int) (taken []Migration, err error) {
	return m.move(ctx, func(known []Migration) []Migration {
		known = slices.DeleteFunc(known, pending)
		slices.Reverse(known)
		return known[:min(max(steps, 0), len(known))]
	}, "down")
}

// Status gives all steps in their order. Faults: Invalid for a database of a newer program.
func (m Migrator) Status(ctx context.Context) (all []Migration, err error) {
	err = m.database.Read(ctx, outside, func(ctx context.Context, tx bun.IDB) error {
		all, err = m.status(ctx, tx)
		return err
	})
	return all, m.fault(ctx, err)
}

// Current refuses a database that Up would change.
func (m Migrator) Current(ctx context.Context) error {
	all, err := m.Status(ctx)
	if err == nil && slices.ContainsFunc(all, pending) {
		err = fault.New(fault.Invalid, "its tables are of an older version; run `extraordinary migrate up` first").At("database")
	}
	return err
}

func pending(m Migration) bool { return m.Applied.IsZero() }
func applied(m Migration) bool { return !m.Applied.IsZero() }

func (m Migrator) move(ctx context.Context, choose func([]Migration) []Migration, direction string) (taken []Migration, err error) {
	err = m.database.Write(ctx, outside, func(ctx context.Context, tx bun.IDB) error {
		_, err := tx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS schema_migrations (id INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)")
		if err != nil {
			return err
		}
		known, err := m.status(ctx, tx)
		if err != nil {
			return err
		}
		taken = choose(known)
		for i := range taken {
			if err := m.step(ctx, tx, &taken[i], direction); err != nil {
				return fmt.Errorf("%04d_%s.%s.sql: %w", taken[i].ID, taken[i].Name, direction, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, m.fault(ctx, err)
	}
	return taken, nil
}

func (m Migrator) step(ctx context.Context, tx bun.IDB, step *Migration, direction string) error {
	script, err := fs.ReadFile(m.files, fmt.Sprintf("%04d_%s.%s.sql", step.ID, step.Name, direction))
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, string(script)); err != nil {
		return err
	}
	if direction == "down" {
		step.Applied = time.Time{}
		_, err = tx.NewDelete().Model((*migrationRow)(nil)).Where("id = ?", step.ID).Exec(ctx)
		return err
	}
	step.Applied = m.now()
	_, err = tx.NewInsert().Model(&migrationRow{ID: step.ID, Name: step.Name, AppliedAt: micros(step.Applied)}).Exec(ctx)
	return err
}

func (m Migrator) status(ctx context.Context, tx bun.IDB) ([]Migration, error) {
	all, err := steps(m.files)
	if err != nil {
		return nil, err
	}
	var rows []migrationRow
	if err := tx.NewSelect().Model(&rows).OrderExpr("id").Scan(ctx); err != nil && !m.dialect.NoTable(err) {
		return nil, err
	}
	for _, r := range rows {
		i := slices.IndexFunc(all, func(m Migration) bool { return m.ID == r.ID })
		if i < 0 {
			return nil, fault.New(fault.Invalid, "its tables are of version %d, which a newer program made; this one knows versions up to %d: run the newer one, or restore a backup of before",
				rows[len(rows)-1].ID, len(all)).At("database")
		}
		all[i].Applied = fromMicros(r.AppliedAt)
	}
	return all, nil
}

var fileForm = regexp.MustCompile(`^([0-9]{4})_([a-z0-9_]+)\.up\.sql$`)

// steps reads what steps there are from the names of the files.
func steps(files fs.FS) ([]Migration, error) {
	names, err := fs.Glob(files, "*.up.sql")
	if err != nil {
		return nil, err
	}
	var all []Migration
	for _, name := range names {
		parts := fileForm.FindStringSubmatch(path.Base(name))
		if parts == nil {
			return nil, fmt.Errorf("%s is not called as a migration is, ID_NAME.up.sql", name)
		}
		id, err := strconv.Atoi(parts[1])
		if err != nil {
			return nil, err
		}
		all = append(all, Migration{ID: id, Name: parts[2]})
	}
	slices.SortFunc(all, func(a, b Migration) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}
