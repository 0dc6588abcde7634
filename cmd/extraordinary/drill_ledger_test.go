package main

import (
	"fmt"
	"maps"
	"slices"
)

// operation is one line of a writer's ledger: what it asked for, written before it was sent, and what it learnt of it.
// Its id is the trace of its request, and so of its line in the journal, and it becomes the externalId of what it writes.
type operation struct {
	id      string
	does    deed
	subject string // the id of a resource; of a creation, what the answer told
	mark    string // what a change adds: its own id to a user's entitlements, or a user's id to a group's members
	outcome outcome
	version int // what the answer told; 0: nothing
}

// deed is what an operation does, as the journal calls it.
type deed string

const (
	creation deed = "created"
	change   deed = "changed"
	deletion deed = "deleted"
)

// outcome is what a writer learnt. An operation is unknown until there is an answer that says more.
type outcome string

const (
	done    outcome = "acknowledged" // 2xx
	refused outcome = "refused"      // 4xx, or nobody listened
	unknown outcome = "unknown"      // no answer, or 5xx
)

// entry is one line of the journal.
type entry struct {
	operation string
	does      deed
	subject   string
}

// resource is what is there of a user or a group.
type resource struct {
	version int
	last    string   // externalId: the operation that wrote last
	marks   []string // entitlements or members
}

// violations compares what writers know with the journal, in its order, and with what is there in the end. It is empty
// if every acknowledged operation is there, no refused one is, an unknown one is there once or not at all, each of those
// that are there has exactly one entry, and each resource is what its entries make of it.
func violations(ledger []operation, journal []entry, end map[string]resource) []string {
	asked := map[string]operation{}
	for _, o := range ledger {
		asked[o.id] = o
	}
	replayed, wrong := replay(asked, journal)
	return slices.Concat(compareEntries(ledger, journal), wrong, compareEnds(replayed, end))
}

func compareEntries(ledger []operation, journal []entry) (wrong []string) {
	count := map[string]int{}
	for _, e := range journal {
		count[e.operation]++
	}
	for _, o := range ledger {
		switch n := count[o.id]; {
		case n > 1:
			wrong = append(wrong, fmt.Sprintf("doubled: %s has %d entries", o, n))
		case n == 0 && o.outcome == done:
			wrong = append(wrong, fmt.Sprintf("lost: %s has no entry", o))
		case n == 1 && o.outcome == refused:
			wrong = append(wrong, fmt.Sprintf("done all the same: %s has an entry", o))
		}
	}
	return wrong
}

// replay makes of the journal what must be there, and checks that each answer told the version that its entry made.
func replay(asked map[string]operation, journal []entry) (there map[string]resource, wrong []string) {
	there, gone := map[string]resource{}, map[string]bool{}
	for _, e := range journal {
		o, known := asked[e.operation]
		r, alive := there[e.subject]
		switch {
		case !known:
			wrong = append(wrong, fmt.Sprintf("invented: nobody asked for the entry %+v", e))
			continue
		case o.does != e.does || o.subject != "" && o.subject != e.subject:
			wrong = append(wrong, fmt.Sprintf("mixed up: the entry of %s is %+v", o, e))
			continue
		case alive == (e.does == creation) || gone[e.subject]:
			wrong = append(wrong, fmt.Sprintf("out of order: %s", o))
			continue
		}
		if e.does == deletion {
			delete(there, e.subject)
			gone[e.subject] = true
			continue
		}
		r.version++
		r.last = o.id
		if o.mark != "" {
			r.marks = append(slices.Clone(r.marks), o.mark)
		}
		there[e.subject] = r
		if o.version != 0 && o.version != r.version {
			wrong = append(wrong, fmt.Sprintf("versions: the answer to %s told %d, its entry made %d", o, o.version, r.version))
		}
	}
	for id, r := range there {
		r.marks = slices.DeleteFunc(r.marks, func(mark string) bool { return gone[mark] }) // who was deleted is no member
		there[id] = r
	}
	return there, wrong
}

func compareEnds(want, end map[string]resource) (wrong []string) {
	ids := maps.Clone(want)
	maps.Copy(ids, end)
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		w, wanted := want[id]
		r, found := end[id]
		switch missing, extra := differences(w.marks, r.marks); {
		case !found:
			wrong = append(wrong, fmt.Sprintf("lost: %s, of version %d", id, w.version))
		case !wanted:
			wrong = append(wrong, fmt.Sprintf("without an entry: %s, of version %d, is there", id, r.version))
		case len(missing)+len(extra) > 0:
			wrong = append(wrong, fmt.Sprintf("lost update: %s lacks %v, and has %v that it should not", id, missing, extra))
		case r.version != w.version || r.last != w.last:
			wrong = append(wrong, fmt.Sprintf("lost update: %s is of %d by %s, expected %d by %s", id, r.version, r.last, w.version, w.last))
		}
	}
	return wrong
}

// differences gives what is not in both; a mark that is there twice is extra once.
func differences(want, got []string) (missing, extra []string) {
	count := map[string]int{}
	for _, mark := range want {
		count[mark]++
	}
	for _, mark := range got {
		count[mark]--
	}
	for _, mark := range slices.Sorted(maps.Keys(count)) {
		switch n := count[mark]; {
		case n > 0:
			missing = append(missing, mark)
		case n < 0:
			extra = append(extra, mark)
		}
	}
	return missing, extra
}

func (o operation) String() string {
	return fmt.Sprintf("%s (%s %q, %s)", o.id, o.does, o.subject, o.outcome)
}
