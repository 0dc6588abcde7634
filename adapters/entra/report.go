package entra

import (
	"bytes"
	"fmt"
	"io"
	"text/tabwriter"
)

// Report says what a job did. Failures and Differences hold the first of each in the order of people and groups, at
// most twenty, beside their whole number.
type Report struct {
	TenantURL string  `json:"tenant_url"`
	Dialect   Dialect `json:"dialect"`

	Seconds           float64 `json:"seconds"`
	Requests          int     `json:"requests"`
	RequestsPerSecond float64 `json:"requests_per_second"`
	Errors            int     `json:"errors"`
	Conflicts         int     `json:"conflicts"` // errors that were answers of 409
	Throttled         int     `json:"throttled"` // answers of 429 or 503 after which the request was sent again

	People      PeopleFigures `json:"people"`
	Groups      int           `json:"groups"`
	Memberships int           `json:"memberships"`

	Cycles []Cycle `json:"cycles"`
	Steps  []Step  `json:"steps"`

	FailureCount    int          `json:"failure_count"`
	Failures        []Failure    `json:"failures"`
	DifferenceCount int          `json:"difference_count"`
	Differences     []Difference `json:"differences"`

	unrepaired error // the first failure that no cycle repaired
}

// PeopleFigures are the people that the server holds because of this job, and those that the job deleted.
type PeopleFigures struct {
	Active   int `json:"active"`
	Disabled int `json:"disabled"`
	Deleted  int `json:"deleted"`
}

// Cycle is one pass over the directory; the last is the read-back.
type Cycle struct {
	Name              string  `json:"name"`
	Objects           int     `json:"objects"` // people and groups handled; one that is handled twice counts twice
	Requests          int     `json:"requests"`
	Seconds           float64 `json:"seconds"`
	RequestsPerSecond float64 `json:"requests_per_second"`
}

// Step is one kind of request. The latencies are milliseconds until the whole answer was read, of right answers only.
type Step struct {
	Name      string      `json:"name"`
	Requests  int         `json:"requests"`
	Errors    int         `json:"errors"`
	Throttled int         `json:"throttled"`
	Statuses  map[int]int `json:"statuses"` // 0: no answer
	P50       float64     `json:"p50_ms"`
	P95       float64     `json:"p95_ms"`
	P99       float64     `json:"p99_ms"`
}

const mostListed = 20

func (s *service) report() Report {
	r := Report{
		TenantURL: s.job.TenantURL, Dialect: s.job.Dialect, Cycles: s.cycles, Steps: s.wire.meter.figures(),
		Failures: []Failure{}, Differences: []Difference{}, // empty lists, not null, for whoever reads the JSON
	}
	for _, c := range s.cycles {
		r.Seconds += c.Seconds
		r.Requests += c.Requests
	}
	r.RequestsPerSecond = rate(r.Requests, r.Seconds)
	for _, row := range r.Steps {
		r.Errors += row.Errors
		r.Throttled += row.Throttled
		r.Conflicts += row.Statuses[409]
	}
	for i := range s.tenant.accounts {
		a := &s.tenant.accounts[i]
		r.include(&a.history)
		switch {
		case a.deleted:
			r.People.Deleted++
		case a.id == "":
		case a.active:
			r.People.Active++
		default:
			r.People.Disabled++
		}
	}
	for i := range s.tenant.groups {
		g := &s.tenant.groups[i]
		r.include(&g.history)
		if g.id != "" {
			r.Groups++
			r.Memberships += len(s.tenant.expected(g))
		}
	}
	return r
}

func (r *Report) include(h *history) {
	for _, f := range h.failures {
		if r.FailureCount++; len(r.Failures) < mostListed {
			r.Failures = append(r.Failures, f)
		}
		if r.unrepaired == nil && !f.Repaired {
			r.unrepaired = &f
		}
	}
	for _, d := range h.differences {
		if r.DifferenceCount++; len(r.Differences) < mostListed {
			r.Differences = append(r.Differences, d)
		}
	}
}

func rate(requests int, seconds float64) float64 {
	if seconds <= 0 {
		return 0
	}
	return float64(requests) / seconds
}

// Print writes the report as tables for a reader.
func (r Report) Print(w io.Writer) error {
	var b bytes.Buffer
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "%-20s\tobjects\trequests\tseconds\trequests/s\t\n", "cycle")
	for _, c := range r.Cycles {
		fmt.Fprintf(t, "%-20s\t%d\t%d\t%.2f\t%.1f\t\n", c.Name, c.Objects, c.Requests, c.Seconds, c.RequestsPerSecond)
	}
	fmt.Fprintf(t, "%-20s\t\t%d\t%.2f\t%.1f\t\n\n", "total", r.Requests, r.Seconds, r.RequestsPerSecond)
	t.Flush()
	fmt.Fprintf(t, "%-20s\trequests\terrors\tthrottled\tp50 ms\tp95 ms\tp99 ms\t\n", "step")
	for _, s := range r.Steps {
		fmt.Fprintf(t, "%-20s\t%d\t%d\t%d\t%.2f\t%.2f\t%.2f\t\n", s.Name, s.Requests, s.Errors, s.Throttled, s.P50, s.P95, s.P99)
	}
	t.Flush()
	p := r.People
	fmt.Fprintf(&b, "\nPeople: %d active, %d disabled, %d deleted. Groups: %d with %d memberships. Dialect: %s.\n",
		p.Active, p.Disabled, p.Deleted, r.Groups, r.Memberships, r.Dialect)
	for i := range r.Failures {
		end := "not repaired"
		if r.Failures[i].Repaired {
			end = "repaired later"
		}
		fmt.Fprintf(&b, "Failure in cycle %d, %s: %v\n", r.Failures[i].Cycle, end, &r.Failures[i])
	}
	for i := range r.Differences {
		fmt.Fprintf(&b, "Difference: %v\n", &r.Differences[i])
	}
	if r.FailureCount > len(r.Failures) || r.DifferenceCount > len(r.Differences) {
		fmt.Fprintf(&b, "In all %d failures and %d differences.\n", r.FailureCount, r.DifferenceCount)
	}
	_, err := w.Write(b.Bytes())
	return err
}
