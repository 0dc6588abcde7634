// Package people lets an organisation's people look at whom its identity provider has provisioned, and what became of them.
package people

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/employeeid"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// Service holds the use cases. It is safe for concurrent use.
type Service struct {
	store    ports.Store
	now      func() time.Time
	newID    func() string
	assessed *assessments
	making   sync.WaitGroup // of files
	stopping chan struct{}  // is closed when none may be made any longer
}

// New makes a Service. newID gives UUIDs of version 7.
func New(store ports.Store, now func() time.Time, newID func() string) *Service {
	return &Service{store: store, now: now, newID: newID, assessed: newAssessments(), stopping: make(chan struct{})}
}

// record writes the journal's line of what somebody did.
func (s *Service) record(ctx context.Context, tx ports.Tx, by activity.Actor, action activity.Action, subject activity.Subject, changes []activity.Change) error {
	event := activity.Event{ID: s.newID(), At: s.now(), Actor: by, Action: action, Subject: subject, Changes: changes}
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		event.Trace = span.TraceID().String()
	}
	return tx.Activity().Record(ctx, event)
}

// Query asks for people.
type Query struct {
	ports.PeopleQuery
	Problem employeeid.Problem // that they have; empty: whether they have any or not
	Known   bool               // those whose problem is known, in place of those whose is to be fixed
}

// Row is somebody in a list.
type Row struct {
	directory.Person
	Problems []employeeid.Problem
}

// Page is a page of people.
type Page struct {
	Rows   []Row
	Places []ports.Place
	Total  int // up to ports.CountedTo + 1
	ports.Edges
}

// List gives a page of people.
func (s *Service) List(ctx context.Context, org organisation.ID, q Query) (page Page, err error) {
	a, err := s.assess(ctx, org)
	if err != nil {
		return page, err
	}
	if q.Problem != "" {
		having := a.having
		if q.Known {
			having = a.known
		}
		q.Among = append([]directory.ID{}, having[q.Problem]...)
	}
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		found, err := tx.People().List(ctx, q.PeopleQuery)
		if err != nil {
			return err
		}
		page = Page{Places: found.Places, Total: found.Total, Edges: found.Edges}
		for _, p := range found.People {
			page.Rows = append(page.Rows, Row{p, a.of[p.ID]})
		}
		return nil
	})
	return page, err
}

// Person is one person, with all that is known.
type Person struct {
	Row
	Attributes *tree.Object // as received
	Groups     []directory.Member
	Known      []Judged           // of the problems that are not to be fixed
	Earlier    []Earlier          // Employee IDs that they had before, the last first
	Sharing    []directory.Person // others whose Employee ID is the same or nearly, at most ten
}

// Person gives one person. Faults: NotFound.
func (s *Service) Person(ctx context.Context, org organisation.ID, id directory.ID) (p Person, err error) {
	a, err := s.assess(ctx, org)
	if err != nil {
		return p, err
	}
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		document, err := tx.Users().Document(ctx, id)
		if err != nil {
			return err
		}
		v, err := tree.Parse(document.Body)
		if err != nil {
			return fault.Wrap(fault.Internal, fmt.Errorf("read a person: %w", err))
		}
		p.Attributes, _ = v.(*tree.Object)
		found, err := tx.People().List(ctx, ports.PeopleQuery{Among: []directory.ID{id}, Sheet: ports.Sheet{Limit: 1}})
		if err != nil {
			return err
		}
		if len(found.People) == 1 {
			p.Row = Row{found.People[0], a.of[id]}
		}
		groups, err := tx.Members().Groups(ctx, []directory.ID{id})
		if err != nil {
			return err
		}
		p.Groups = groups[id]
		if p.Earlier, err = s.earlier(ctx, tx, p.Row.Person); err != nil {
			return err
		}
		if p.Known, err = s.known(ctx, tx, p.Row.Person, a.knownOf[id]); err != nil {
			return err
		}
		if others := a.sharing(id, p.EmployeeID); len(others) > 0 {
			found, err := tx.People().List(ctx, ports.PeopleQuery{Among: others, Sheet: ports.Sheet{Limit: 10}})
			p.Sharing = found.People
			return err
		}
		return nil
	})
	return p, err
}

// Groups gives a page of groups.
func (s *Service) Groups(ctx context.Context, org organisation.ID, q ports.GroupsQuery) (page ports.GroupsPage, err error) {
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) (err error) {
		page, err = tx.People().Groups(ctx, q)
		return err
	})
	return page, err
}

// Group is one group and the groups in it.
type Group struct {
	ports.GroupRow
	Inner ports.GroupsPage
}

// Group gives one group, with the first of the groups in it. Faults: NotFound.
func (s *Service) Group(ctx context.Context, org organisation.ID, id directory.ID) (g Group, err error) {
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		found, err := tx.People().Groups(ctx, ports.GroupsQuery{ID: id, Sheet: ports.Sheet{Limit: 1}})
		if err != nil {
			return err
		}
		if len(found.Groups) == 0 {
			return fault.New(fault.NotFound, "there is no group with this id")
		}
		g.GroupRow = found.Groups[0]
		g.Inner, err = tx.People().Groups(ctx, ports.GroupsQuery{In: id, Sheet: ports.Sheet{Limit: 50}})
		return err
	})
	return g, err
}
