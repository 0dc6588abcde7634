// Package entra is an Entra-like SCIM client that provisions into any SCIM 2.0 server.
package entra

import (
	"context"
	"fmt"
)

// Run does one provisioning job: its cycles in Entra's order, then a look at everything that they left behind.
//
// The report is filled as far as the job came, also beside an error. The error is a *Quarantine where Entra itself
// would stop the job, else it wraps the first *Difference that was read back, else the first *Failure that no later
// cycle repaired, in the order of the job's people and then of its groups.
func Run(ctx context.Context, job Job) (Report, error) {
	job, at, err := job.complete()
	if err != nil {
		return Report{}, err
	}
	s := newService(job, at)
	err = s.run(ctx)
	s.progress.clear()
	report := s.report()
	if err != nil {
		return report, err
	}
	return report, report.verdict()
}

// run is the whole conversation. Each cycle ends with what Entra does in the next ones to those who left, because
// nobody wants to wait the thirty days after which it deletes them (entra.md 1.5).
func (s *service) run(ctx context.Context) error {
	for number := 1; number <= s.job.Cycles; number++ {
		name := "initial cycle"
		if number > 1 {
			name = fmt.Sprintf("incremental cycle %d", number)
		}
		if err := s.measured(name, func() error { return s.cycle(ctx, number) }); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := s.measured("read-back", func() error { return s.readBack(ctx) }); err != nil {
		return fmt.Errorf("read-back: %w", err)
	}
	return nil
}

func (s *service) cycle(ctx context.Context, number int) error {
	if err := s.probe(ctx); err != nil {
		return err
	}
	s.tenant.begin(number)
	if number > 1 {
		s.tenant.change(s.random)
	}
	if err := s.synchronise(ctx); err != nil || number == 1 {
		return err
	}
	if !s.tenant.revisit(s.random) {
		return nil
	}
	return s.synchronise(ctx)
}

// synchronise sends what is due: users first, then the references that need users to exist (entra.md 1.3).
func (s *service) synchronise(ctx context.Context) error {
	for _, pass := range []func(context.Context) error{s.provisionUsers, s.setManagers, s.provisionGroups} {
		if err := pass(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Quarantine says why Entra would stop the whole job instead of recording the failure of one object.
type Quarantine struct{ Reason string }

func (q *Quarantine) Error() string { return "Entra would put this job into quarantine: " + q.Reason }

// verdict is the error that a finished job ends with.
func (r Report) verdict() error {
	if len(r.Differences) > 0 {
		more := ""
		if n := r.DifferenceCount - 1; n > 0 {
			more = fmt.Sprintf(" (and %d more)", n)
		}
		return fmt.Errorf("the server did not end as Entra would leave it: %w%s", &r.Differences[0], more)
	}
	if r.unrepaired != nil {
		return fmt.Errorf("not everything could be provisioned: %w", r.unrepaired)
	}
	return nil
}
