package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/employeeid"
	"github.com/extraordinary/provisioning/domain/export"
	"github.com/extraordinary/provisioning/domain/fault"
)

type healthRow struct {
	bun.BaseModel  `bun:"table:id_health"`
	OrganisationID string `bun:",pk"`
	Problem        string `bun:",pk"`
	Found          int
	Since          int64
}

// health is since when one organisation's Employee IDs have what problems.
type health struct{ *unit }

func (h health) All(ctx context.Context) (all []employeeid.Health, err error) {
	var rows []healthRow
	err = h.NewSelect().Model(&rows).Where("organisation_id = ?", h.org).OrderExpr("problem").Scan(ctx)
	for _, r := range rows {
		all = append(all, employeeid.Health{Problem: employeeid.Problem(r.Problem), Found: r.Found, Since: fromMicros(r.Since)})
	}
	return all, err
}

func (h health) Put(ctx context.Context, s employeeid.Health) error {
	row := healthRow{OrganisationID: string(h.org), Problem: string(s.Problem), Found: s.Found, Since: micros(s.Since)}
	_, err := h.NewDelete().Model((*healthRow)(nil)).Where("organisation_id = ?", h.org).Where("problem = ?", row.Problem).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = h.NewInsert().Model(&row).On("CONFLICT DO NOTHING").Exec(ctx) // who looks at the same time sees the same
	return err
}

type exportRow struct {
	bun.BaseModel  `bun:"table:exports"`
	OrganisationID string `bun:",pk"`
	ID             string `bun:",pk"`
	Kind           string
	Filter         string
	State          string
	Done           int
	Total          int
	MadeBy         string
	MadeAt         int64
	TouchedAt      int64
}

type exportPartRow struct {
	bun.BaseModel  `bun:"table:export_parts"`
	OrganisationID string `bun:",pk"`
	ExportID       string `bun:",pk"`
	Ordinal        int    `bun:",pk"`
	Text           string
}

// exports is files that are made for one organisation's people.
type exports struct{ *unit }

func (e exports) Get(ctx context.Context, id string) (export.Job, error) {
	var r exportRow
	err := e.NewSelect().Model(&r).Where("organisation_id = ?", e.org).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return export.Job{}, fault.New(fault.NotFound, "there is no such file")
	}
	return export.Job{
		ID: r.ID, Kind: export.Kind(r.Kind), Filter: r.Filter, State: export.State(r.State), Done: r.Done, Total: r.Total,
		MadeBy: r.MadeBy, Made: fromMicros(r.MadeAt), Touched: fromMicros(r.TouchedAt),
	}, err
}

func (e exports) Put(ctx context.Context, j export.Job) error {
	row := exportRow{
		OrganisationID: string(e.org), ID: j.ID, Kind: string(j.Kind), Filter: j.Filter, State: string(j.State), Done: j.Done, Total: j.Total,
		MadeBy: j.MadeBy, MadeAt: micros(j.Made), TouchedAt: micros(j.Touched),
	}
	_, err := e.NewInsert().Model(&row).On("CONFLICT (organisation_id, id) DO UPDATE").
		Set("state = EXCLUDED.state").Set("done = EXCLUDED.done").Set("total = EXCLUDED.total").Set("touched_at = EXCLUDED.touched_at").Exec(ctx)
	return err
}

func (e exports) Append(ctx context.Context, id string, ordinal int, text string) error {
	_, err := e.NewInsert().Model(&exportPartRow{OrganisationID: string(e.org), ExportID: id, Ordinal: ordinal, Text: text}).Exec(ctx)
	return err
}

func (e exports) Parts(ctx context.Context, id string, yield func(string) error) error {
	for last := -1; ; {
		var rows []exportPartRow
		err := e.NewSelect().Model(&rows).Where("organisation_id = ?", e.org).Where("export_id = ?", id).Where("ordinal > ?", last).OrderExpr("ordinal").Limit(1).Scan(ctx)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := yield(rows[0].Text); err != nil {
			return err
		}
		last = rows[0].Ordinal
	}
}

func (e exports) Forget(ctx context.Context, before time.Time) error {
	old := e.NewSelect().Table("exports").Column("id").Where("organisation_id = ?", e.org).Where("made_at < ?", micros(before))
	if _, err := e.NewDelete().Table("export_parts").Where("organisation_id = ?", e.org).Where("export_id IN (?)", old).Exec(ctx); err != nil {
		return err
	}
	_, err := e.NewDelete().Table("exports").Where("organisation_id = ?", e.org).Where("made_at < ?", micros(before)).Exec(ctx)
	return err
}
