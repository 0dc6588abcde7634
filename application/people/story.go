package people

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// JournalShown is how far back the journal is shown.
const JournalShown = 400 * 24 * time.Hour

// Line is an event of the journal in words.
type Line struct {
	At      time.Time
	Who     string // "Entra", "Ana Roy", "Extraordinary"
	From    string // where they were: a network address, "command line"; empty if it is not known
	What    string // "Switched off"
	Subject activity.Subject
	Of      string // what the subject is called
	Changes []Change
	Trace   string
}

// Change is an attribute's old and new value in words; empty where there was or is none.
type Change struct{ Path, From, To string }

// Lines is a page of the journal.
type Lines struct {
	Lines  []Line
	Places []ports.Place
	Total  int // up to ports.CountedTo + 1
	ports.Edges
}

// Timeline tells what became of a person or a group, the newest first.
func (s *Service) Timeline(ctx context.Context, org organisation.ID, subject activity.Subject, sheet ports.Sheet) (Lines, error) {
	return s.lines(ctx, org, ports.ActivityQuery{Subject: subject, Sheet: sheet})
}

// Activity tells what people did in the portal and by command line within JournalShown.
func (s *Service) Activity(ctx context.Context, org organisation.ID, q ports.ActivityQuery) (Lines, error) {
	q.ByPeople = true
	if oldest := s.now().Add(-JournalShown); q.Since.Before(oldest) {
		q.Since = oldest
	}
	return s.lines(ctx, org, q)
}

func (s *Service) lines(ctx context.Context, org organisation.ID, q ports.ActivityQuery) (lines Lines, err error) {
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		page, called, err := readEvents(ctx, tx, q)
		if err != nil {
			return err
		}
		lines = Lines{Total: page.Total, Edges: page.Edges}
		for _, e := range page.Events {
			lines.Lines, lines.Places = append(lines.Lines, called.line(e)), append(lines.Places, ports.Place{ID: e.ID})
		}
		return nil
	})
	return lines, err
}

// readEvents gives a page of events, and what those are called who are in them.
func readEvents(ctx context.Context, tx ports.Tx, q ports.ActivityQuery) (page ports.ActivityPage, called calling, err error) {
	if page, err = tx.Activity().Page(ctx, q); err == nil {
		called, err = names(ctx, tx, page.Events)
	}
	return page, called, err
}

// calling is what those are called who are in some events.
type calling struct {
	members, credentials map[string]string
	directory            map[directory.ID]string
}

// namedMembers is how many of those who joined or left a group are named in one line.
const namedMembers = 5

func names(ctx context.Context, tx ports.Tx, events []activity.Event) (c calling, err error) {
	c = calling{members: map[string]string{}, credentials: map[string]string{}}
	var ids []directory.ID
	for _, e := range events {
		if e.Actor.Kind == activity.Member {
			c.members[e.Actor.ID] = ""
		}
		if e.Subject.Kind == "Member" {
			c.members[e.Subject.ID] = ""
		}
		if e.Subject.Kind == directory.IsUser || e.Subject.Kind == directory.IsGroup {
			ids = append(ids, directory.ID(e.Subject.ID))
		}
		for _, change := range e.Changes {
			if change.Path == "members" {
				ids = append(append(ids, first(change.From)...), first(change.To)...)
			}
		}
	}
	if err := c.readMembers(ctx, tx); err != nil {
		return c, err
	}
	credentials, err := tx.Credentials().All(ctx)
	if err != nil {
		return c, err
	}
	for _, one := range credentials {
		c.credentials[one.Snapshot().ClientID] = one.Snapshot().Name
	}
	c.directory, err = tx.People().Names(ctx, ids)
	return c, err
}

// readMembers finds what the members are called whose ids are there.
func (c calling) readMembers(ctx context.Context, tx ports.Tx) error {
	for id := range c.members {
		m, err := tx.Staff().Get(ctx, id)
		switch {
		case errors.Is(err, fault.NotFound):
			c.members[id] = "somebody"
		case err != nil:
			return err
		default:
			c.members[id] = m.Snapshot().Name
		}
	}
	return nil
}

// first gives the first ids of a list of members.
func first(v tree.Value) (ids []directory.ID) {
	list, _ := v.(tree.List)
	for _, one := range list[:min(len(list), namedMembers)] {
		if id, ok := one.(string); ok {
			ids = append(ids, directory.ID(id))
		}
	}
	return ids
}

func (c calling) line(e activity.Event) Line {
	l := Line{At: e.At, Who: c.actor(e.Actor), What: what(e), Subject: e.Subject, Of: c.subject(e), Trace: e.Trace, From: e.Address}
	if e.Actor.Kind == activity.Operator {
		l.From = "command line"
	}
	for _, change := range e.Changes {
		if change.Path == "schemas" {
			continue // it follows from the others
		}
		l.Changes = append(l.Changes, Change{change.Path, c.text(change.Path, change.From), c.text(change.Path, change.To)})
	}
	return l
}

func (c calling) actor(a activity.Actor) string {
	switch a.Kind {
	case activity.Client:
		if name := c.credentials[a.ID]; name != "" {
			return name
		}
		return "Entra"
	case activity.Member:
		return c.members[a.ID]
	case activity.Operator:
	}
	return "Extraordinary"
}

// what says what was done in a word or two.
func what(e activity.Event) string {
	for _, change := range e.Changes {
		if text := judgedText(change); text != "" {
			return text
		}
		if change.Path == "active" && e.Action == activity.Changed {
			if change.To == false {
				return "Switched off"
			}
			return "Switched on"
		}
	}
	if e.Action == activity.Changed && len(e.Changes) == 1 && e.Changes[0].Path == "members" {
		return "Members changed"
	}
	if e.Subject.Kind == "Export" {
		return "Exported"
	}
	word := string(e.Action)
	if word == "" {
		return "Changed"
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

func (c calling) subject(e activity.Event) string {
	switch e.Subject.Kind {
	case directory.IsUser, directory.IsGroup:
		if name := c.directory[directory.ID(e.Subject.ID)]; name != "" {
			return name
		}
		return "somebody or something that is gone"
	case "Member":
		return c.members[e.Subject.ID]
	case "ClientCredential":
		return "credential " + c.credentials[e.Subject.ID]
	case "Organisation":
		return "the organisation"
	case "Export":
		return "a file"
	}
	return e.Subject.Kind
}

// text gives a value in words.
func (c calling) text(path string, v tree.Value) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case tree.List:
		if path == "members" {
			return c.membersText(v)
		}
		texts := make([]string, len(v))
		for i, one := range v {
			texts[i] = c.text("", one)
		}
		return strings.Join(texts, ", ")
	case *tree.Object:
		if value, ok := v.Get("value").(string); ok {
			if kind, ok := v.Get("type").(string); ok {
				return value + " (" + kind + ")"
			}
			return value
		}
		var texts []string
		for name, one := range v.All() {
			texts = append(texts, name+" "+c.text("", one))
		}
		return strings.Join(texts, ", ")
	}
	return string(tree.Append(nil, v))
}

func (c calling) membersText(list tree.List) string {
	var texts []string
	for _, id := range first(list) {
		name := c.directory[id]
		if name == "" {
			name = "somebody who is gone"
		}
		texts = append(texts, name)
	}
	if more := len(list) - len(texts); more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, ", ")
}

// Received lists a person's attributes as they were received, one line each.
func Received(attributes *tree.Object) (lines []Change) {
	for _, change := range activity.Diff(nil, attributes) {
		if change.Path != "schemas" {
			lines = append(lines, Change{Path: change.Path, To: calling{}.text("", change.To)})
		}
	}
	return lines
}
