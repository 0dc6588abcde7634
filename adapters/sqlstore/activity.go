package sqlstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/tree"
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
}

func (j journal) Record(ctx context.Context, e activity.Event) error {
	_, err := j.NewInsert().Model(&eventRow{
		OrganisationID: string(j.org), ID: e.ID, At: micros(e.At),
		ActorKind: string(e.Actor.Kind), ActorID: e.Actor.ID, Action: string(e.Action),
		SubjectKind: e.Subject.Kind, SubjectID: e.Subject.ID, Changes: writeChanges(e.Changes), Trace: e.Trace,
	}).Exec(ctx)
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
	events := make([]activity.Event, len(rows))
	for i, r := range rows {
		changes, err := readChanges(r.Changes)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err)
		}
		events[i] = activity.Event{
			ID: r.ID, At: fromMicros(r.At), Actor: activity.Actor{Kind: activity.ActorKind(r.ActorKind), ID: r.ActorID},
			Action: activity.Action(r.Action), Subject: activity.Subject{Kind: r.SubjectKind, ID: r.SubjectID},
			Changes: changes, Trace: r.Trace,
		}
	}
	return events, nil
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
