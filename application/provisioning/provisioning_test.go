package provisioning_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/scim/patch"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// house is the use cases over a real store with one organisation.
type house struct {
	*provisioning.Service
	store *sqlstore.Store
	who   provisioning.Caller
}

func newHouse(t *testing.T) house {
	t.Helper()
	ctx := t.Context()
	clock := func() time.Time { return time.Date(2026, 11, 25, 14, 3, 7, 0, time.UTC) }
	store, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "test.db"), sqlite.Options{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	if _, err := store.Migrator().Up(ctx); err != nil {
		t.Fatal(err)
	}
	o, err := organisation.New(organisation.ID(newID()), "kereru", "Kererū", "o@example.nz", clock())
	if err != nil {
		t.Fatal(err)
	}
	err = store.Within(ctx, o.ID(), func(ctx context.Context, tx ports.Tx) error { return tx.Organisation().Add(ctx, o) })
	if err != nil {
		t.Fatal(err)
	}
	return house{
		provisioning.New(store, schema.Core(), clock, newID), store,
		provisioning.Caller{Organisation: o.ID(), ClientID: "c_1", Trace: "0123456789abcdef0123456789abcdef"},
	}
}

var ids atomic.Int64

// newID gives ids that sort as they were made.
func newID() string { return fmt.Sprintf("0194d2f0-7e3a-7c1b-8a4d-%012x", ids.Add(1)) }

func object(t *testing.T, text string) *tree.Object {
	t.Helper()
	v, err := tree.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v.(*tree.Object)
}

func ops(t *testing.T, text string) []patch.Operation {
	t.Helper()
	operations, err := patch.Read(object(t, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`+text+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	return operations
}

func (h house) user(t *testing.T, name string) provisioning.Written {
	t.Helper()
	made, err := h.CreateUser(t.Context(), h.who, object(t, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"`+name+`","displayName":"`+name+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (h house) group(t *testing.T, name string, members ...directory.ID) provisioning.Written {
	t.Helper()
	list := ""
	for i, m := range members {
		if i > 0 {
			list += ","
		}
		list += `{"value":"` + string(m) + `"}`
	}
	made, err := h.CreateGroup(t.Context(), h.who, object(t, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"`+name+`","members":[`+list+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (h house) journal(t *testing.T, kind string, id directory.ID) (events []activity.Event) {
	t.Helper()
	err := h.store.View(t.Context(), h.who.Organisation, func(ctx context.Context, tx ports.Tx) (err error) {
		events, err = tx.Activity().Of(ctx, activity.Subject{Kind: kind, ID: string(id)}, 100)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func (h house) members(t *testing.T, id directory.ID) (version int64, ids []directory.ID) {
	t.Helper()
	err := h.ReadGroup(t.Context(), h.who, id, func(d directory.Document, of provisioning.MembersOf) error {
		version = d.Version
		return of(id, func(m directory.Member) error {
			ids = append(ids, m.ID)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return version, ids
}

func TestEachChangeOfAUserIsInTheJournalWithBothValues(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u := h.user(t, "mia")
	if _, err := h.PatchUser(t.Context(), h.who, u.ID, nil, ops(t, `{"op":"Replace","path":"title","value":"Clerk"}`)); err != nil {
		t.Fatal(err)
	}
	if err := h.DeleteUser(t.Context(), h.who, u.ID, nil); err != nil {
		t.Fatal(err)
	}
	events := h.journal(t, "User", u.ID)
	if len(events) != 3 || events[0].Action != activity.Deleted || events[1].Action != activity.Changed || events[2].Action != activity.Created {
		t.Fatalf("the journal holds %+v", events)
	}
	changed := events[1]
	if len(changed.Changes) != 1 || changed.Changes[0] != (activity.Change{Path: "title", To: "Clerk"}) {
		t.Errorf("the change was %+v", changed.Changes)
	}
	if changed.Actor != (activity.Actor{Kind: activity.Client, ID: "c_1"}) || changed.Trace != h.who.Trace {
		t.Errorf("it was %+v in %q", changed.Actor, changed.Trace)
	}
}

func TestAChangeOfNothingWritesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u := h.user(t, "mia")
	g := h.group(t, "Finance", u.ID)
	for range 3 {
		got, err := h.PatchUser(t.Context(), h.who, u.ID, nil, ops(t, `{"op":"Replace","path":"displayName","value":"mia"}`))
		if err != nil || got.Version != 1 {
			t.Fatalf("version %d, %v", got.Version, err)
		}
		if _, err := h.PatchGroup(t.Context(), h.who, g.ID, nil, ops(t, `{"op":"Add","path":"members","value":[{"value":"`+string(u.ID)+`"}]}`)); err != nil {
			t.Fatal(err)
		}
	}
	if version, _ := h.members(t, g.ID); version != 1 {
		t.Errorf("the group is version %d", version)
	}
	if users, groups := h.journal(t, "User", u.ID), h.journal(t, "Group", g.ID); len(users) != 1 || len(groups) != 1 {
		t.Errorf("the journal grew to %d and %d events", len(users), len(groups))
	}
}

func TestAnOperationThatFailsLeavesTheOthersUndone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u, g := h.user(t, "mia"), h.group(t, "Finance")
	_, err := h.PatchGroup(t.Context(), h.who, g.ID, nil, ops(t, `
		{"op":"Replace","path":"displayName","value":"Tax"},
		{"op":"Add","path":"members","value":[{"value":"`+string(u.ID)+`"}]},
		{"op":"Add","path":"members","value":[{"value":"`+newID()+`"}]}`))
	if !errors.Is(err, fault.Invalid) {
		t.Fatalf("a stranger as a member gives %v", err)
	}
	version, members := h.members(t, g.ID)
	if version != 1 || len(members) != 0 || len(h.journal(t, "Group", g.ID)) != 1 {
		t.Errorf("version %d, members %v", version, members)
	}
}

func TestMembersComeAndGoInEveryForm(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b, c := h.user(t, "ann").ID, h.user(t, "bob").ID, h.user(t, "cleo").ID
	g := h.group(t, "Finance", a).ID
	version := int64(1)
	for _, step := range []struct {
		say, ops string
		want     []directory.ID
	}{
		{"one is added", `{"op":"Add","path":"members","value":[{"$ref":null,"value":"` + string(b) + `"}]}`, []directory.ID{a, b}},
		{"one is removed by value", `{"op":"Remove","path":"members","value":[{"value":"` + string(a) + `"}]}`, []directory.ID{b}},
		{"all are replaced", `{"op":"Replace","path":"members","value":[{"value":"` + string(a) + `"},{"value":"` + string(c) + `"}]}`, []directory.ID{a, c}},
		{"one is removed by path", `{"op":"remove","path":"members[value eq \"` + string(c) + `\"]"}`, []directory.ID{a}},
		{"some are selected by what they are called", `{"op":"add","path":"members","value":[{"value":"` + string(b) + `"}]},{"op":"remove","path":"members[display sw \"A\"]"}`, []directory.ID{b}},
		{"everybody goes", `{"op":"remove","path":"members"}`, nil},
	} {
		if _, err := h.PatchGroup(t.Context(), h.who, g, nil, ops(t, step.ops)); err != nil {
			t.Fatalf("%s: %v", step.say, err)
		}
		version++
		if v, got := h.members(t, g); fmt.Sprint(got) != fmt.Sprint(step.want) || v != version {
			t.Fatalf("%s: version %d with %v, expected %d with %v", step.say, v, got, version, step.want)
		}
	}
}

func TestAGroupIsReplacedWithItsMembers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.user(t, "ann").ID, h.user(t, "bob").ID
	g := h.group(t, "Finance", a).ID
	_, err := h.ReplaceGroup(t.Context(), h.who, g, nil, object(t, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Tax","members":[{"value":"`+string(b)+`"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if version, got := h.members(t, g); version != 2 || len(got) != 1 || got[0] != b {
		t.Errorf("version %d with %v", version, got)
	}
}

func TestAConditionThatDoesNotHoldStopsEachChange(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u := h.user(t, "mia")
	no := func(directory.Document) error { return fault.New(fault.Stale, "no") }
	_, patched := h.PatchUser(t.Context(), h.who, u.ID, no, ops(t, `{"op":"Replace","path":"title","value":"x"}`))
	_, replaced := h.ReplaceUser(t.Context(), h.who, u.ID, no, object(t, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"x"}`))
	deleted := h.DeleteUser(t.Context(), h.who, u.ID, no)
	for name, err := range map[string]error{"PATCH": patched, "PUT": replaced, "DELETE": deleted} {
		if !errors.Is(err, fault.Stale) {
			t.Errorf("%s gives %v", name, err)
		}
	}
	if now, _, err := h.ReadUser(t.Context(), h.who, u.ID, false); err != nil || now.Version != 1 {
		t.Errorf("version %d, %v", now.Version, err)
	}
}

func TestOfManyWhoCreateTheSamePersonOneSucceeds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const many = 50
	var wait sync.WaitGroup
	results := make([]error, many)
	for i := range many {
		wait.Go(func() {
			_, results[i] = h.CreateUser(t.Context(), h.who, object(t, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"Mia"}`))
		})
	}
	wait.Wait()
	made := 0
	for _, err := range results {
		switch {
		case err == nil:
			made++
		case !errors.Is(err, fault.Conflict):
			t.Errorf("got %v", err)
		}
	}
	if made != 1 {
		t.Errorf("%d were made", made)
	}
}

func TestNoMemberIsLostWhenManyAddAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const many = 200
	g := h.group(t, "Everybody").ID
	ids := make([]directory.ID, many)
	for i := range ids {
		ids[i] = h.user(t, fmt.Sprintf("u%d", i)).ID
	}
	var wait sync.WaitGroup
	for _, id := range ids {
		wait.Go(func() {
			if _, err := h.PatchGroup(t.Context(), h.who, g, nil, ops(t, `{"op":"Add","path":"members","value":[{"value":"`+string(id)+`"}]}`)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if version, got := h.members(t, g); len(got) != many || version != many+1 {
		t.Errorf("%d members at version %d", len(got), version)
	}
}

func TestASearchGivesUsersWithTheirGroups(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	mia := h.user(t, "Mia").ID
	h.user(t, "Tom")
	g := h.group(t, "Finance", mia).ID
	filter, err := scim.Parse(`userName eq "MIA"`)
	if err != nil {
		t.Fatal(err)
	}
	found, err := h.SearchUsers(t.Context(), h.who, provisioning.Search{Filter: filter, Limit: 10})
	if err != nil || found.Total != 1 || found.Documents[0].ID != mia {
		t.Fatalf("got %+v, %v", found, err)
	}
	if groups := found.Groups[mia]; len(groups) != 1 || groups[0] != (directory.Member{ID: g, Display: "Finance", Type: "direct"}) {
		t.Errorf("her groups are %+v", groups)
	}
}
