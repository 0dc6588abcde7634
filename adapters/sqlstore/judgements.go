package sqlstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/employeeid"
)

type judgementRow struct {
	bun.BaseModel  `bun:"table:judgements"`
	OrganisationID string `bun:",pk"`
	UserID         string `bun:",pk"`
	About          string `bun:",pk"`
	EmployeeID     string `bun:",pk"`
	Reason         string
	MadeBy         string
	MadeAt         int64
	Until          *int64
}

// judgements is what members say of one organisation's Employee IDs.
type judgements struct{ *unit }

func (j judgements) All(ctx context.Context) (all []employeeid.Judgement, err error) {
	var rows []judgementRow
	err = j.NewSelect().Model(&rows).Where("organisation_id = ?", j.org).OrderExpr("user_id, about, employee_id").Scan(ctx)
	for _, r := range rows {
		all = append(all, employeeid.Judgement{
			Person: r.UserID, About: employeeid.Problem(r.About), ID: r.EmployeeID, Reason: r.Reason, By: r.MadeBy, At: fromMicros(r.MadeAt), Until: fromMicrosOrNull(r.Until),
		})
	}
	return all, err
}

func (j judgements) Put(ctx context.Context, s employeeid.Judgement) error {
	row := judgementRow{
		OrganisationID: string(j.org), UserID: s.Person, About: string(s.About), EmployeeID: s.ID, Reason: s.Reason, MadeBy: s.By, MadeAt: micros(s.At), Until: microsOrNull(s.Until),
	}
	_, err := j.NewInsert().Model(&row).On("CONFLICT (organisation_id, user_id, about, employee_id) DO UPDATE").
		Set("reason = EXCLUDED.reason, made_by = EXCLUDED.made_by, made_at = EXCLUDED.made_at, until = EXCLUDED.until").Exec(ctx)
	return err
}

func (j judgements) Remove(ctx context.Context, s employeeid.Judgement) error {
	_, err := j.NewDelete().Table("judgements").Where("organisation_id = ?", j.org).
		Where("user_id = ?", s.Person).Where("about = ?", s.About).Where("employee_id = ?", s.ID).Exec(ctx)
	return err
}
