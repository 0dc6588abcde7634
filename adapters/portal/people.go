package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/application/people"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/employeeid"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/ports"
)

// peopleRoutes are the pages of those whom Entra provisions. What it owns cannot be changed there.
func (p *Portal) peopleRoutes() []route {
	export := needs(access.ManageUsers)
	return []route{
		{http.MethodGet, "/people", anybody, p.people},
		{http.MethodPost, "/people/export", export, p.exportPeople},
		{http.MethodGet, "/people/ids", anybody, p.health},
		{http.MethodPost, "/people/ids/export", export, p.exportHealth},
		{http.MethodGet, "/people/{id:[0-9a-f-]+}", anybody, p.person},
		{http.MethodGet, "/groups", anybody, p.groups},
		{http.MethodGet, "/groups/{id:[0-9a-f-]+}", anybody, p.group},
	}
}

// rowsShown is how many rows a page of a list has.
const rowsShown = 50

// list is what pages of lists have in common.
type list struct {
	Path     string // of the page, without a query
	Filter   url.Values
	Filtered bool
	Total    int
	Before   string // the address of the page before this one; empty: there is none
	After    string
}

// newList reads the filter, of these names, out of an address.
func newList(r *http.Request, names ...string) list {
	l := list{Path: r.URL.Path, Filter: url.Values{}}
	for _, name := range names {
		if text := strings.TrimSpace(r.URL.Query().Get(name)); text != "" {
			l.Filter.Set(name, text)
			l.Filtered = l.Filtered || name != "sort"
		}
	}
	return l
}

// turn sets the addresses of the pages beside this one.
func (l *list) turn(total int, places []ports.Place, edges ports.Edges) {
	l.Total = total
	if edges.Earlier && len(places) > 0 {
		l.Before = addressWith(l.Path, l.Filter, "before", writePlace(places[0]))
	}
	if edges.Later && len(places) > 0 {
		l.After = addressWith(l.Path, l.Filter, "after", writePlace(places[len(places)-1]))
	}
}

// Counted says how many rows there are.
func (l list) Counted(one, many string) string {
	if l.Total > ports.CountedTo {
		return "more than " + plural(ports.CountedTo, one, many)
	}
	return plural(l.Total, one, many)
}

// Address gives that of the list with another filter, from its beginning.
func (l list) Address(name, value string) string {
	other := url.Values{}
	for n, v := range l.Filter {
		other[n] = v
	}
	other.Del(name)
	return addressWith(l.Path, other, name, value)
}

// sheetOf reads which part of a list an address asks for.
func sheetOf(r *http.Request, limit int) ports.Sheet {
	s := ports.Sheet{Limit: limit}
	if text := r.URL.Query().Get("before"); text != "" {
		s.Before = readPlace(text)
	} else if text := r.URL.Query().Get("after"); text != "" {
		s.After = readPlace(text)
	}
	return s
}

// writePlace writes a place into an address: the id, and what the list is sorted by.
func writePlace(p ports.Place) string { return p.ID + "~" + p.Value }

func readPlace(text string) *ports.Place {
	id, value, _ := strings.Cut(text, "~")
	return &ports.Place{Value: value, ID: id}
}

// peopleList is the content of the list of people.
type peopleList struct {
	list
	Rows     []personRow
	Problems []problemWords
	Groups   []ports.GroupRow
	Sort     string
	First    bool // nobody was ever provisioned
}

// personRow is somebody in a list, with what is wrong in words.
type personRow struct {
	people.Row
	Problems []problemWords
}

func personRows(rows []people.Row) (shown []personRow) {
	for _, r := range rows {
		shown = append(shown, personRow{r, wordsOf(r.Problems)})
	}
	return shown
}

// sortsOf are the orders of people by the word in an address.
var sortsOf = map[string]ports.PeopleQuery{
	"name": {}, "-name": {Down: true}, "userName": {Order: ports.ByUserName}, "-userName": {Order: ports.ByUserName, Down: true},
	"created": {Order: ports.ByID}, "-created": {Order: ports.ByID, Down: true},
}

func (l list) peopleQuery() people.Query {
	q := people.Query{PeopleQuery: sortsOf[l.Filter.Get("sort")], Problem: employeeid.Problem(l.Filter.Get("problem"))}
	q.Text, q.State, q.Group = l.Filter.Get("q"), ports.State(l.Filter.Get("state")), directory.ID(l.Filter.Get("group"))
	return q
}

var peopleFilters = []string{"q", "state", "problem", "group", "sort"}

func (p *Portal) people(w http.ResponseWriter, r *http.Request, v Visit) error {
	l := peopleList{list: newList(r, peopleFilters...), Problems: wordsOf(employeeid.Problems)}
	if l.Sort = l.Filter.Get("sort"); l.Sort == "" {
		l.Sort = "name"
	}
	q := l.peopleQuery()
	q.Sheet = sheetOf(r, rowsShown)
	found, err := p.options.People.List(r.Context(), v.Organisation, q)
	if err != nil {
		return err
	}
	groups, err := p.options.People.Groups(r.Context(), v.Organisation, ports.GroupsQuery{Bare: true, Sheet: ports.Sheet{Limit: 200}})
	if err != nil {
		return err
	}
	l.turn(found.Total, found.Places, found.Edges)
	l.Rows, l.Groups, l.First = personRows(found.Rows), groups.Groups, !l.Filtered && found.Total == 0
	return p.render(w, r, v, http.StatusOK, "people", page{Title: "People", Section: "/people", Body: l})
}

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
	Story people.Lines
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
	g.Story, err = p.options.People.Timeline(r.Context(), v.Organisation, activity.Subject{Kind: directory.IsGroup, ID: string(id)}, ports.Sheet{Limit: 20})
	if err != nil {
		return err
	}
	return p.render(w, r, v, http.StatusOK, "people_group", page{Title: found.Name, Section: "/groups", Body: g})
}

// healthPage is the content of the page of Employee IDs.
type healthPage struct {
	people.Report
	Rows []healthRow
}

// Clean reports whether there is a problem that nobody has.
func (h healthPage) Clean() bool {
	return slices.ContainsFunc(h.Rows, func(r healthRow) bool { return r.Found.People == 0 })
}

// healthRow is one problem, with the first of those who have it.
type healthRow struct {
	people.Found
	problemWords
	People []personRow
	More   bool
}

func (p *Portal) health(w http.ResponseWriter, r *http.Request, v Visit) error {
	report, err := p.options.People.Health(r.Context(), v.Organisation)
	if err != nil {
		return err
	}
	shown := healthPage{Report: report}
	for _, found := range report.Rows {
		row := healthRow{Found: found, problemWords: words[found.Problem]}
		if found.People > 0 {
			some, err := p.options.People.List(r.Context(), v.Organisation, people.Query{Problem: found.Problem, PeopleQuery: ports.PeopleQuery{Sheet: ports.Sheet{Limit: rowsShown}}})
			if err != nil {
				return err
			}
			row.People, row.More = personRows(some.Rows), found.People > rowsShown
		}
		shown.Rows = append(shown.Rows, row)
	}
	return p.render(w, r, v, http.StatusOK, "people_health", page{Title: "Employee ID health", Section: "/people", Body: shown})
}

// errNoProblem is the fault of a form that names none.
var errNoProblem = fault.New(fault.Invalid, "there is no problem of this name")

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
