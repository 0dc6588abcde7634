package people

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/employeeid"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// week is how long somebody is new.
const week = 7 * 24 * time.Hour

// assessment is what is seen when all people of an organisation are looked at.
type assessment struct {
	mark        string
	at          time.Time
	active, off int
	fresh       int       // people who came within a week
	modified    time.Time // when the last of them changed
	having      map[employeeid.Problem][]directory.ID
	of          map[directory.ID][]employeeid.Problem
	known       map[employeeid.Problem][]directory.ID // who has a problem that somebody has said is known; these are in neither of the above
	knownOf     map[directory.ID][]employeeid.Problem
	fine        int                       // active people without a problem
	near        map[string][]directory.ID // those with a problem, and those whom they share an ID with, by what is the same
}

// assessments keeps the last assessment of some organisations: to look at 10,000 people takes longer than to show fifty.
type assessments struct {
	mu   sync.Mutex
	last map[organisation.ID]*assessment
}

const (
	keptAssessments = 64
	longestKept     = 5 * time.Minute // who came a week ago is new no longer, though nothing changed
)

func newAssessments() *assessments { return &assessments{last: map[organisation.ID]*assessment{}} }

func (a *assessments) get(org organisation.ID, mark string, now time.Time) *assessment {
	a.mu.Lock()
	defer a.mu.Unlock()
	if last := a.last[org]; last != nil && last.mark == mark && now.Sub(last.at) < longestKept {
		return last
	}
	return nil
}

func (a *assessments) put(org organisation.ID, next *assessment) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for other := range a.last {
		if len(a.last) < keptAssessments {
			break
		}
		delete(a.last, other)
	}
	a.last[org] = next
}

// assess looks at all people of an organisation, unless nothing has changed since it last did. It keeps in the store since
// when there is which problem.
func (s *Service) assess(ctx context.Context, org organisation.ID) (a *assessment, err error) {
	fresh := false
	var before []employeeid.Health
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		mark, err := tx.People().Mark(ctx)
		if err != nil {
			return err
		}
		if a = s.assessed.get(org, mark, s.now()); a != nil {
			return nil
		}
		fresh = true
		judged, err := tx.Judgements().All(ctx)
		if err != nil {
			return err
		}
		if a, err = look(ctx, tx.People(), judged, mark, s.now()); err != nil {
			return err
		}
		before, err = tx.Health().All(ctx)
		return err
	})
	if err != nil || !fresh {
		return a, err
	}
	if err := s.keepHealth(ctx, org, a, before); err != nil {
		return nil, err
	}
	s.assessed.put(org, a)
	return a, nil
}

func look(ctx context.Context, people ports.People, judged []employeeid.Judgement, mark string, now time.Time) (*assessment, error) {
	a := &assessment{
		mark: mark, at: now, having: make(map[employeeid.Problem][]directory.ID), of: map[directory.ID][]employeeid.Problem{}, near: map[string][]directory.ID{},
		known: make(map[employeeid.Problem][]directory.ID), knownOf: map[directory.ID][]employeeid.Problem{},
	}
	var ids []directory.ID
	var holders []employeeid.Holder
	err := people.Holders(ctx, func(h ports.Holder) error {
		ids, holders = append(ids, h.ID), append(holders, h.Holder)
		if h.Active {
			a.active++
		} else {
			a.off++
		}
		if now.Sub(h.Created) < week {
			a.fresh++
		}
		if h.Modified.After(a.modified) {
			a.modified = h.Modified
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	known := make(map[saying]bool, len(judged))
	for _, j := range judged {
		known[saying{j.Person, j.ID, j.About}] = true
	}
	for _, f := range employeeid.Assess(holders) {
		id := ids[f.Holder]
		if known[saying{string(id), holders[f.Holder].ID, f.Problem}] {
			a.known[f.Problem], a.knownOf[id] = append(a.known[f.Problem], id), append(a.knownOf[id], f.Problem)
			continue
		}
		a.having[f.Problem] = append(a.having[f.Problem], id)
		a.of[id] = append(a.of[id], f.Problem)
		if shared(f.Problem) {
			a.near[clash(holders[f.Holder].ID)] = nil
		}
	}
	for i, h := range holders {
		if others, known := a.near[clash(h.ID)]; known && h.ID != "" {
			a.near[clash(h.ID)] = append(others, ids[i])
		}
	}
	a.fine = a.active - len(a.of)
	return a, nil
}

// shared reports whether a problem is one between two people.
func shared(p employeeid.Problem) bool {
	return p == employeeid.Double || p == employeeid.NearDouble || p == employeeid.SameCut
}

// clash is what is the same for IDs of whom one may be taken for another.
func clash(id string) string { return employeeid.Key(employeeid.Cut(id)) }

// sharing gives who else has an ID that may be taken for this one.
func (a *assessment) sharing(id directory.ID, employeeID string) (others []directory.ID) {
	if !slices.ContainsFunc(a.of[id], shared) {
		return nil
	}
	for _, other := range a.near[clash(employeeID)] {
		if other != id && len(others) < 11 {
			others = append(others, other)
		}
	}
	return others
}

// keepHealth writes which problems have begun or ended. What ended them was a change of somebody, and no later one than
// the last.
func (s *Service) keepHealth(ctx context.Context, org organisation.ID, a *assessment, before []employeeid.Health) error {
	var changed []employeeid.Health
	for _, p := range employeeid.Problems {
		known := employeeid.Health{Problem: p}
		if i := slices.IndexFunc(before, func(h employeeid.Health) bool { return h.Problem == p }); i >= 0 {
			known = before[i]
		}
		if next, moved := known.Seen(len(a.having[p]), a.modified); moved {
			changed = append(changed, next)
		}
	}
	if changed == nil {
		return nil
	}
	return s.store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		for _, h := range changed {
			if err := tx.Health().Put(ctx, h); err != nil {
				return err
			}
		}
		return nil
	})
}

// Counts is how many people there are.
type Counts struct {
	Active, Off, New int // New: who came within a week
}

// Report is how the Employee IDs of an organisation are.
type Report struct {
	Counts
	Fine int // active people without a problem
	Rows []Found
}

// Found is how many active people have a problem, and since when: nobody, and no time, if it never was.
type Found struct {
	Problem employeeid.Problem
	People  int
	Since   time.Time
	Known   int // people whose problem is known: they are not among People
}

// Health reports on an organisation's people, with each problem there is.
func (s *Service) Health(ctx context.Context, org organisation.ID) (r Report, err error) {
	a, err := s.assess(ctx, org)
	if err != nil {
		return r, err
	}
	r = Report{Counts: Counts{a.active, a.off, a.fresh}, Fine: a.fine}
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		r.Rows = nil
		known, err := tx.Health().All(ctx)
		if err != nil {
			return err
		}
		since := make(map[employeeid.Problem]time.Time)
		for _, h := range known {
			since[h.Problem] = h.Since
		}
		for _, p := range employeeid.Problems {
			r.Rows = append(r.Rows, Found{p, len(a.having[p]), since[p], len(a.known[p])})
		}
		return nil
	})
	return r, err
}
