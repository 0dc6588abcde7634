package ports

import (
	"context"
	"time"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/employeeid"
	"github.com/extraordinary/provisioning/domain/export"
)

// Lists is what the portal's lists are made of.
type Lists interface {
	People() People
	Health() Health
	Judgements() Judgements
	Exports() Exports
}

// People is one organisation's users and groups as people read them.
type People interface {
	// List gives a page of people.
	List(ctx context.Context, q PeopleQuery) (PeoplePage, error)
	// Holders calls yield with each person's Employee ID, in the order of their ids, until it returns an error, which Holders
	// returns.
	Holders(ctx context.Context, yield func(Holder) error) error
	// Groups gives a page of groups.
	Groups(ctx context.Context, q GroupsQuery) (GroupsPage, error)
	// Names gives what people and groups are called; who is not there is not in the map.
	Names(ctx context.Context, ids []directory.ID) (map[directory.ID]string, error)
	// Mark is another one after each change of the organisation.
	Mark(ctx context.Context) (string, error)
}

// CountedTo is how far the rows of a list are counted. A total above it means that there are more.
const CountedTo = 10_000

// Sheet is which part of a list is asked for. At most one of After and Before is set.
type Sheet struct {
	After, Before *Place // it begins behind one row, or ends before one
	Limit         int
	Whole         bool // the total is counted to its end, however long that takes
}

// Place is that of a row in its list.
type Place struct{ Value, ID string } // Value is what the list is sorted by

// Edges tells of a page whether there are rows before and behind it.
type Edges struct{ Earlier, Later bool }

// PeopleQuery asks for people.
type PeopleQuery struct {
	Text  string         // is in the name or the userName, or begins the Employee ID; in any case
	State State          // of them
	Group directory.ID   // whose members they are, if any
	Among []directory.ID // nil: all
	Order PeopleOrder
	Down  bool // the last of the order first
	Sheet
}

// State is whether somebody is active.
type State string

// The states of people.
const (
	AnyState State = ""
	Active   State = "active"
	Off      State = "off"
)

// PeopleOrder is what people are sorted by.
type PeopleOrder string

// The orders of people.
const (
	ByName     PeopleOrder = ""
	ByUserName PeopleOrder = "userName"
	ByID       PeopleOrder = "created"
)

// PeoplePage is a page of people.
type PeoplePage struct {
	People []directory.Person
	Places []Place // those of People
	Total  int     // up to CountedTo + 1
	Edges
}

// Holder is somebody with an Employee ID, or without.
type Holder struct {
	ID directory.ID
	employeeid.Holder
	Created, Modified time.Time
}

// GroupsQuery asks for groups, which are sorted by name.
type GroupsQuery struct {
	Text string       // is in the name
	ID   directory.ID // this one alone
	In   directory.ID // those that are members of this one
	Bare bool         // their members are not counted
	Sheet
}

// GroupsPage is a page of groups.
type GroupsPage struct {
	Groups []GroupRow
	Places []Place
	Total  int
	Edges
}

// GroupRow is what lists say of a group.
type GroupRow struct {
	ID          directory.ID
	Name        string
	Active, Off int // people who are members themselves
	Nested      int // groups that are
	Modified    time.Time
}

// Health is since when one organisation's Employee IDs have what problems.
type Health interface {
	// All gives what is known.
	All(ctx context.Context) ([]employeeid.Health, error)
	// Put writes one, whether it is new or changed.
	Put(ctx context.Context, h employeeid.Health) error
}

// Judgements is what members of the portal say of one organisation's Employee IDs. Those of a person go with the person.
type Judgements interface {
	// All gives them by people.
	All(ctx context.Context) ([]employeeid.Judgement, error)
	// Put writes one, in place of what was said of the same before.
	Put(ctx context.Context, j employeeid.Judgement) error
	// Remove takes back what was said of the same, if anything was.
	Remove(ctx context.Context, j employeeid.Judgement) error
}

// Exports is files that are made for one organisation's people.
type Exports interface {
	// Get reads one. Faults: NotFound.
	Get(ctx context.Context, id string) (export.Job, error)
	// Put writes one, whether it is new or changed.
	Put(ctx context.Context, j export.Job) error
	// Append adds a part to a file's text.
	Append(ctx context.Context, id string, ordinal int, text string) error
	// Parts calls yield with each part of a file's text, in order, until it returns an error, which Parts returns.
	Parts(ctx context.Context, id string, yield func(text string) error) error
	// Forget takes away the files that were made before a time.
	Forget(ctx context.Context, before time.Time) error
}
