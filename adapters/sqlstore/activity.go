package sqlstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// journal is one organisation's activity.
type journal struct{ *unit }

type eventRow struct {
	bun.BaseModel  `bun:"table:activity"`
	OrganisationID string `bun:",pk"`
	ID             string `bun:",pk"`
	At             int64
	ActorKind      string
	ActorID        string
	Action         string
	SubjectKind    string
	SubjectID      string
	Changes        string
	Trace          string
	Address        string
}

func (j journal) Record(ctx context.Context, e activity.Event) error {
	// Whoever erases the organisation waits for this unit, and a unit that comes later finds no organisation to write in.
	here := j.NewSelect().Table("registry").Column("organisation_id").Where("organisation_id = ?", j.org)
	if e.Actor.Kind == activity.Member && e.Address == "" {
		e.Address = ports.AddressIn(ctx)
	}
	_, err := j.NewInsert().Model(&eventRow{
		OrganisationID: string(j.org), ID: e.ID, At: micros(e.At),
		ActorKind: string(e.Actor.Kind), ActorID: e.Actor.ID, Action: string(e.Action),
		SubjectKind: e.Subject.Kind, SubjectID: e.Subject.ID, Changes: writeChanges(e.Changes), Trace: e.Trace, Address: e.Address,
	}).Value("organisation_id", "(?)", j.store.dialect.Kept(here)).Returning("NULL").Exec(unawaitedIn(ctx)) // RETURNING would be awaited
	return err
}

func (j journal) Of(ctx context.Context, subject activity.Subject, limit int) ([]activity.Event, error) {
	var rows []eventRow
	err := j.NewSelect().Model(&rows).
		Where("organisation_id = ?", j.org).Where("subject_kind = ?", subject.Kind).Where("subject_id = ?", subject.ID).
		OrderExpr("id DESC").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, err
	}
	return eventsOf(rows)
}

func eventsOf(rows []eventRow) (_ []activity.Event, err error) {
	events := make([]activity.Event, len(rows))
	for i, r := range rows {
		if events[i], err = r.event(); err != nil {
			return nil, err
		}
	}
	return events, nil
}

func (j journal) Page(ctx context.Context, q ports.ActivityQuery) (page ports.ActivityPage, err error) {
	var rows []eventRow
	list := j.matching(q, j.NewSelect().Model(&rows))
	if err := (sorted{"", "id", true}).sheet(list, q.Sheet).Scan(ctx); err != nil {
		return page, err
	}
	rows, page.Edges = cutSheet(rows, q.Sheet)
	if page.Events, err = eventsOf(rows); err != nil {
		return page, err
	}
	page.Total, err = j.counted(ctx, j.matching(q, j.NewSelect().Table("activity")), q.Sheet)
	return page, err
}

func (j journal) matching(q ports.ActivityQuery, list *bun.SelectQuery) *bun.SelectQuery {
	list = list.Where("organisation_id = ?", j.org)
	if q.Subject.Kind != "" {
		list = list.Where("subject_kind = ?", q.Subject.Kind)
	}
	if q.Subject.ID != "" {
		list = list.Where("subject_id = ?", q.Subject.ID)
	}
	if q.ByPeople || q.Member != "" {
		list = list.Where("actor_kind <> 'client'") // as the index activity_people says it
	}
	if q.Member != "" {
		list = list.Where("actor_id = ?", q.Member)
	}
	if !q.Since.IsZero() {
		list = list.Where("at >= ?", micros(q.Since))
	}
	if !q.Until.IsZero() {
		list = list.Where("at < ?", micros(q.Until))
	}
	return list
}

func (j journal) All(ctx context.Context, yield func(activity.Event) error) error {
	for last := ""; ; {
		var rows []eventRow
		err := j.NewSelect().Model(&rows).Where("organisation_id = ?", j.org).Where("id > ?", last).OrderExpr("id").Limit(atOnce).Scan(ctx)
		if err != nil {
			return err
		}
		for _, r := range rows {
			e, err := r.event()
			if err != nil {
				return err
			}
			if err := yield(e); err != nil {
				return err
			}
		}
		if len(rows) < atOnce {
			return nil
		}
		last = rows[len(rows)-1].ID
	}
}

func (r eventRow) event() (activity.Event, error) {
	changes, err := readChanges(r.Changes)
	if err != nil {
		return activity.Event{}, fault.Wrap(fault.Internal, err)
	}
	return activity.Event{
		ID: r.ID, At: fromMicros(r.At), Actor: activity.Actor{Kind: activity.ActorKind(r.ActorKind), ID: r.ActorID},
		Action: activity.Action(r.Action), Subject: activity.Subject{Kind: r.SubjectKind, ID: r.SubjectID},
		Changes: changes, Trace: r.Trace, Address: r.Address,
	}, nil
}

func writeChanges(changes []activity.Change) string {
	list := make(tree.List, len(changes))
	for i, c := range changes {
		change := tree.NewObject(tree.Member{Name: "path", Value: c.Path})
		if c.From != nil {
			change.Set("from", c.From)
		}
		if c.To != nil {
			change.Set("to", c.To)
		}
		list[i] = change
	}
	return string(tree.Append(nil, list))
}

func readChanges(text string) ([]activity.Change, error) {
	value, err := tree.Parse([]byte(text))
	if err != nil {
		return nil, err
	}
	list, _ := value.(tree.List)
	var changes []activity.Change
	for _, v := range list {
		change, _ := v.(*tree.Object)
		path, _ := change.Get("path").(string)
		changes = append(changes, activity.Change{Path: path, From: change.Get("from"), To: change.Get("to")})
	}
	return changes, nil
}
