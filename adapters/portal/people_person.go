package portal

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/application/people"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/ports"
)

// onePerson is the content of a person's page.
type onePerson struct {
	people.Person
	Problems []toFix
	Known    []knownProblem
	Received []people.Change
	Story    story
	list
}

func (p *Portal) person(w http.ResponseWriter, r *http.Request, v Visit) error {
	id, err := directory.ParseID(mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	return p.renderPerson(w, r, v, http.StatusOK, id, nil)
}

func (p *Portal) renderPerson(w http.ResponseWriter, r *http.Request, v Visit, status int, id directory.ID, wrong []fieldError) error {
	found, err := p.options.People.Person(r.Context(), v.Organisation, id)
	if errors.Is(err, fault.NotFound) {
		return p.renderGone(w, r, v, id)
	}
	if err != nil {
		return err
	}
	shown := onePerson{Person: found, Known: knownWords(found.Known), Received: people.Received(found.Attributes), list: newList(r)}
	for _, w := range wordsOf(found.Row.Problems) {
		fix := toFix{problemWords: w, EmployeeID: found.EmployeeID}
		if i := slices.IndexFunc(wrong, func(f fieldError) bool { return f.Field == "reason-"+string(w.Code) }); i >= 0 {
			fix.Wrong, fix.Reason = wrong[i].Text, r.PostFormValue("reason")
		}
		shown.Problems = append(shown.Problems, fix)
	}
	if shown.Story, err = p.story(r.Context(), v, activity.Subject{Kind: directory.IsUser, ID: string(id)}, sheetOf(r, 20)); err != nil {
		return err
	}
	shown.turn(shown.Story.Total, shown.Story.Places, shown.Story.Edges)
	return p.render(w, r, v, status, "people_person", page{Title: found.Name, Section: "/people", Errors: wrong, Body: shown})
}

// gonePerson is the content of the page of somebody who was deleted.
type gonePerson struct {
	people.Gone
	Story story
}

// renderGone says who was deleted. The page is one that is not there, like that of somebody who never was.
func (p *Portal) renderGone(w http.ResponseWriter, r *http.Request, v Visit, id directory.ID) error {
	gone, err := p.options.People.GonePerson(r.Context(), v.Organisation, id)
	if err != nil {
		return err
	}
	shown := gonePerson{Gone: gone}
	if shown.Story, err = p.story(r.Context(), v, activity.Subject{Kind: directory.IsUser, ID: string(id)}, ports.Sheet{Limit: 20}); err != nil {
		return err
	}
	return p.render(w, r, v, http.StatusNotFound, "people_gone", page{Title: gone.Name, Section: "/people", Body: shown})
}

// story is what became of a person or a group.
type story struct {
	people.Lines
	Requests map[string]string // the ids of what the log has of it, by traces; empty for who may not read the log
}

// story gives a part of what became of a person or a group.
func (p *Portal) story(ctx context.Context, v Visit, subject activity.Subject, sheet ports.Sheet) (s story, err error) {
	if s.Lines, err = p.options.People.Timeline(ctx, v.Organisation, subject, sheet); err != nil || !v.May(access.ManageIntegrations) {
		return s, err
	}
	var traces []string
	for _, l := range s.Lines.Lines {
		if l.Trace != "" {
			traces = append(traces, l.Trace)
		}
	}
	s.Requests, err = p.options.Traffic.Traced(ctx, v.Organisation, directory.ID(subject.ID), traces)
	return s, err
}

// told is a line of the journal with its time as it is shown, and the address of its row in the log.
type told struct {
	people.Line
	When    Moment
	Request string
}

// Told gives what became of somebody as the part "story" shows it.
func (v view) Told(s story) (lines []told) {
	for _, l := range s.Lines.Lines {
		line := told{Line: l, When: v.When(l.At)}
		if id := s.Requests[l.Trace]; id != "" && l.Trace != "" {
			line.Request = "/settings/scim/log/" + id
		}
		lines = append(lines, line)
	}
	return lines
}
