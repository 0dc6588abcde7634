package portal

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/extraordinary/provisioning/application/people"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/employeeid"
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
	More     bool // groups than are to choose from
	Gone     []people.Gone
	Deleted  bool // those are listed who were deleted
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

// head is that of a column. One that the list can be sorted by is a link, which sorts the other way if it is sorted so already.
type head struct{ Text, Class, Link, Sorted string } // Sorted as aria-sort has it

type heads []head

// Sortable reports whether the list can be sorted by any of its columns.
func (all heads) Sortable() bool {
	return slices.ContainsFunc(all, func(h head) bool { return h.Link != "" })
}

// Heads are those of a list of people.
func (l list) Heads() heads {
	return heads{{Text: "Name"}, {Text: "userName"}, {Text: "Employee ID"}, {Text: "State"}, {Text: "To fix"}, {Text: "First provisioned", Class: "secondary"}}
}

// Heads are those of the list of all people, which can be sorted.
func (l peopleList) Heads() heads {
	all := l.list.Heads()
	all[0], all[1], all[5] = l.sorting(all[0], "name", "-name"), l.sorting(all[1], "userName", "-userName"), l.sorting(all[5], "-created", "created")
	return all
}

// sorting makes a link of h to the list sorted in one way or, if it is so already, in the other.
func (l peopleList) sorting(h head, first, second string) head {
	now := l.Filter.Get("sort")
	if now == "" {
		now = "name"
	}
	wanted := first
	if now == first {
		wanted = second
	}
	if now == first || now == second {
		h.Sorted = "ascending"
		if strings.HasPrefix(now, "-") {
			h.Sorted = "descending"
		}
	}
	h.Link = l.Address("sort", wanted)
	return h
}

// sortsOf are the orders of people by the word in an address.
var sortsOf = map[string]ports.PeopleQuery{
	"name": {}, "-name": {Down: true}, "userName": {Order: ports.ByUserName}, "-userName": {Order: ports.ByUserName, Down: true},
	"created": {Order: ports.ByID}, "-created": {Order: ports.ByID, Down: true},
}

func (l list) peopleQuery() people.Query {
	q := people.Query{PeopleQuery: sortsOf[l.Filter.Get("sort")], Problem: employeeid.Problem(l.Filter.Get("problem"))}
	q.Known = l.Filter.Get("known") != ""
	q.Text, q.State, q.Group = l.Filter.Get("q"), ports.State(l.Filter.Get("state")), directory.ID(l.Filter.Get("group"))
	return q
}

var peopleFilters = []string{"q", "state", "problem", "known", "group", "sort"}

func (p *Portal) people(w http.ResponseWriter, r *http.Request, v Visit) error {
	l := peopleList{list: newList(r, peopleFilters...), Problems: wordsOf(employeeid.Problems)}
	q := l.peopleQuery()
	q.Sheet = sheetOf(r, rowsShown)
	if l.Deleted = l.Filter.Get("state") == "deleted"; l.Deleted {
		return p.gone(w, r, v, l, q.Sheet)
	}
	found, err := p.options.People.List(r.Context(), v.Organisation, q)
	if err != nil {
		return err
	}
	if err := p.groupChoices(r.Context(), v, &l, q.Group); err != nil {
		return err
	}
	l.turn(found.Total, found.Places, found.Edges)
	l.Rows, l.First = personRows(found.Rows), !l.Filtered && found.Total == 0
	return p.render(w, r, v, http.StatusOK, "people", page{Title: "People", Section: "/people", Body: l})
}

// mostChoices is how many groups are to choose from.
const mostChoices = 200

// groupChoices adds the groups by which people are filtered, with the one that is chosen among them.
func (p *Portal) groupChoices(ctx context.Context, v Visit, l *peopleList, chosen directory.ID) error {
	first, err := p.options.People.Groups(ctx, v.Organisation, ports.GroupsQuery{Bare: true, Sheet: ports.Sheet{Limit: mostChoices}})
	if err != nil {
		return err
	}
	l.Groups, l.More = first.Groups, first.Edges.Later
	if chosen == "" || slices.ContainsFunc(l.Groups, func(g ports.GroupRow) bool { return g.ID == chosen }) {
		return nil
	}
	found, err := p.options.People.Groups(ctx, v.Organisation, ports.GroupsQuery{ID: chosen, Bare: true, Sheet: ports.Sheet{Limit: 1}})
	l.Groups = append(l.Groups, found.Groups...)
	return err
}

// gone lists those who were deleted.
func (p *Portal) gone(w http.ResponseWriter, r *http.Request, v Visit, l peopleList, sheet ports.Sheet) error {
	found, err := p.options.People.Gone(r.Context(), v.Organisation, sheet)
	if err != nil {
		return err
	}
	l.turn(found.Total, found.Places, found.Edges)
	l.Gone = found.People
	return p.render(w, r, v, http.StatusOK, "people", page{Title: "People", Section: "/people", Body: l})
}
