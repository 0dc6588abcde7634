package entra

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
)

// service is Entra's provisioning service at work on one job.
type service struct {
	job      Job
	wire     *wire
	tenant   *tenant
	random   *rand.Rand // for plans, which are made by one goroutine
	progress *progress
	cycles   []Cycle
	objects  int // handled in the current cycle
}

func newService(job Job, at address) *service {
	random := rand.New(rand.NewPCG(job.Seed, 0x656e747261)) //nolint:gosec // a plan that can be repeated, not a secret
	return &service{
		job: job,
		wire: &wire{
			address: at,
			client:  job.HTTP,
			tokens: &tokens{
				endpoint: job.TokenEndpoint, clientID: job.ClientID, clientSecret: job.ClientSecret,
				scope: job.Scope, in: job.CredentialsIn,
			},
			meter:   &meter{},
			now:     job.Now,
			wait:    job.Wait,
			buffers: sync.Pool{New: func() any { return new(bytes.Buffer) }},
		},
		tenant:   newTenant(job, random),
		random:   random,
		progress: newProgress(job.Progress, job.Now),
	}
}

// measured runs one cycle and adds its figures.
func (s *service) measured(name string, run func() error) error {
	s.objects = 0
	s.progress.cycle = name
	before, begin := s.wire.meter.requests.Load(), s.job.Now()
	err := run()
	c := Cycle{Name: name, Objects: s.objects, Requests: int(s.wire.meter.requests.Load() - before), Seconds: s.job.Now().Sub(begin).Seconds()}
	c.RequestsPerSecond = rate(c.Requests, c.Seconds)
	s.cycles = append(s.cycles, c)
	return err
}

// each does n objects, as many at a time as the job says. An error that do returns ends the pass, and the job.
func (s *service) each(ctx context.Context, stage string, n int, do func(ctx context.Context, i int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	s.objects += n
	s.progress.begin(stage, n)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(s.job.Concurrency, n) {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := do(ctx, i); err != nil {
					stop(err)
					return
				}
				s.progress.step(s.wire.meter.requests.Load())
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// probe asks for users and groups that cannot exist, several at a time, as Entra does at the start of any activity and
// when an administrator presses Test Connection (entra.md 1.1).
func (s *service) probe(ctx context.Context) error {
	probes := make([]request, 0, 6)
	for range 3 {
		probes = append(probes, s.userFilter(stepProbe, equals("userName", guid(s.random))), s.groupFilter(stepProbe, equals("displayName", guid(s.random))))
	}
	return s.each(ctx, "probes", len(probes), func(ctx context.Context, i int) error {
		var list listResponse
		_, err := s.wire.send(ctx, probes[i], &list)
		if err == nil && (list.TotalResults == nil || *list.TotalResults != 0 || len(list.Resources) > 0) {
			s.wire.meter.wrong(stepProbe)
			err = probes[i].failure(http.StatusOK, "", "a random GUID must give an empty ListResponse with totalResults 0")
		}
		if failure := (*Failure)(nil); errors.As(err, &failure) {
			return &Quarantine{Reason: "the test of the connection failed: " + failure.Error()}
		}
		return err
	})
}
