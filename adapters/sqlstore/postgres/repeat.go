package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/uptrace/bun"
)

// mostRepeats is how often a unit is begun again.
const mostRepeats = 3

// repeatedly runs fn as one unit, and again if Postgres has taken it back on account of others (a deadlock, a
// serialisation failure), or if it never began, because the connection had died in the pool. It never does after a
// commit whose outcome is unknown: the unit might be done twice.
func (d *database) repeatedly(ctx context.Context, begin string, org pgtype.UUID, fn func(context.Context, bun.IDB) error) error {
	for try := 1; ; try++ {
		err := d.unit(ctx, begin, org, fn)
		if err == nil || try > mostRepeats || !undone(err) || !d.pauses.wait(ctx, try) {
			return err
		}
	}
}

// undone reports whether err says that nothing was done and that the next try may well succeed.
func undone(err error) bool {
	var begun notBegun
	if errors.As(err, &begun) {
		return true
	}
	switch code(err) {
	case serialisationFailure, deadlockDetected:
		return true
	}
	return false
}

// notBegun is why a transaction could not begin on a connection that had worked before.
type notBegun struct{ error }

func (e notBegun) Unwrap() error { return e.error }

// code gives the SQLSTATE that Postgres answered with, "" if err is none of its answers.
func code(err error) string {
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return answer.Code
	}
	return ""
}

// pauses are of chance, so that units which got into each other's way do not meet again.
type pauses struct {
	mu     sync.Mutex
	chance *rand.Rand
}

// wait reports false if ctx ends first.
func (p *pauses) wait(ctx context.Context, try int) bool {
	p.mu.Lock()
	pause := time.Duration(try)*time.Millisecond + time.Duration(p.chance.Int64N(int64(try*10)))*time.Millisecond
	p.mu.Unlock()
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
