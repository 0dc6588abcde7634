package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// mailEvery is how often mails that are due are looked for.
const mailEvery = 2 * time.Second

// complainEvery is how often at most the log says that mails cannot be sent.
const complainEvery = time.Minute

// work does what nobody waits for, until ctx ends: it sends mails, writes down what was served, and warns of secrets that end.
func (s *services) work(ctx context.Context, log *slog.Logger) {
	var beside sync.WaitGroup
	beside.Go(func() {
		s.recorder.Run(ctx, func(err error) {
			log.WarnContext(ctx, "what was served could not be written into the provisioning log", "error", err.Error())
		})
	})
	beside.Go(func() { s.watchOver(ctx, log) })
	defer beside.Wait()
	defer s.people.Stop()
	tick := time.NewTicker(mailEvery)
	defer tick.Stop()
	quiet := 0 * time.Second
	for {
		if _, err := s.mailing.Deliver(ctx); err != nil && ctx.Err() == nil && quiet <= 0 {
			log.WarnContext(ctx, "mails cannot be sent; they are tried again", "error", err.Error())
			quiet = complainEvery
		}
		quiet -= mailEvery
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// watchEvery is how often it is looked for secrets that end soon, and for exchanges that are too old to be kept.
const watchEvery = time.Hour

// watchOver looks at each organisation once an hour. Replicas that do so at once warn once all the same.
func (s *services) watchOver(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		all, err := s.stores.database.Registry().All(ctx)
		for _, org := range all {
			_, forgotten := s.traffic.Forget(ctx, org)
			err = errors.Join(err, s.traffic.Warn(ctx, org, s.publicURL+"/settings/scim"), s.people.Forget(ctx, org), forgotten)
		}
		if err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "not all secrets that end soon were looked for; in an hour again", "error", err.Error())
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
