package portal

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/application/people"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/ports"
)

// groupsList is the content of the list of groups.
type groupsList struct {
	list
	Rows  []ports.GroupRow
	First bool
}

func (p *Portal) groups(w http.ResponseWriter, r *http.Request, v Visit) error {
	l := groupsList{list: newList(r, "q")}
	found, err := p.options.People.Groups(r.Context(), v.Organisation, ports.GroupsQuery{Text: l.Filter.Get("q"), Sheet: sheetOf(r, rowsShown)})
	if err != nil {
		return err
	}
	l.turn(found.Total, found.Places, found.Edges)
	l.Rows, l.First = found.Groups, !l.Filtered && found.Total == 0
	return p.render(w, r, v, http.StatusOK, "people_groups", page{Title: "Groups", Section: "/groups", Body: l})
}

// oneGroup is the content of a group's page.
type oneGroup struct {
	people.Group
	list
	Rows  []personRow
	Story story
}

func (p *Portal) group(w http.ResponseWriter, r *http.Request, v Visit) error {
	id, err := directory.ParseID(mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	found, err := p.options.People.Group(r.Context(), v.Organisation, id)
	if err != nil {
		return err
	}
	g := oneGroup{Group: found, list: newList(r, "q", "state")}
	q := g.peopleQuery()
	q.Group, q.Sheet = id, sheetOf(r, rowsShown)
	members, err := p.options.People.List(r.Context(), v.Organisation, q)
	if err != nil {
		return err
	}
	g.turn(members.Total, members.Places, members.Edges)
	g.Rows = personRows(members.Rows)
	g.Story, err = p.story(r.Context(), v, activity.Subject{Kind: directory.IsGroup, ID: string(id)}, ports.Sheet{Limit: 20})
	if err != nil {
		return err
	}
	return p.render(w, r, v, http.StatusOK, "people_group", page{Title: found.Name, Section: "/groups", Body: g})
}
