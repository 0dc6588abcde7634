package main

import (
	"slices"
	"strings"
	"testing"
)

// The checker of the drill is tried on a recorded run, which is sound, and on the same run with one fault planted in it.

// recorded is a run: two users and a group, each kind of operation and of outcome.
type recorded struct {
	ledger  []operation
	journal []entry
	end     map[string]resource
}

func sound() recorded {
	return recorded{
		ledger: []operation{
			{id: "c1", does: creation, subject: "ann", outcome: done, version: 1},
			{id: "c2", does: creation, subject: "bob", outcome: done, version: 1},
			{id: "c3", does: creation, outcome: unknown},
			{id: "c4", does: creation, outcome: unknown},
			{id: "g1", does: creation, subject: "all", outcome: done, version: 1},
			{id: "u1", does: change, subject: "ann", mark: "u1", outcome: done, version: 2},
			{id: "u2", does: change, subject: "ann", mark: "u2", outcome: unknown},
			{id: "u3", does: change, subject: "ann", mark: "u3", outcome: done, version: 4},
			{id: "u4", does: change, subject: "bob", mark: "u4", outcome: refused},
			{id: "m1", does: change, subject: "all", mark: "ann", outcome: done, version: 2},
			{id: "m2", does: change, subject: "all", mark: "bob", outcome: done, version: 3},
			{id: "d1", does: deletion, subject: "bob", outcome: done},
		},
		journal: []entry{
			{"c1", creation, "ann"},
			{"c2", creation, "bob"},
			{"c3", creation, "eve"},
			{"g1", creation, "all"},
			{"u1", change, "ann"},
			{"m1", change, "all"},
			{"u2", change, "ann"},
			{"m2", change, "all"},
			{"u3", change, "ann"},
			{"d1", deletion, "bob"},
		},
		end: map[string]resource{
			"ann": {4, "u3", []string{"u1", "u2", "u3"}},
			"eve": {1, "c3", nil},
			"all": {3, "m2", []string{"ann"}},
		},
	}
}

func TestTheCheckerOfTheDrillLetsASoundRunPass(t *testing.T) {
	t.Parallel()
	r := sound()
	if wrong := violations(r.ledger, r.journal, r.end); wrong != nil {
		t.Error(strings.Join(wrong, "\n"))
	}
}

// without takes the entry of an operation out of the journal.
func (r *recorded) without(id string) {
	r.journal = slices.DeleteFunc(r.journal, func(e entry) bool { return e.operation == id })
}

// outcome changes what a writer learnt of an operation.
func (r *recorded) outcome(id string, o outcome) {
	i := slices.IndexFunc(r.ledger, func(asked operation) bool { return asked.id == id })
	r.ledger[i].outcome = o
}

func TestTheCheckerOfTheDrillFindsEachPlantedFault(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]struct {
		plant func(*recorded)
		found string
	}{
		"an acknowledged creation is lost, entry and all": {func(r *recorded) {
			r.without("c3")
			delete(r.end, "eve")
			r.outcome("c3", done)
		}, "lost: c3"},
		"an acknowledged change is lost, entry and all": {func(r *recorded) {
			r.without("u3")
			r.end["ann"] = resource{3, "u2", []string{"u1", "u2"}}
		}, "lost: u3"},
		"an acknowledged deletion is lost": {func(r *recorded) {
			r.without("d1")
			r.end["bob"] = resource{1, "c2", nil}
			r.end["all"] = resource{3, "m2", []string{"ann", "bob"}}
		}, "lost: d1"},
		"a change without its entry": {func(r *recorded) { r.without("u2") }, "lost update: ann lacks [], and has [u2]"},
		"a creation without its entry": {func(r *recorded) {
			r.without("c3")
		}, "without an entry: eve"},
		"an entry without its change": {func(r *recorded) { delete(r.end, "eve") }, "lost: eve"},
		"an entry that is there twice": {func(r *recorded) {
			r.journal = append(r.journal, entry{"u3", change, "ann"})
		}, "doubled: u3"},
		"an operation that was done twice": {func(r *recorded) {
			r.journal = append(r.journal, entry{"u3", change, "ann"})
			r.end["ann"] = resource{5, "u3", []string{"u1", "u2", "u3", "u3"}}
		}, "doubled: u3"},
		"a naive read-modify-write of a user": {func(r *recorded) {
			r.end["ann"] = resource{4, "u3", []string{"u1", "u3"}}
		}, "lost update: ann lacks [u2]"},
		"a naive read-modify-write that counts no version either": {func(r *recorded) {
			r.end["ann"] = resource{3, "u3", []string{"u1", "u2", "u3"}}
		}, "lost update: ann is of 3"},
		"an older write that came over a newer one": {func(r *recorded) {
			r.end["ann"] = resource{4, "u2", []string{"u1", "u2", "u3"}}
		}, "by u2, expected 4 by u3"},
		"a member that is lost": {func(r *recorded) { r.end["all"] = resource{3, "m2", nil} }, "lost update: all lacks [ann]"},
		"two answers that tell the same version": {func(r *recorded) {
			r.ledger[7].version = 2
		}, "versions: the answer to u3"},
		"a refused operation that was done": {func(r *recorded) { r.outcome("u2", refused) }, "done all the same: u2"},
		"an entry of an operation that nobody sent": {func(r *recorded) {
			r.journal = append(r.journal, entry{"x1", change, "ann"})
		}, "invented"},
		"an entry that names another resource": {func(r *recorded) { r.journal[4].subject = "eve" }, "mixed up: the entry of u1"},
		"a change after the deletion": {func(r *recorded) {
			r.ledger[8].outcome = unknown
			r.journal = append(r.journal, entry{"u4", change, "bob"})
		}, "out of order: u4"},
		"a resource that came back": {func(r *recorded) { r.end["bob"] = resource{1, "c2", nil} }, "without an entry: bob"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := sound()
			fault.plant(&r)
			wrong := violations(r.ledger, r.journal, r.end)
			if !slices.ContainsFunc(wrong, func(v string) bool { return strings.Contains(v, fault.found) }) {
				t.Errorf("found %q, expected %q", wrong, fault.found)
			}
		})
	}
}
