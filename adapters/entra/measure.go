package entra

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// step is a kind of request: one row of the report.
type step int

// The steps, in the order of a cycle.
const (
	stepToken step = iota
	stepProbe
	stepMatchUser
	stepCreateUser
	stepReadUser
	stepChangeUser
	stepDisableUser
	stepRestoreUser
	stepDeleteUser
	stepCheckManager
	stepSetManager
	stepMatchGroup
	stepCreateGroup
	stepReadGroup
	stepChangeGroup
	stepCheckMember
	stepRemoveMembers
	stepAddMembers
	stepReadBackUser
	stepReadBackManager
	stepReadBackGroup
	steps // how many there are
)

// name is written out here once; an array, so that a step without a name does not go unseen in the report.
func (s step) name() string {
	return [steps]string{
		"token", "probe", "match user", "create user", "read user", "change user", "disable user", "restore user",
		"delete user", "check manager", "set manager", "match group", "create group", "read group", "change group",
		"check member", "remove members", "add members", "read back user", "read back manager", "read back group",
	}[s]
}

// meter counts requests. Its methods may be called by many goroutines.
type meter struct {
	requests atomic.Int64
	steps    [steps]struct {
		sync.Mutex
		throttled, wrong int
		statuses         map[int]int
		took             []time.Duration // of right answers only: a quick refusal is no speed
	}
}

// answered counts a request; status 0 stands for no answer.
func (m *meter) answered(of step, status int) {
	m.requests.Add(1)
	s := &m.steps[of]
	s.Lock()
	defer s.Unlock()
	if s.statuses == nil {
		s.statuses = map[int]int{}
	}
	s.statuses[status]++
}

func (m *meter) right(of step, took time.Duration) {
	s := &m.steps[of]
	s.Lock()
	defer s.Unlock()
	s.took = append(s.took, took)
}

func (m *meter) wrong(of step) {
	s := &m.steps[of]
	s.Lock()
	defer s.Unlock()
	s.wrong++
}

func (m *meter) throttled(of step) {
	s := &m.steps[of]
	s.Lock()
	defer s.Unlock()
	s.throttled++
}

// figures are the rows of the steps that were used.
func (m *meter) figures() []Step {
	var all []Step
	for of := range steps {
		s := &m.steps[of]
		s.Lock()
		row := Step{Name: of.name(), Errors: s.wrong, Throttled: s.throttled, Statuses: s.statuses}
		for _, n := range s.statuses {
			row.Requests += n
		}
		slices.Sort(s.took)
		row.P50, row.P95, row.P99 = percentile(s.took, 50), percentile(s.took, 95), percentile(s.took, 99)
		s.Unlock()
		if row.Requests > 0 {
			all = append(all, row)
		}
	}
	return all
}

// percentile is the nearest rank of sorted durations, in milliseconds.
func percentile(sorted []time.Duration, p int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	rank := (len(sorted)*p + 99) / 100
	return float64(sorted[max(1, rank)-1].Microseconds()) / 1000
}
