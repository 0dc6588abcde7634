package portstest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/employeeid"
	"github.com/extraordinary/provisioning/domain/export"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/ports"
)

// People checks the ports of what people read: ports.People, ports.Health, ports.Exports and the pages of ports.Activity.
func People(t *testing.T, open func(t *testing.T) ports.Store) {
	run(t, open, map[string]func(*testing.T, ports.Store){
		"people are listed by what they are called":              listsPeople,
		"people are found by a part of their names":              findsPeople,
		"pages of people lead both ways":                         turnsPages,
		"who is switched off has been since the first time":      keepsOffSince,
		"groups are listed with those who are off apart":         listsGroups,
		"Employee IDs are read in the order of the people's ids": readsHolders,
		"people and groups are called by their ids":              callsByName,
		"what people did is told apart from what machines did":   pagesActivity,
		"health is kept": keepsHealth,
		"judgements are kept as long as the person":                  keepsJudgements,
		"a file is kept in parts and forgotten":                      keepsFiles,
		"nobody reads of the people of another organisation":         keepsPeopleApart,
		"each change makes another mark and nothing else does":       marks,
		"a person who was restored is saved with the name they have": savesNames,
	})
}

// neighbours makes a small town in which nobody is like another.
func neighbours(t *testing.T, store ports.Store) {
	t.Helper()
	register(t, store, acme, "acme")
	addUsers(t, store, acme,
		user(t, 1, `{"userName":"tom@x.nz","displayName":"Tom Reed","externalId":"004711"}`),
		user(t, 2, `{"userName":"ana@x.nz","name":{"givenName":"Ana","familyName":"Roy"},"externalId":"AB12","active":false}`),
		user(t, 3, `{"userName":"Mere@x.nz"}`),
		user(t, 4, `{"userName":"zoe@x.nz","displayName":"ana zoe","externalId":"4711","active":true}`),
	)
	addGroups(t, store, acme, group(t, 5, "Staff"), group(t, 6, "Board"), group(t, 7, "Nobody"))
	join(t, store, acme, id(5), id(1), id(2), id(6))
	join(t, store, acme, id(6), id(2))
}

// listed gives the numbers of the people of a page.
func listed(t *testing.T, store ports.Store, q ports.PeopleQuery) (page ports.PeoplePage, numbers []int) {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 10
	}
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) (err error) {
		page, err = tx.People().List(ctx, q)
		return err
	})
	for _, p := range page.People {
		for n := range 10 {
			if p.ID == id(n) {
				numbers = append(numbers, n)
			}
		}
	}
	return page, numbers
}

func listsPeople(t *testing.T, store ports.Store) {
	neighbours(t, store)
	page, numbers := listed(t, store, ports.PeopleQuery{})
	assert.Equal(t, []int{2, 4, 3, 1}, numbers)
	assert.Equal(t, 4, page.Total)
	assert.Equal(t, ports.Edges{}, page.Edges)
	assert.Equal(t, directory.Person{ID: id(2), Name: "Ana Roy", UserName: "ana@x.nz", EmployeeID: "AB12", OffSince: begun, Created: begun, Modified: begun}, page.People[0])
	assert.Equal(t, directory.Person{ID: id(3), Name: "Mere@x.nz", UserName: "Mere@x.nz", Created: begun, Modified: begun}, page.People[2])
	for _, c := range []struct {
		q    ports.PeopleQuery
		want []int
	}{
		{ports.PeopleQuery{Down: true}, []int{1, 3, 4, 2}},
		{ports.PeopleQuery{Order: ports.ByUserName}, []int{2, 3, 1, 4}},
		{ports.PeopleQuery{Order: ports.ByID, Down: true}, []int{4, 3, 2, 1}},
		{ports.PeopleQuery{State: ports.Active}, []int{4, 3, 1}},
		{ports.PeopleQuery{State: ports.Off}, []int{2}},
		{ports.PeopleQuery{Group: id(5)}, []int{2, 1}},
		{ports.PeopleQuery{Group: id(9)}, nil},
		{ports.PeopleQuery{Among: many(3, 4)}, []int{4, 3}},
		{ports.PeopleQuery{Among: many(3, ports.CountedTo+2)}, []int{4, 3}},
		{ports.PeopleQuery{Among: []directory.ID{}}, nil},
		{ports.PeopleQuery{Among: many(1, 3), State: ports.Active, Text: "tom"}, []int{1}},
	} {
		page, numbers := listed(t, store, c.q)
		assert.Equal(t, c.want, numbers, "%+v", c.q)
		assert.Equal(t, len(c.want), page.Total, "%+v", c.q)
	}
}

func findsPeople(t *testing.T, store ports.Store) {
	neighbours(t, store)
	for text, want := range map[string][]int{
		"reed": {1}, "TOM R": {1}, "ana": {2, 4}, "mere@": {3}, "4711": {4}, "0047": {1}, "711": nil, "AB": {2}, "%": nil, "_": nil, "'": nil, "ana roy": {2},
	} {
		_, numbers := listed(t, store, ports.PeopleQuery{Text: text})
		assert.Equal(t, want, numbers, text)
	}
}

func turnsPages(t *testing.T, store ports.Store) {
	register(t, store, acme, "acme")
	for n := 1; n <= 9; n++ { // three of each name
		addUsers(t, store, acme, user(t, n, fmt.Sprintf(`{"userName":"u%d","displayName":"%c"}`, n, 'a'+n%3)))
	}
	for _, order := range []ports.PeopleQuery{{}, {Down: true}, {Order: ports.ByUserName}, {Order: ports.ByID}, {Order: ports.ByID, Down: true}} {
		_, all := listed(t, store, order)
		require.Len(t, all, 9)
		q := order
		q.Limit = 2
		var there []int
		var last ports.PeoplePage
		for {
			page, numbers := listed(t, store, q)
			there = append(there, numbers...)
			assert.Equal(t, 9, page.Total)
			assert.Equal(t, len(there) > 2, page.Earlier, "%+v", q)
			last = page
			if !page.Later {
				break
			}
			q.After = &page.Places[len(page.Places)-1]
		}
		assert.Equal(t, all, there, "%+v", order)
		q.After = nil
		back := []int{there[8]}
		for last.Earlier {
			q.Before = &last.Places[0]
			page, numbers := listed(t, store, q)
			back = append(numbers, back...)
			assert.True(t, page.Later)
			last = page
		}
		assert.Equal(t, all, back, "%+v", order)
	}
}

// switching makes a user active or not, at a time.
func switching(t *testing.T, store ports.Store, n int, attributes string, at time.Time) {
	t.Helper()
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		u, err := tx.Users().Get(ctx, id(n))
		require.NoError(t, err)
		_, err = u.Replace(userType(), object(t, attributes), at)
		require.NoError(t, err)
		return tx.Users().Save(ctx, u)
	})
}

func keepsOffSince(t *testing.T, store ports.Store) {
	neighbours(t, store)
	since := func() time.Time {
		page, _ := listed(t, store, ports.PeopleQuery{Among: many(1, 1)})
		return page.People[0].OffSince
	}
	hour := func(n int) time.Time { return begun.Add(time.Duration(n) * time.Hour) }
	switching(t, store, 1, `{"userName":"tom@x.nz","active":false}`, hour(1))
	assert.Equal(t, hour(1), since())
	switching(t, store, 1, `{"userName":"tom@x.nz","active":false,"title":"Gone"}`, hour(2))
	assert.Equal(t, hour(1), since(), "another change moves nothing")
	switching(t, store, 1, `{"userName":"tom@x.nz","active":true}`, hour(3))
	assert.Zero(t, since())
	switching(t, store, 1, `{"userName":"tommy@x.nz","active":false}`, hour(4))
	assert.Equal(t, hour(4), since())
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		u := directory.RestoreUser(directory.Snapshot{ID: id(1), Attributes: object(t, `{"userName":"tommy@x.nz","active":false}`), Version: 5, Created: begun, Modified: hour(4)})
		_, err := u.Replace(userType(), object(t, `{"userName":"thomas@x.nz","active":false}`), hour(5))
		require.NoError(t, err)
		return tx.Users().Save(ctx, u)
	})
	assert.Equal(t, hour(4), since(), "who saves need not have read")
}

func savesNames(t *testing.T, store ports.Store) {
	neighbours(t, store)
	switching(t, store, 1, `{"userName":"tom@x.nz","displayName":"Ābel Reed"}`, begun)
	_, numbers := listed(t, store, ports.PeopleQuery{Text: "ĀBEL"})
	assert.Equal(t, []int{1}, numbers)
	_, numbers = listed(t, store, ports.PeopleQuery{Text: "tom reed"})
	assert.Empty(t, numbers)
}

func listedGroups(t *testing.T, store ports.Store, q ports.GroupsQuery) (page ports.GroupsPage) {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 10
	}
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) (err error) {
		page, err = tx.People().Groups(ctx, q)
		return err
	})
	return page
}

func listsGroups(t *testing.T, store ports.Store) {
	neighbours(t, store)
	board := ports.GroupRow{ID: id(6), Name: "Board", Off: 1, Modified: begun}
	nobody := ports.GroupRow{ID: id(7), Name: "Nobody", Modified: begun}
	staff := ports.GroupRow{ID: id(5), Name: "Staff", Active: 1, Off: 1, Nested: 1, Modified: begun}
	page := listedGroups(t, store, ports.GroupsQuery{})
	assert.Equal(t, []ports.GroupRow{board, nobody, staff}, page.Groups)
	assert.Equal(t, 3, page.Total)
	assert.Equal(t, []ports.GroupRow{staff}, listedGroups(t, store, ports.GroupsQuery{Text: "TAF"}).Groups)
	assert.Equal(t, []ports.GroupRow{staff}, listedGroups(t, store, ports.GroupsQuery{ID: id(5)}).Groups)
	assert.Equal(t, []ports.GroupRow{board}, listedGroups(t, store, ports.GroupsQuery{In: id(5)}).Groups)
	assert.Empty(t, listedGroups(t, store, ports.GroupsQuery{ID: id(1)}).Groups)
	assert.Equal(t, []ports.GroupRow{{ID: id(5), Name: "Staff", Modified: begun}}, listedGroups(t, store, ports.GroupsQuery{ID: id(5), Bare: true}).Groups)
	first := listedGroups(t, store, ports.GroupsQuery{Sheet: ports.Sheet{Limit: 2}})
	assert.Equal(t, ports.Edges{Later: true}, first.Edges)
	second := listedGroups(t, store, ports.GroupsQuery{Sheet: ports.Sheet{Limit: 2, After: &first.Places[1]}})
	assert.Equal(t, []ports.GroupRow{staff}, second.Groups)
	assert.Equal(t, ports.Edges{Earlier: true}, second.Edges)
	assert.Equal(t, first.Groups, listedGroups(t, store, ports.GroupsQuery{Sheet: ports.Sheet{Limit: 2, Before: &second.Places[0]}}).Groups)
}

// Refilled checks that a database which had people before it knew of lists has the same in them. refill takes the step
// back by which they came, and takes it again.
func Refilled(t *testing.T, store ports.Store, refill func()) {
	neighbours(t, store)
	addUsers(t, store, acme, nicknamed(t, 8))
	read := func() (seen []any) {
		for _, q := range []ports.PeopleQuery{{}, {State: ports.Off}, {State: ports.Active}, {Text: "ana roy"}} {
			page, _ := listed(t, store, q)
			seen = append(seen, page)
		}
		view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
			return tx.People().Holders(ctx, func(h ports.Holder) error { seen = append(seen, h); return nil })
		})
		return seen
	}
	before := read()
	refill()
	assert.Equal(t, before, read())
}

// nicknamed makes the nth user, who has a mail nickname by a schema of the organisation's own.
func nicknamed(t *testing.T, n int) *directory.User {
	t.Helper()
	e, err := schema.NewExtension("User", object(t, `{"id":"urn:x:mail","name":"Mail","attributes":[{"name":"mailNickname","type":"string"}]}`))
	require.NoError(t, err)
	all, err := schema.Core().With(e)
	require.NoError(t, err)
	u, _, err := directory.NewUser(all.Type("User"), id(n), object(t, `{"userName":"nick@x.nz","urn:x:mail":{"mailNickname":"Nicky"}}`), begun)
	require.NoError(t, err)
	return u
}

func readsHolders(t *testing.T, store ports.Store) {
	neighbours(t, store)
	addUsers(t, store, acme, nicknamed(t, 8))
	var all []ports.Holder
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		return tx.People().Holders(ctx, func(h ports.Holder) error { all = append(all, h); return nil })
	})
	require.Len(t, all, 5)
	assert.Equal(t, ports.Holder{ID: id(8), Holder: employeeid.Holder{UserName: "nick@x.nz", Nickname: "nicky", Active: true}, Created: begun, Modified: begun}, all[4])
	assert.Equal(t, ports.Holder{ID: id(2), Holder: employeeid.Holder{ID: "AB12", UserName: "ana@x.nz"}, Created: begun, Modified: begun}, all[1])
	assert.Equal(t, ports.Holder{ID: id(3), Holder: employeeid.Holder{UserName: "mere@x.nz", Active: true}, Created: begun, Modified: begun}, all[2])
	wrong := errors.New("enough")
	require.ErrorIs(t, store.View(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		return tx.People().Holders(ctx, func(ports.Holder) error { return wrong })
	}), wrong)
}

func callsByName(t *testing.T, store ports.Store) {
	neighbours(t, store)
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		names, err := tx.People().Names(ctx, []directory.ID{id(2), id(5), id(9)})
		assert.Equal(t, map[directory.ID]string{id(2): "Ana Roy", id(5): "Staff"}, names)
		return err
	})
}

func marks(t *testing.T, store ports.Store) {
	neighbours(t, store)
	mark := func() (mark string) {
		view(t, store, acme, func(ctx context.Context, tx ports.Tx) (err error) {
			mark, err = tx.People().Mark(ctx)
			return err
		})
		return mark
	}
	before := mark()
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Activity().Record(ctx, event(1, "x")) })
	after := mark()
	assert.NotEqual(t, before, after)
	assert.Equal(t, after, mark())
}

func pagesActivity(t *testing.T, store ports.Store) {
	register(t, store, acme, "acme")
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		var errs []error
		for n := 1; n <= 9; n++ {
			e := event(n, string(id(n%2)))
			if n%3 == 0 {
				e.Actor = activity.Actor{Kind: activity.Member, ID: fmt.Sprintf("member%d", n)}
				e.Subject.Kind = "Organisation"
			}
			if n == 5 || n == 6 {
				e.Action = activity.Deleted
			}
			errs = append(errs, tx.Activity().Record(ctx, e))
		}
		return errors.Join(errs...)
	})
	at := func(n int) time.Time { return event(n, "").At }
	page := func(q ports.ActivityQuery) (page ports.ActivityPage, numbers string) {
		if q.Limit == 0 {
			q.Limit = 20
		}
		view(t, store, acme, func(ctx context.Context, tx ports.Tx) (err error) {
			page, err = tx.Activity().Page(ctx, q)
			return err
		})
		for _, e := range page.Events {
			numbers += e.ID[35:]
		}
		return page, numbers
	}
	for _, c := range []struct {
		q    ports.ActivityQuery
		want string
	}{
		{ports.ActivityQuery{}, "987654321"},
		{ports.ActivityQuery{ByPeople: true}, "963"},
		{ports.ActivityQuery{Member: "member6"}, "6"},
		{ports.ActivityQuery{Subject: activity.Subject{Kind: "Organisation"}}, "963"},
		{ports.ActivityQuery{Subject: activity.Subject{Kind: "User", ID: string(id(1))}}, "751"},
		{ports.ActivityQuery{Since: at(4), Until: at(7)}, "654"},
		{ports.ActivityQuery{ByPeople: true, Since: at(4), Until: at(7)}, "6"},
		{ports.ActivityQuery{Deletions: true}, "65"},
		{ports.ActivityQuery{Deletions: true, Subject: activity.Subject{Kind: "User"}}, "5"},
	} {
		got, numbers := page(c.q)
		assert.Equal(t, c.want, numbers, "%+v", c.q)
		assert.Equal(t, len(c.want), got.Total)
	}
	_, numbers := page(ports.ActivityQuery{Sheet: ports.Sheet{Limit: 2}})
	assert.Equal(t, "98", numbers)
	second, numbers := page(ports.ActivityQuery{Sheet: ports.Sheet{Limit: 2, After: &ports.Place{ID: event(8, "").ID}}})
	assert.Equal(t, "76", numbers)
	assert.Equal(t, ports.Edges{Earlier: true, Later: true}, second.Edges)
	first, numbers := page(ports.ActivityQuery{Sheet: ports.Sheet{Limit: 2, Before: &ports.Place{ID: event(7, "").ID}}})
	assert.Equal(t, "98", numbers)
	assert.Equal(t, ports.Edges{Later: true}, first.Edges)
}

// judged is a judgement on the nth user.
func judged(n int, employeeID string) employeeid.Judgement {
	return employeeid.Judgement{Person: string(id(n)), About: employeeid.Long, ID: employeeID, Reason: "agreed", By: "ann", At: begun}
}

func keepsJudgements(t *testing.T, store ports.Store) {
	addUsers(t, store, acme, user(t, 1, whole), named(t, 2, "bob"))
	earlier := employeeid.Judgement{Person: string(id(1)), About: employeeid.Earlier, ID: "004711", By: "ann", At: begun, Until: begun.Add(time.Hour)}
	again := judged(1, "1234567890123")
	again.Reason, again.By, again.At = "agreed with payroll", "bea", begun.Add(time.Minute)
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		j := tx.Judgements()
		return errors.Join(j.Put(ctx, judged(1, "1234567890123")), j.Put(ctx, earlier), j.Put(ctx, again), j.Put(ctx, judged(2, "x")), j.Put(ctx, judged(2, "y")), j.Remove(ctx, judged(2, "y")), j.Remove(ctx, judged(2, "z")))
	})
	kept := func(want ...employeeid.Judgement) {
		t.Helper()
		view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
			all, err := tx.Judgements().All(ctx)
			assert.Equal(t, want, all)
			return err
		})
	}
	kept(earlier, again, judged(2, "x"))
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Users().Delete(ctx, id(1)) })
	kept(judged(2, "x"))
}

func keepsHealth(t *testing.T, store ports.Store) {
	one := employeeid.Health{Problem: employeeid.Missing, Found: 3, Since: begun}
	two := employeeid.Health{Problem: employeeid.Double, Since: begun}
	for _, h := range []employeeid.Health{one, two, {Problem: employeeid.Missing, Found: 4, Since: begun.Add(time.Hour)}} {
		within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Health().Put(ctx, h) })
	}
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		all, err := tx.Health().All(ctx)
		assert.Equal(t, []employeeid.Health{two, {Problem: employeeid.Missing, Found: 4, Since: begun.Add(time.Hour)}}, all)
		return err
	})
}

// file makes the nth file, at an hour.
func file(n, hour int) export.Job {
	made := begun.Add(time.Duration(hour) * time.Hour)
	return export.Job{ID: string(id(n)), Kind: export.People, Filter: "q=tom", State: export.Running, Total: 7, MadeBy: "ann", Made: made, Touched: made}
}

// parts gives a file's text.
func parts(t *testing.T, store ports.Store, org organisation.ID, id string) (text string) {
	t.Helper()
	view(t, store, org, func(ctx context.Context, tx ports.Tx) error {
		return tx.Exports().Parts(ctx, id, func(part string) error { text += part; return nil })
	})
	return text
}

func keepsFiles(t *testing.T, store ports.Store) {
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		e := tx.Exports()
		return errors.Join(e.Put(ctx, file(1, 1)), e.Put(ctx, file(2, 2)), e.Append(ctx, string(id(1)), 0, "a"), e.Append(ctx, string(id(2)), 1, "c"), e.Append(ctx, string(id(2)), 0, "b"))
	})
	done := file(2, 2)
	done.State, done.Done, done.Touched = export.Ready, 7, begun
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Exports().Put(ctx, done) })
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Exports().Forget(ctx, done.Made) })
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		_, err := tx.Exports().Get(ctx, string(id(1)))
		require.ErrorIs(t, err, fault.NotFound)
		j, err := tx.Exports().Get(ctx, string(id(2)))
		assert.Equal(t, done, j)
		return err
	})
	assert.Empty(t, parts(t, store, acme, string(id(1))))
	assert.Equal(t, "bc", parts(t, store, acme, string(id(2))))
}

func keepsPeopleApart(t *testing.T, store ports.Store) {
	neighbours(t, store)
	register(t, store, globex, "globex")
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		return errors.Join(tx.Exports().Put(ctx, file(1, 1)), tx.Exports().Append(ctx, string(id(1)), 0, "a"), tx.Health().Put(ctx, employeeid.Health{Problem: employeeid.Long, Since: begun}), tx.Activity().Record(ctx, event(1, "x")))
	})
	within(t, store, globex, func(ctx context.Context, tx ports.Tx) error {
		sheet := ports.Sheet{Limit: 10}
		people, err1 := tx.People().List(ctx, ports.PeopleQuery{Sheet: sheet})
		groups, err2 := tx.People().Groups(ctx, ports.GroupsQuery{Sheet: sheet})
		names, err3 := tx.People().Names(ctx, many(1, 7))
		mark, err4 := tx.People().Mark(ctx)
		health, err5 := tx.Health().All(ctx)
		events, err6 := tx.Activity().Page(ctx, ports.ActivityQuery{Sheet: sheet})
		_, err := tx.Exports().Get(ctx, string(id(1)))
		require.ErrorIs(t, err, fault.NotFound)
		assert.Zero(t, people.Total+groups.Total+events.Total+len(people.People)+len(groups.Groups)+len(names)+len(mark)+len(health)+len(events.Events))
		err7 := tx.People().Holders(ctx, func(ports.Holder) error { return errors.New("somebody") })
		return errors.Join(err1, err2, err3, err4, err5, err6, err7, tx.Exports().Forget(ctx, begun.Add(24*time.Hour)))
	})
	assert.Empty(t, parts(t, store, globex, string(id(1))))
	assert.Equal(t, "a", parts(t, store, acme, string(id(1))))
}
