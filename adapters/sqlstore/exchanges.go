package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/traffic"
	"github.com/extraordinary/provisioning/ports"
)

type exchangeRow struct {
	bun.BaseModel  `bun:"table:exchanges"`
	OrganisationID string `bun:",pk"`
	ID             string `bun:",pk"`
	At             int64
	ClientID       string
	KeyID          string
	About          string
	SubjectID      string
	Name           string
	NameFold       string
	Act            string
	Method         string
	Path           string
	Status         int
	Outcome        string
	Code           string
	Codes          string
	Detail         string
	Request        string
	Response       string
	Trace          string
	Theirs         string
	Count          int
	Quiet          bool
}

// exchanges is what went between one organisation's identity provider and us.
type exchanges struct{ *unit }

func (x exchanges) Add(ctx context.Context, all []traffic.Exchange) error {
	rows := make([]exchangeRow, len(all))
	for i, e := range all {
		codes := make([]string, len(e.Codes))
		for j, c := range e.Codes {
			codes[j] = string(c)
		}
		rows[i] = exchangeRow{
			OrganisationID: string(x.org), ID: e.ID, At: micros(e.At), ClientID: e.ClientID, KeyID: e.KeyID, About: string(e.About), SubjectID: e.Subject,
			Name: e.Name, NameFold: schema.Fold(e.Name), Act: string(e.Act), Method: e.Method, Path: e.Path, Status: e.Status, Outcome: string(e.Outcome),
			Code: string(e.Code()), Codes: strings.Join(codes, " "), Detail: e.Detail, Request: e.Request, Response: e.Response, Trace: e.Trace,
			Theirs: e.Theirs, Count: e.Count, Quiet: e.Quiet(),
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := x.NewInsert().Model(&rows).On("CONFLICT (organisation_id, id) DO UPDATE").
		Set("count = EXCLUDED.count, key_id = EXCLUDED.key_id, codes = EXCLUDED.codes, code = EXCLUDED.code, detail = EXCLUDED.detail").Returning("NULL").Exec(ctx)
	return err
}

func (r exchangeRow) exchange() traffic.Exchange {
	var codes []traffic.Code
	for _, c := range strings.Fields(r.Codes) {
		codes = append(codes, traffic.Code(c))
	}
	return traffic.Exchange{
		ID: r.ID, At: fromMicros(r.At), ClientID: r.ClientID, KeyID: r.KeyID, About: traffic.About(r.About), Subject: r.SubjectID, Name: r.Name,
		Act: traffic.Act(r.Act), Method: r.Method, Path: r.Path, Status: r.Status, Outcome: traffic.Outcome(r.Outcome), Codes: codes, Detail: r.Detail,
		Request: r.Request, Response: r.Response, Trace: r.Trace, Theirs: r.Theirs, Count: r.Count,
	}
}

func (x exchanges) Get(ctx context.Context, id string) (traffic.Exchange, error) {
	var row exchangeRow
	err := x.NewSelect().Model(&row).Where("organisation_id = ?", x.org).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return traffic.Exchange{}, fault.New(fault.NotFound, "there is no such request in the log")
	}
	if err != nil {
		return traffic.Exchange{}, err
	}
	return row.exchange(), nil
}

func (x exchanges) List(ctx context.Context, q traffic.Query) ([]traffic.Exchange, error) {
	var rows []exchangeRow
	s := matching(q, x.store.dialect.JSON(), x.NewSelect().Model(&rows).ExcludeColumn("request", "response").Where("organisation_id = ?", x.org)).Limit(int64(q.Limit))
	if q.Before != "" {
		s = s.Where("id < ?", q.Before)
	}
	order := "id DESC"
	if q.After != "" {
		s, order = s.Where("id > ?", q.After), "id"
	}
	if err := s.OrderExpr(order).Scan(ctx); err != nil {
		return nil, err
	}
	all := make([]traffic.Exchange, len(rows))
	for i, r := range rows {
		all[i] = r.exchange()
	}
	return all, nil
}

func (x exchanges) Count(ctx context.Context, q traffic.Query) (int, error) {
	return x.counted(ctx, matching(q, x.store.dialect.JSON(), x.NewSelect().Table("exchanges").Where("organisation_id = ?", x.org)), ports.Sheet{})
}

func (x exchanges) Traced(ctx context.Context, subject directory.ID, traces []string) (map[string]string, error) {
	ids := map[string]string{}
	if len(traces) == 0 {
		return ids, nil
	}
	var rows []exchangeRow
	err := x.NewSelect().Model(&rows).Column("id", "trace").Where("organisation_id = ?", x.org).Where("subject_id = ?", subject).Where("trace IN (?)", bun.List(traces)).Scan(ctx)
	for _, r := range rows {
		ids[r.Trace] = r.ID
	}
	return ids, err
}

// matching adds to s what q wants, but for where the page begins.
func matching(q traffic.Query, json JSON, s *bun.SelectQuery) *bun.SelectQuery {
	for column, value := range map[string]string{
		"subject_id": q.Subject, "outcome": string(q.Outcome), "code": string(q.Code), "about": string(q.About), "key_id": q.KeyID,
	} {
		if value != "" {
			s = s.Where("? = ?", bun.Ident(column), value)
		}
	}
	if q.Text != "" {
		s = s.Where("?", json.Contains(expression("name_fold"), schema.Fold(q.Text)))
	}
	if !q.From.IsZero() {
		s = s.Where("at >= ?", micros(q.From))
	}
	if !q.To.IsZero() {
		s = s.Where("at < ?", micros(q.To))
	}
	if !q.Reads {
		s = s.Where("quiet = ?", false)
	}
	return s
}

// expression is a column.
func expression(column string) Expression { return Expression{Query: column} }

func (x exchanges) Problems(ctx context.Context, since time.Time) ([]traffic.Problem, error) {
	var rows []struct {
		Code              string
		Count             int
		FirstAt, LatestAt int64
	}
	err := x.NewSelect().Table("exchanges").ColumnExpr("code, CAST(sum(count) AS bigint) AS count, min(at) AS first_at, max(at) AS latest_at").
		Where("organisation_id = ?", x.org).Where("code <> ''").Where("at >= ?", micros(since)).GroupExpr("code").OrderExpr("min(at)").Scan(ctx, &rows)
	all := make([]traffic.Problem, len(rows))
	for i, r := range rows {
		all[i] = traffic.Problem{Code: traffic.Code(r.Code), Count: r.Count, First: fromMicros(r.FirstAt), Last: fromMicros(r.LatestAt)}
	}
	return all, err
}

func (x exchanges) Hours(ctx context.Context, since time.Time) ([]traffic.Hour, error) {
	var rows []struct {
		Hour    int64
		Total   int
		Refused int
	}
	const hour = int64(time.Hour / time.Microsecond)
	err := x.NewSelect().Table("exchanges").
		ColumnExpr("at / ? AS hour, CAST(sum(count) AS bigint) AS total, CAST(sum(CASE WHEN outcome IN ('refused', 'failed') THEN count ELSE 0 END) AS bigint) AS refused", hour).
		Where("organisation_id = ?", x.org).Where("at >= ?", micros(since)).GroupExpr("1").OrderExpr("1").Scan(ctx, &rows)
	all := make([]traffic.Hour, len(rows))
	for i, r := range rows {
		all[i] = traffic.Hour{Start: fromMicros(r.Hour * hour), Total: r.Total, Refused: r.Refused}
	}
	return all, err
}

func (x exchanges) Forget(ctx context.Context, before time.Time, subject directory.ID, most int) (int, error) {
	some := x.NewSelect().Table("exchanges").Column("id").Where("organisation_id = ?", x.org).Limit(int64(most))
	if subject != "" {
		some = some.Where("subject_id = ?", subject)
	} else {
		some = some.Where("at < ?", micros(before)).OrderExpr("id")
	}
	result, err := x.NewDelete().Table("exchanges").Where("organisation_id = ?", x.org).Where("id IN (?)", some).Exec(ctx)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

func (x exchanges) State(ctx context.Context) (state traffic.State, err error) {
	var text string
	q := x.NewSelect().Table("connections").Column("state").Where("organisation_id = ?", x.org)
	if err := x.locked(q).Scan(ctx, &text); errors.Is(err, sql.ErrNoRows) {
		return traffic.State{}, nil
	} else if err != nil {
		return traffic.State{}, err
	}
	if err := json.Unmarshal([]byte(text), &state); err != nil {
		return traffic.State{}, fault.Wrap(fault.Internal, err)
	}
	return state, nil
}

func (x exchanges) SaveState(ctx context.Context, state traffic.State) error {
	text, err := json.Marshal(state)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	row := connectionRow{OrganisationID: string(x.org), State: string(text)}
	_, err = x.NewInsert().Model(&row).On("CONFLICT (organisation_id) DO UPDATE").Set("state = EXCLUDED.state").Exec(ctx)
	return err
}

type connectionRow struct {
	bun.BaseModel  `bun:"table:connections"`
	OrganisationID string `bun:",pk"`
	State          string
}
