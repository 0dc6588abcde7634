package employeeid

import "time"

// Health is since when people have had a problem (Found > 0), or nobody has had it any more.
type Health struct {
	Problem Problem
	Found   int // when it began or ended
	Since   time.Time
}

// Seen gives h after n people were found at a time. changed tells whether the problem has begun or ended: what was never
// found has done neither.
func (h Health) Seen(n int, at time.Time) (next Health, changed bool) {
	if (h.Found > 0) == (n > 0) {
		return h, false
	}
	return Health{h.Problem, n, at}, true
}
