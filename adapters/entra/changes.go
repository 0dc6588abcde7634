package entra

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// begin opens a cycle: whoever joins in it comes into scope.
func (t *tenant) begin(cycle int) {
	t.cycle = cycle
	for i := range t.accounts {
		if cycle > 1 && t.accounts[i].joins == cycle && len(t.groups) > 0 {
			g := &t.groups[i%len(t.groups)]
			g.members = append(g.members, i)
		}
	}
}

const renamed = ", renamed in cycle "

// change makes up what happened in the tenant since the last cycle: names and numbers changed, employee ids that came
// late, a new manager, leavers, a group renamed, members taken out and put back.
func (t *tenant) change(random *rand.Rand) {
	var settled []int
	for i := range t.accounts {
		if a := &t.accounts[i]; a.joins != never && a.joins < t.cycle && a.active {
			settled = append(settled, i)
		}
	}
	random.Shuffle(len(settled), func(i, j int) { settled[i], settled[j] = settled[j], settled[i] })

	changed, leaving := len(settled)/20, len(settled)/50
	if len(settled) >= 10 { // enough for each kind of change, and for the three fates of a leaver
		changed, leaving = max(4, changed), max(3, leaving)
	} else if len(settled) > 1 {
		changed, leaving = 1, 1
	}
	// Those without an employee id come first: it can come late for nobody else.
	slices.SortStableFunc(settled, func(i, j int) int {
		return cmp.Compare(min(1, len(t.accounts[i].EmployeeID)), min(1, len(t.accounts[j].EmployeeID)))
	})
	for n, i := range settled[:changed] {
		t.accounts[i].change(n, t.cycle, i, random)
	}
	if changed > 0 {
		t.accounts[settled[0]].manager = settled[len(settled)-1]
	}
	for _, i := range settled[changed : changed+leaving] {
		t.accounts[i].active, t.accounts[i].due = false, true
	}
	for n := range t.groups {
		g := &t.groups[n]
		if n%10 == 0 {
			first, _, _ := strings.Cut(g.name, renamed)
			g.name = fmt.Sprintf("%s%s%d", first, renamed, t.cycle)
			g.due = true
		}
		if inside := t.expected(g); n%4 == 0 && len(inside) > 0 {
			g.outAndIn = inside[random.IntN(len(inside))]
			g.due = true
		}
	}
}

// change gives a the n-th change of a cycle. Four in a row have all kinds, if there is somebody without an employee id.
func (a *account) change(n, cycle, position int, random *rand.Rand) {
	a.due = true
	switch {
	case a.EmployeeID == "" && n%2 == 0:
		a.EmployeeID = fmt.Sprintf("late/%d-%05d", cycle, position+1)
	case n%4 == 1:
		a.Surname = strings.TrimSpace(fmt.Sprintf("%s Ōtāne %d", a.Surname, cycle))
		a.DisplayName = strings.TrimSpace(a.GivenName + " " + a.Surname)
	case n%4 == 2:
		a.DisplayName = strings.TrimSpace(fmt.Sprintf("%s (team %d)", a.DisplayName, cycle))
	default:
		a.Mobile = mobile(random)
	}
}

// revisit lets one of those who have left return, and one be deleted for good (entra.md 1.5). It says whether there
// were any.
func (t *tenant) revisit(random *rand.Rand) bool {
	var left []int
	for i := range t.accounts {
		if a := &t.accounts[i]; t.inScope(a) && !a.active && !a.purged && a.id != "" {
			left = append(left, i)
		}
	}
	if len(left) < 2 {
		return false // the one leaver of a small tenant stays to be seen disabled
	}
	random.Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
	back, gone := &t.accounts[left[0]], &t.accounts[left[1]]
	back.active, back.due = true, true
	gone.purged, gone.due = true, true
	return true
}
