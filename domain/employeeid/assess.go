package employeeid

import "strings"

// Finding is a problem of one of the holders that were assessed.
type Finding struct {
	Holder  int // its place among them
	Problem Problem
}

// fewest is how many IDs there must be before one of them can be unlike the others.
const fewest = 20

// Assess gives what is wrong with the IDs of those who are active, in the order of holders. Those who are not count only as
// others: an ID that a leaver had may still be paid to. Nobody has two problems that are of the same cause. It takes time
// in proportion to the number of holders.
func Assess(holders []Holder) []Finding {
	looked := make([]look, len(holders))
	same, near, short := map[string]int{}, map[string]int{}, map[string]int{}
	shapes, shaped := map[string]int{}, 0
	for i, h := range holders {
		l := &looked[i]
		if l.alone = Alone(h); l.alone == Missing {
			continue
		}
		l.id = strings.TrimSpace(h.ID)
		l.key = Key(l.id)
		l.short = l.key
		if kept := Cut(l.id); kept != l.id {
			l.short = Key(kept)
		}
		same[l.id]++
		near[l.key]++
		short[l.short]++
		if l.alone == "" && h.Active {
			l.shape = Shape(l.id)
			shapes[l.shape]++
			shaped++
		}
	}
	usual := majority(shapes, shaped)
	var findings []Finding
	for i, l := range looked {
		if !holders[i].Active {
			continue
		}
		switch {
		case l.alone == Missing:
		case same[l.id] > 1:
			findings = append(findings, Finding{i, Double})
		case near[l.key] > 1:
			findings = append(findings, Finding{i, NearDouble})
		case short[l.short] > 1:
			findings = append(findings, Finding{i, SameCut})
		}
		switch {
		case l.alone != "":
			findings = append(findings, Finding{i, l.alone})
		case usual != "" && l.shape != usual:
			findings = append(findings, Finding{i, Unlike})
		}
	}
	return findings
}

// look is what is seen of one ID.
type look struct {
	alone          Problem
	id, key, short string // as it is, by Key, and by Key once it is cut
	shape          string // only of what nothing is wrong with
}

// majority gives the shape of at least 95 % of the IDs; empty if there is none.
func majority(shapes map[string]int, all int) string {
	if all < fewest {
		return ""
	}
	for shape, n := range shapes {
		if n*100 >= all*95 {
			return shape
		}
	}
	return ""
}
