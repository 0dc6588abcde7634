package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/mail"
	"github.com/extraordinary/provisioning/domain/organisation"
)

type mailRow struct {
	bun.BaseModel  `bun:"table:mails"`
	OrganisationID string `bun:",pk"`
	ID             string `bun:",pk"`
	Recipient      string
	Subject        string
	Text           string
	HTML           string `bun:"html"`
	Attachment     *string
	Tries          int
	TraceID        string
	SpanID         string
}

type dueRow struct {
	bun.BaseModel  `bun:"table:mails_due"`
	OrganisationID string `bun:",pk"`
	ID             string `bun:",pk"`
	DueAt          int64
}

// outbox is one organisation's mails.
type outbox struct{ *unit }

func (o outbox) Queue(ctx context.Context, m mail.Message) error {
	row := mailRow{
		OrganisationID: string(o.org), ID: m.ID, Recipient: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Tries: m.Tries,
		TraceID: m.Trace, SpanID: m.Span,
	}
	if m.Attachment != nil {
		text, err := json.Marshal(m.Attachment)
		if err != nil {
			return fault.Wrap(fault.Internal, err)
		}
		row.Attachment = new(string(text))
	}
	if _, err := o.NewInsert().Model(&row).Exec(ctx); err != nil {
		return err
	}
	_, err := o.NewInsert().Model(&dueRow{OrganisationID: string(o.org), ID: m.ID, DueAt: micros(m.Due)}).Exec(ctx)
	return err
}

func (o outbox) Claim(ctx context.Context, now, until time.Time) (mail.Message, error) {
	var row struct {
		mailRow
		DueAt int64
	}
	first := o.NewSelect().TableExpr("mails AS m").Join("JOIN mails_due AS d ON d.organisation_id = m.organisation_id AND d.id = m.id").
		ColumnExpr("m.*, d.due_at").Where("m.organisation_id = ?", o.org).Where("d.due_at <= ?", micros(now)).OrderExpr("d.due_at, d.id").Limit(1)
	if err := o.locked(first).Scan(ctx, &row); errors.Is(err, sql.ErrNoRows) {
		return mail.Message{}, fault.New(fault.NotFound, "no mail is due")
	} else if err != nil {
		return mail.Message{}, err
	}
	row.Tries++
	if _, err := o.NewUpdate().Table("mails").Set("tries = ?", row.Tries).Where("organisation_id = ?", o.org).Where("id = ?", row.ID).Exec(ctx); err != nil {
		return mail.Message{}, err
	}
	m := mail.Message{
		ID: row.ID, To: row.Recipient, Subject: row.Subject, Text: row.Text, HTML: row.HTML, Due: fromMicros(row.DueAt), Tries: row.Tries,
		Trace: row.TraceID, Span: row.SpanID,
	}
	if row.Attachment != nil {
		m.Attachment = &mail.File{}
		if err := json.Unmarshal([]byte(*row.Attachment), m.Attachment); err != nil {
			return mail.Message{}, fault.Wrap(fault.Internal, err)
		}
	}
	return m, o.Delay(ctx, row.ID, until)
}

func (o outbox) Delay(ctx context.Context, id string, due time.Time) error {
	_, err := o.NewUpdate().Table("mails_due").Set("due_at = ?", micros(due)).Where("organisation_id = ?", o.org).Where("id = ?", id).Exec(ctx)
	return err
}

func (o outbox) Drop(ctx context.Context, id string) error {
	for _, table := range []string{"mails_due", "mails"} {
		if _, err := o.NewDelete().Table(table).Where("organisation_id = ?", o.org).Where("id = ?", id).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// postbox finds the organisations whose mails are due.
type postbox struct{ *Store }

func (p postbox) Due(ctx context.Context, now time.Time, most int) (ids []organisation.ID, err error) {
	err = p.database.Direct().NewSelect().Table("mails_due").ColumnExpr("organisation_id").Where("due_at <= ?", micros(now)).
		GroupExpr("organisation_id").OrderExpr("min(due_at)").Limit(int64(most)).Scan(ctx, &ids)
	return ids, p.fault(ctx, err)
}

func (p postbox) Waiting(ctx context.Context) (n int, first time.Time, err error) {
	var due *int64
	err = p.database.Direct().NewSelect().Table("mails_due").ColumnExpr("count(*), min(due_at)").Scan(ctx, &n, &due)
	return n, fromMicrosOrNull(due), p.fault(ctx, err)
}
