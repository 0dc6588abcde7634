package redisstore

import (
	"context"
	"sync"
	"time"
)

// When the breaker opens, and how often it then lets one command through to see whether Redis is back.
const (
	faultsToOpen = 5
	probeEvery   = 250 * time.Millisecond
)

// breaker answers in the place of a Redis which has failed several times in a row, so that an outage costs each request
// microseconds. It also sees to it that a call takes no longer than our patience in all. It is no hook of the client:
// hooks are called for what the client says to a server by itself, too, within the call that it does so for.
type breaker struct {
	now      func() time.Time
	patience time.Duration
	mu       sync.Mutex
	faults   int       // in a row
	probe    time.Time // when the next command is let through, while it is open
}

// errOpen is the breaker's own answer.
var errOpen error = openError{}

type openError struct{}

func (openError) Error() string     { return "Redis did not answer before, and is not asked again yet" }
func (openError) ErrorType() string { return "circuit_open" }

// guard runs do if Redis works, as far as is known.
func (b *breaker) guard(ctx context.Context, do func(context.Context) error) error {
	if !b.allow() {
		return errOpen
	}
	limited, cancel := context.WithTimeout(ctx, b.patience)
	defer cancel()
	err := do(limited)
	switch {
	case err == nil || !down(err):
		b.heal()
	case ctx.Err() == nil: // else it was the caller who gave up
		b.fail()
	}
	return err
}

func (b *breaker) allow() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.faults < faultsToOpen {
		return true
	}
	now := b.now()
	if now.Before(b.probe) {
		return false
	}
	b.probe = now.Add(probeEvery)
	return true
}

func (b *breaker) fail() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.faults++; b.faults == faultsToOpen {
		b.probe = b.now().Add(probeEvery)
	}
}

func (b *breaker) heal() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = 0
}
