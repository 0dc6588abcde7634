package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

type staffRow struct {
	bun.BaseModel  `bun:"table:staff"`
	OrganisationID string `bun:",pk"`
	ID             string `bun:",pk"`
	Email          string
	Name           string
	Roles          string
	Password       string
	SecondStep     string
	SecondLast     int64
	Recovery       string
	InvitedAt      int64
	JoinedAt       *int64
	SeenAt         *int64
	RemovedAt      *int64
}

type signInRow struct {
	bun.BaseModel  `bun:"table:sign_ins"`
	OrganisationID string `bun:",pk"`
	EmailFold      string
	StaffID        string `bun:",pk"`
}

// staff is who may sign in to one organisation's portal.
type staff struct{ *unit }

func (s staff) Get(ctx context.Context, id string) (*access.Member, error) {
	return s.one(ctx, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("id = ?", id) })
}

func (s staff) Find(ctx context.Context, email string) (*access.Member, error) {
	named := s.NewSelect().Table("sign_ins").Column("staff_id").Where("organisation_id = ?", s.org).Where("email_fold = ?", access.Fold(email))
	return s.one(ctx, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("id = (?)", named) })
}

func (s staff) one(ctx context.Context, which func(*bun.SelectQuery) *bun.SelectQuery) (*access.Member, error) {
	if err := s.hold(ctx); err != nil {
		return nil, err
	}
	var row staffRow
	err := which(s.NewSelect().Model(&row).Where("organisation_id = ?", s.org)).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, noMember()
	}
	if err != nil {
		return nil, err
	}
	return row.member(), nil
}

// hold makes whoever else changes the organisation's people wait until the unit ends: what they may do depends on all.
func (s staff) hold(ctx context.Context) error {
	if !s.writes {
		return nil
	}
	all := s.NewSelect().Table("staff").Column("id").Where("organisation_id = ?", s.org).OrderExpr("id")
	_, err := s.store.dialect.Locked(all).Exec(ctx)
	return err
}

func (s staff) All(ctx context.Context) ([]*access.Member, error) {
	if err := s.hold(ctx); err != nil {
		return nil, err
	}
	var rows []staffRow
	if err := s.NewSelect().Model(&rows).Where("organisation_id = ?", s.org).Where("removed_at IS NULL").OrderExpr("email, id").Scan(ctx); err != nil {
		return nil, err
	}
	all := make([]*access.Member, len(rows))
	for i, r := range rows {
		all[i] = r.member()
	}
	return all, nil
}

func (s staff) Add(ctx context.Context, m *access.Member) error {
	row := s.row(m)
	door := signInRow{OrganisationID: string(s.org), EmailFold: access.Fold(row.Email), StaffID: row.ID}
	if _, err := s.NewInsert().Model(&door).Exec(ctx); err != nil {
		if s.store.dialect.Taken(err, "email_fold") {
			return fault.New(fault.Conflict, "%s is a member already", row.Email).At("email")
		}
		return err
	}
	_, err := s.NewInsert().Model(&row).Exec(ctx)
	return err
}

func (s staff) Save(ctx context.Context, m *access.Member) error {
	row := s.row(m)
	result, err := s.NewUpdate().Model(&row).ExcludeColumn("organisation_id", "id", "email", "invited_at").
		Where("organisation_id = ?", s.org).Where("id = ?", row.ID).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		return noMember()
	}
	if row.RemovedAt == nil {
		return nil
	}
	_, err = s.NewDelete().Table("sign_ins").Where("organisation_id = ?", s.org).Where("email_fold = ?", access.Fold(row.Email)).Where("staff_id = ?", row.ID).Exec(ctx)
	return err
}

func noMember() error { return fault.New(fault.NotFound, "there is no such member") }

func (s staff) row(m *access.Member) staffRow {
	v := m.Snapshot()
	roles := make([]string, len(v.Roles))
	for i, r := range v.Roles {
		roles[i] = string(r)
	}
	return staffRow{
		OrganisationID: string(s.org), ID: v.ID, Email: v.Email, Name: v.Name, Roles: strings.Join(roles, " "), Password: v.Password,
		SecondStep: v.Second.Secret, SecondLast: v.Second.Last, Recovery: strings.Join(v.Second.Recovery, " "),
		InvitedAt: micros(v.Invited), JoinedAt: microsOrNull(v.Joined), SeenAt: microsOrNull(v.Seen), RemovedAt: microsOrNull(v.Removed),
	}
}

func (r staffRow) member() *access.Member {
	var roles []access.Role
	for _, word := range strings.Fields(r.Roles) {
		roles = append(roles, access.Role(word))
	}
	var recovery []string
	if r.Recovery != "" {
		recovery = strings.Split(r.Recovery, " ")
	}
	return access.Restore(access.Snapshot{
		ID: r.ID, Email: r.Email, Name: r.Name, Roles: roles, Password: r.Password,
		Second:  access.SecondStep{Secret: r.SecondStep, Last: r.SecondLast, Recovery: recovery},
		Invited: fromMicros(r.InvitedAt), Joined: fromMicrosOrNull(r.JoinedAt), Seen: fromMicrosOrNull(r.SeenAt), Removed: fromMicrosOrNull(r.RemovedAt),
	})
}

// doors tells where somebody may sign in.
type doors struct{ *Store }

func (d doors) Organisations(ctx context.Context, email string) (ids []organisation.ID, err error) {
	err = d.database.Direct().NewSelect().Table("sign_ins").Column("organisation_id").Where("email_fold = ?", access.Fold(email)).OrderExpr("organisation_id").Scan(ctx, &ids)
	return ids, d.fault(ctx, err)
}
