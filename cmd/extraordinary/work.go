package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// mailEvery is how often mails that are due are looked for.
const mailEvery = 2 * time.Second

// complainEvery is how often at most the log says that mails cannot be sent.
const complainEvery = time.Minute

// work does what nobody waits for, until ctx ends: it sends mails, and writes down what was served.
func (s *services) work(ctx context.Context, log *slog.Logger) {
	var beside sync.WaitGroup
	beside.Go(func() {
		s.recorder.Run(ctx, func(err error) {
			log.WarnContext(ctx, "what was served could not be written into the provisioning log", "error", err.Error())
		})
	})
	defer beside.Wait()
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
