package portal

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/application/people"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
)

// onePerson is the content of a person's page.
type onePerson struct {
	people.Person
	Problems []problemWords
	Received []people.Change
	Story    people.Lines
	list
}

func (p *Portal) person(w http.ResponseWriter, r *http.Request, v Visit) error {
	id, err := directory.ParseID(mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	found, err := p.options.People.Person(r.Context(), v.Organisation, id)
	if err != nil {
		return err
	}
	shown := onePerson{Person: found, Problems: wordsOf(found.Row.Problems), Received: people.Received(found.Attributes), list: newList(r)}
	if shown.Story, err = p.story(r, v, activity.Subject{Kind: directory.IsUser, ID: string(id)}, &shown.list); err != nil {
		return err
	}
	return p.render(w, r, v, http.StatusOK, "people_person", page{Title: found.Name, Section: "/people", Body: shown})
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
