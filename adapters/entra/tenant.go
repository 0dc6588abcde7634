package entra

import (
	"errors"
	"fmt"
	"math/rand/v2"
)

// tenant is the customer's directory as Entra sees it, with what Entra remembers of the server beside each object.
type tenant struct {
	accounts []account
	groups   []group
	cycle    int
}

// account is one person. While a pass runs, one goroutine alone has it.
type account struct {
	history
	Person
	manager int  // position in accounts, or nobody
	joins   int  // the first cycle that has them in scope
	active  bool // not soft-deleted
	purged  bool // hard-deleted in the tenant
	deleted bool // and the server has said so too

	id          string // the server's, kept from match or creation on (entra.md 1.2)
	toldManager string // id of the manager that the server was told last
}

// group is one group; members and inside hold positions in accounts.
type group struct {
	history
	name       string
	externalID string
	members    []int
	outAndIn   int // a member to take out and put back in this cycle, or nobody

	id     string
	made   bool         // by this job, so that nobody else's members can be in it
	inside map[int]bool // members that the server has accepted
}

const (
	nobody = -1
	never  = 0 // joins in no cycle
)

// history is what became of one object.
type history struct {
	due         bool // something is still to be sent
	failures    []Failure
	differences []Difference
}

// settle keeps the outcome of an attempt. It returns the errors that are not the object's own.
func (h *history) settle(err error, object string, cycle int) error {
	failure := (*Failure)(nil)
	switch {
	case err == nil:
		h.due = false
		for i := range h.failures {
			h.failures[i].Repaired = true
		}
		return nil
	case errors.As(err, &failure):
		failure.Object, failure.Cycle = object, cycle
		h.due = true
		h.failures = append(h.failures, *failure)
		return nil
	default:
		return err
	}
}

// newTenant spreads the people over the cycles and over the groups. Those who join later are the last ones.
func newTenant(job Job, random *rand.Rand) *tenant {
	t := &tenant{accounts: make([]account, len(job.People)), groups: make([]group, job.Groups)}
	position := make(map[string]int, len(job.People))
	for i, p := range job.People {
		position[fold(p.UserPrincipalName)] = i
	}
	late := 0 // how many join in each cycle after the first
	if len(job.People) >= 5 {
		late = max(1, len(job.People)/50)
	}
	first := len(job.People) - min(late*(job.Cycles-1), len(job.People)/2)
	var present []int // from the start
	for i, p := range job.People {
		a := &t.accounts[i]
		a.Person, a.manager, a.active, a.due, a.joins = p, nobody, true, true, 1
		if m, ok := position[fold(p.Manager)]; ok && m != i {
			a.manager = m
		}
		switch {
		case p.AccountDisabled:
			a.joins, a.active, a.due = never, false, false
		case i >= first:
			a.joins = 2 + (i-first)/late
		default:
			present = append(present, i)
		}
	}
	size := min(job.MembersPerGroup, len(present))
	for n := range t.groups {
		g := &t.groups[n]
		g.name = fmt.Sprintf("Public Transport %s %d-%03d", places[n%len(places)], job.Seed, n+1)
		g.externalID, g.outAndIn, g.due, g.inside = guid(random), nobody, true, map[int]bool{}
		for m := range size {
			g.members = append(g.members, present[(n*size+m)%len(present)])
		}
	}
	return t
}

// inScope says whether Entra provisions a.
func (t *tenant) inScope(a *account) bool { return a.joins != never && a.joins <= t.cycle }

// ready says whether account i can be referred to in the server.
func (t *tenant) ready(i int) bool { return t.accounts[i].id != "" && !t.accounts[i].purged }

// missing are the members that g should have, could have, and has not.
func (t *tenant) missing(g *group) []int {
	var all []int
	for _, m := range g.members {
		if t.ready(m) && !g.inside[m] {
			all = append(all, m)
		}
	}
	return all
}

// expected are the members that the server should list, in g's order: those that it has accepted, less the people whom
// it has deleted since.
func (t *tenant) expected(g *group) []int {
	var all []int
	for _, m := range g.members {
		if g.inside[m] && !t.accounts[m].deleted {
			all = append(all, m)
		}
	}
	return all
}
