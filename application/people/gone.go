package people

import (
	"context"
	"strings"
	"time"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// GoneShown is how long those are shown who were deleted.
const GoneShown = 30 * 24 * time.Hour

// Gone is somebody who was deleted, as the journal remembers them.
type Gone struct {
	ID                         directory.ID
	Name, UserName, EmployeeID string
	At, Until                  time.Time // of the deletion; until then they are shown
	By                         string
}

// GonePage is a page of those who were deleted, the last first.
type GonePage struct {
	People []Gone
	Places []ports.Place
	Total  int // up to ports.CountedTo + 1
	ports.Edges
}

// Gone gives a page of those who were deleted within GoneShown.
func (s *Service) Gone(ctx context.Context, org organisation.ID, sheet ports.Sheet) (page GonePage, err error) {
	q := ports.ActivityQuery{Subject: activity.Subject{Kind: directory.IsUser}, Deletions: true, Since: s.now().Add(-GoneShown), Sheet: sheet}
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		found, called, err := readEvents(ctx, tx, q)
		if err != nil {
			return err
		}
		page = GonePage{Total: found.Total, Edges: found.Edges}
		for _, e := range found.Events {
			page.People, page.Places = append(page.People, called.gone(e)), append(page.Places, ports.Place{ID: e.ID})
		}
		return nil
	})
	return page, err
}

// GonePerson gives somebody who was deleted. Faults: NotFound, also once GoneShown is over.
func (s *Service) GonePerson(ctx context.Context, org organisation.ID, id directory.ID) (g Gone, err error) {
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		events, err := tx.Activity().Of(ctx, activity.Subject{Kind: directory.IsUser, ID: string(id)}, 1)
		if err != nil {
			return err
		}
		if len(events) == 0 || events[0].Action != activity.Deleted || s.now().Sub(events[0].At) >= GoneShown {
			return fault.New(fault.NotFound, "there is nobody with this id")
		}
		called, err := names(ctx, tx, events)
		g = called.gone(events[0])
		return err
	})
	return g, err
}

// gone reads somebody out of the event that deleted them: it has all values that there were.
func (c calling) gone(e activity.Event) Gone {
	attributes, name := tree.NewObject(), tree.NewObject()
	for _, change := range e.Changes {
		if sub, ok := strings.CutPrefix(change.Path, "name."); ok {
			name.Set(sub, change.From)
		} else {
			attributes.Set(change.Path, change.From)
		}
	}
	attributes.Set("name", name)
	text := func(path string) string { value, _ := attributes.Get(path).(string); return value }
	return Gone{directory.ID(e.Subject.ID), directory.Name(attributes), text("userName"), text("externalId"), e.At, e.At.Add(GoneShown), c.actor(e.Actor)}
}
