package portal

import (
	"net/http"
	"slices"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/application/people"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
)

// onePerson is the content of a person's page.
type onePerson struct {
	people.Person
	Problems []toFix
	Known    []knownProblem
	Received []people.Change
	Story    people.Lines
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
	if err != nil {
		return err
	}
	shown := onePerson{Person: found, Known: knownWords(found.Known), Received: people.Received(found.Attributes), list: newList(r)}
	for _, w := range wordsOf(found.Row.Problems) {
		fix := toFix{problemWords: w, EmployeeID: found.EmployeeID, May: v.May(access.ManageUsers)}
		if i := slices.IndexFunc(wrong, func(f fieldError) bool { return f.Field == "reason-"+string(w.Code) }); i >= 0 {
			fix.Wrong, fix.Reason = wrong[i].Text, r.PostFormValue("reason")
		}
		shown.Problems = append(shown.Problems, fix)
	}
	if shown.Story, err = p.story(r, v, activity.Subject{Kind: directory.IsUser, ID: string(id)}, &shown.list); err != nil {
		return err
	}
	return p.render(w, r, v, status, "people_person", page{Title: found.Name, Section: "/people", Errors: wrong, Body: shown})
}

// story gives a part of what became of a person or a group.
func (p *Portal) story(r *http.Request, v Visit, subject activity.Subject, l *list) (people.Lines, error) {
	story, err := p.options.People.Timeline(r.Context(), v.Organisation, subject, sheetOf(r, 20))
	l.turn(story.Total, story.Places, story.Edges)
	return story, err
}

// told is a line of the journal with its time as it is shown.
type told struct {
	people.Line
	When Moment
}

// Told gives what became of somebody as the part "story" shows it.
func (v view) Told(story people.Lines) (lines []told) {
	for _, l := range story.Lines {
		lines = append(lines, told{l, v.When(l.At)})
	}
	return lines
}
