package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// registryRow is what must be known before the organisation is.
type registryRow struct {
	bun.BaseModel  `bun:"table:registry"`
	OrganisationID string `bun:",pk"`
	Slug           string
	Status         string
	CreatedAt      int64
}

type organisationRow struct {
	bun.BaseModel    `bun:"table:organisations"`
	OrganisationID   string `bun:",pk"`
	Name             string
	Owner            string
	TokenLifeSeconds int64
	RateLimit        int
	Schemas          int
	TimeZone         string
	SecondStep       bool
	PausedAt         *int64
	PausedBy         string
	PauseReason      string
}

// registry finds organisations.
type registry struct{ *Store }

func (r registry) Find(ctx context.Context, slug string) (id organisation.ID, err error) {
	err = r.database.Direct().NewSelect().Table("registry").Column("organisation_id").Where("slug = ?", slug).Scan(ctx, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.New(fault.NotFound, "there is no organisation called %q", slug).At("slug")
	}
	return id, r.fault(ctx, err)
}

func (r registry) All(ctx context.Context) (ids []organisation.ID, err error) {
	err = r.database.Direct().NewSelect().Table("registry").Column("organisation_id").OrderExpr("slug").Scan(ctx, &ids)
	return ids, r.fault(ctx, err)
}

// organisations is the record of one organisation.
type organisations struct{ *unit }

func (o organisations) Get(ctx context.Context) (*organisation.Organisation, error) {
	var found struct {
		Slug, Status, Name, Owner   string
		TokenLifeSeconds, CreatedAt int64
		RateLimit, Schemas          int
		TimeZone                    string
		SecondStep                  bool
		PausedAt                    *int64
		PausedBy, PauseReason       string
	}
	q := o.NewSelect().TableExpr("organisations AS o").Join("JOIN registry AS g ON g.organisation_id = o.organisation_id").
		ColumnExpr("g.slug, g.status, o.name, o.owner, o.token_life_seconds, o.rate_limit, o.schemas, o.time_zone, o.second_step, o.paused_at, o.paused_by, o.pause_reason, g.created_at").Where("o.organisation_id = ?", o.org)
	if err := o.locked(q).Scan(ctx, &found); err != nil {
		return nil, noOrganisation(err)
	}
	return organisation.Restore(organisation.Snapshot{
		ID: o.org, Slug: found.Slug, Name: found.Name, Owner: found.Owner, Status: organisation.Status(found.Status),
		TokenLife: time.Duration(found.TokenLifeSeconds) * time.Second, RateLimit: organisation.RateLimit(found.RateLimit), Schemas: found.Schemas,
		TimeZone: found.TimeZone, SecondStep: found.SecondStep,
		Pause: organisation.Pause{Since: fromMicrosOrNull(found.PausedAt), By: found.PausedBy, Reason: found.PauseReason}, Created: fromMicros(found.CreatedAt),
	}), nil
}

func (o organisations) Add(ctx context.Context, added *organisation.Organisation) error {
	r, row, err := o.rows(added)
	if err != nil {
		return err
	}
	if _, err := o.NewInsert().Model(&r).Exec(ctx); err != nil {
		if o.store.dialect.Taken(err, "slug") {
			return fault.New(fault.Conflict, "another organisation is called %q", r.Slug).At("slug")
		}
		return err
	}
	_, err = o.NewInsert().Model(&row).Exec(ctx)
	return err
}

func (o organisations) Save(ctx context.Context, saved *organisation.Organisation) error {
	r, row, err := o.rows(saved)
	if err != nil {
		return err
	}
	if _, err := o.NewUpdate().Model(&r).Column("status").Where("organisation_id = ?", o.org).Exec(ctx); err != nil {
		return err
	}
	result, err := o.NewUpdate().Model(&row).Column("name", "owner", "token_life_seconds", "rate_limit", "schemas", "time_zone", "second_step", "paused_at", "paused_by", "pause_reason").Where("organisation_id = ?", o.org).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		return noOrganisation(sql.ErrNoRows)
	}
	return nil
}

// rows refuses the record of another organisation than the unit's.
func (o organisations) rows(org *organisation.Organisation) (registryRow, organisationRow, error) {
	s := org.Snapshot()
	if s.ID != o.org {
		return registryRow{}, organisationRow{}, fault.New(fault.Internal, "the record of one organisation in a unit of work of another")
	}
	return registryRow{OrganisationID: string(s.ID), Slug: s.Slug, Status: string(s.Status), CreatedAt: micros(s.Created)},
		organisationRow{
			OrganisationID: string(s.ID), Name: s.Name, Owner: s.Owner,
			TokenLifeSeconds: int64(s.TokenLife / time.Second), RateLimit: int(s.RateLimit), Schemas: s.Schemas, TimeZone: s.TimeZone, SecondStep: s.SecondStep,
			PausedAt: microsOrNull(s.Pause.Since), PausedBy: s.Pause.By, PauseReason: s.Pause.Reason,
		}, nil
}

func noOrganisation(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "there is no such organisation")
	}
	return err
}
