package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/fault"
)

type sessionRow struct {
	bun.BaseModel  `bun:"table:sessions"`
	OrganisationID string `bun:",pk"`
	Digest         string `bun:",pk"`
	StaffID        string
	Half           bool
	StartedAt      int64
	SeenAt         int64
	ConfirmedAt    *int64
	Browser        string
	Address        string
	Setup          string
}

// sessions is the browsers in which an organisation's people are signed in.
type sessions struct{ *unit }

func (s sessions) Get(ctx context.Context, digest string) (access.Session, error) {
	var row sessionRow
	err := s.NewSelect().Model(&row).Where("organisation_id = ?", s.org).Where("digest = ?", digest).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return access.Session{}, fault.New(fault.NotFound, "there is no such session")
	}
	return row.session(), err
}

func (s sessions) Of(ctx context.Context, memberID string) (all []access.Session, err error) {
	var rows []sessionRow
	err = s.NewSelect().Model(&rows).Where("organisation_id = ?", s.org).Where("staff_id = ?", memberID).OrderExpr("seen_at DESC, digest").Scan(ctx)
	for _, r := range rows {
		all = append(all, r.session())
	}
	return all, err
}

func (s sessions) Put(ctx context.Context, put access.Session) error {
	_, err := s.NewInsert().Model(&sessionRow{
		OrganisationID: string(s.org), Digest: put.Digest, StaffID: put.MemberID, Half: put.Half, StartedAt: micros(put.Started),
		SeenAt: micros(put.Seen), ConfirmedAt: microsOrNull(put.Confirmed), Browser: put.Browser, Address: put.Address, Setup: put.Setup,
	}).On("CONFLICT (organisation_id, digest) DO UPDATE").
		Set("half = EXCLUDED.half, seen_at = EXCLUDED.seen_at, confirmed_at = EXCLUDED.confirmed_at, address = EXCLUDED.address, setup = EXCLUDED.setup").Exec(ctx)
	return err
}

func (s sessions) End(ctx context.Context, digest string) error {
	_, err := s.NewDelete().Table("sessions").Where("organisation_id = ?", s.org).Where("digest = ?", digest).Exec(ctx)
	return err
}

func (s sessions) EndOthers(ctx context.Context, memberID, digest string) error {
	_, err := s.NewDelete().Table("sessions").Where("organisation_id = ?", s.org).Where("staff_id = ?", memberID).Where("digest <> ?", digest).Exec(ctx)
	return err
}

func (r sessionRow) session() access.Session {
	if r.Digest == "" {
		return access.Session{}
	}
	return access.Session{
		Digest: r.Digest, MemberID: r.StaffID, Half: r.Half, Started: fromMicros(r.StartedAt), Seen: fromMicros(r.SeenAt),
		Confirmed: fromMicrosOrNull(r.ConfirmedAt), Browser: r.Browser, Address: r.Address, Setup: r.Setup,
	}
}

type linkRow struct {
	bun.BaseModel  `bun:"table:links"`
	OrganisationID string `bun:",pk"`
	Digest         string `bun:",pk"`
	StaffID        string
	Purpose        string
	ExpiresAt      int64
	UsedAt         *int64
}

// links is the one-time links of an organisation's people.
type links struct{ *unit }

func (l links) Get(ctx context.Context, digest string) (access.Link, error) {
	var row linkRow
	q := l.NewSelect().Model(&row).Where("organisation_id = ?", l.org).Where("digest = ?", digest)
	if err := l.locked(q).Scan(ctx); errors.Is(err, sql.ErrNoRows) {
		return access.Link{}, fault.New(fault.NotFound, "there is no such link")
	} else if err != nil {
		return access.Link{}, err
	}
	return access.Link{
		Digest: row.Digest, MemberID: row.StaffID, Purpose: access.Purpose(row.Purpose), Expires: fromMicros(row.ExpiresAt), Used: fromMicrosOrNull(row.UsedAt),
	}, nil
}

func (l links) Put(ctx context.Context, put access.Link) error {
	_, err := l.NewInsert().Model(&linkRow{
		OrganisationID: string(l.org), Digest: put.Digest, StaffID: put.MemberID, Purpose: string(put.Purpose),
		ExpiresAt: micros(put.Expires), UsedAt: microsOrNull(put.Used),
	}).On("CONFLICT (organisation_id, digest) DO UPDATE").Set("used_at = EXCLUDED.used_at").Exec(ctx)
	return err
}

func (l links) Drop(ctx context.Context, memberID string) error {
	_, err := l.NewDelete().Table("links").Where("organisation_id = ?", l.org).Where("staff_id = ?", memberID).Where("used_at IS NULL").Exec(ctx)
	return err
}
