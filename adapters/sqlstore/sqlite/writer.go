package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"
	"sync"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/fault"
)

// mostTogether is how many units of work one commit takes at the most.
const mostTogether = 64

// writer runs units of work on the one connection that writes. To bring a commit to the disk costs far more than a
// unit, so the units that wait are committed together: each has its turn, in a savepoint of its own and on its
// caller's goroutine, and whoever finds nobody waiting behind them commits for all.
//
//	turn 1    BEGIN IMMEDIATE, SAVEPOINT, unit, RELEASE
//	turn 2    SAVEPOINT, unit fails, ROLLBACK TO
//	turn 3    SAVEPOINT, unit, RELEASE; nobody waits: COMMIT, and all three return
type writer struct {
	db *bun.DB // of one connection

	mu    sync.Mutex
	taken bool     // somebody has the turn
	queue []ticket // who waits for it, the first first

	open *batch // to be touched by who has the turn only; nil: none
}

// ticket is a place in the queue. It receives nil when it is its holder's turn, or why it never will be.
type ticket chan error

// batch is one transaction with the units in it.
type batch struct {
	conn   bun.Conn
	units  int
	kept   int   // units that wait for the commit
	broken error // the transaction is lost, with every unit in it
	done   chan struct{}
	err    error // of the commit; set before done is closed
}

// do runs fn as one unit of work. It returns nil when what fn did is on disk.
func (w *writer) do(ctx context.Context, fn func(context.Context, bun.IDB) error) error {
	if err := w.await(ctx); err != nil {
		return err
	}
	b, err := w.batch(ctx)
	if err != nil {
		w.refuseAll(err)
		return err
	}
	if err := w.unit(ctx, b, fn); err != nil {
		return err
	}
	<-b.done
	return b.err
}

// unit runs fn and passes the turn on, even if fn panics.
func (w *writer) unit(ctx context.Context, b *batch, fn func(context.Context, bun.IDB) error) error {
	defer w.pass(context.WithoutCancel(ctx), b)
	return b.run(ctx, fn)
}

// await returns nil when the turn is the caller's.
func (w *writer) await(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.mu.Lock()
	if !w.taken {
		w.taken = true
		w.mu.Unlock()
		return nil
	}
	mine := make(ticket, 1)
	w.queue = append(w.queue, mine)
	w.mu.Unlock()

	select {
	case err := <-mine:
		return err
	case <-ctx.Done():
	}
	if w.leave(mine) {
		return ctx.Err()
	}
	return <-mine // it has become our turn meanwhile: others may rely on us to commit
}

// leave reports false if mine does not wait any more.
func (w *writer) leave(mine ticket) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.Index(w.queue, mine)
	if i < 0 {
		return false
	}
	w.queue = slices.Delete(w.queue, i, i+1)
	return true
}

// batch gives the transaction that the caller's unit goes into.
func (w *writer) batch(ctx context.Context) (*batch, error) {
	if w.open != nil {
		return w.open, nil
	}
	ctx = context.WithoutCancel(ctx)
	conn, err := w.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	// IMMEDIATE, for a transaction that reads first and writes later cannot wait for another process's.
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	w.open = &batch{conn: conn, done: make(chan struct{})}
	return w.open, nil
}

// refuseAll ends the waiting of everybody: who could not begin has waited for the lock as long as is allowed, and
// those behind would wait as long again, one after the other.
func (w *writer) refuseAll(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.queue {
		t <- err
	}
	w.queue, w.taken = nil, false
}

// pass gives the turn to the next, after a commit if nobody is next or the batch is full.
func (w *writer) pass(ctx context.Context, b *batch) {
	if b.units < mostTogether && b.broken == nil && w.handOver() {
		return
	}
	w.open = nil
	b.end(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.taken = w.next()
}

func (w *writer) handOver() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.next()
}

// next lets the first of the queue have the turn, if anybody waits. mu is held.
func (w *writer) next() bool {
	if len(w.queue) == 0 {
		return false
	}
	w.queue[0] <- nil
	w.queue = slices.Delete(w.queue, 0, 1)
	return true
}

// run runs fn in a savepoint. Unless it returns nil, nothing of fn stays.
func (b *batch) run(ctx context.Context, fn func(context.Context, bun.IDB) error) (err error) {
	b.units++
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := b.exec(ctx, "SAVEPOINT unit"); err != nil {
		return err
	}
	kept := false
	defer func() {
		if !kept && b.broken == nil {
			_ = b.exec(ctx, "ROLLBACK TO unit")
			_ = b.exec(ctx, "RELEASE unit")
		}
	}()
	if err := fn(ctx, b.conn); err != nil {
		return err
	}
	if err := b.exec(ctx, "RELEASE unit"); err != nil {
		return err
	}
	kept = true
	b.kept++
	return nil
}

// exec runs a statement that only fails if the transaction is lost: a full disk, for one, rolls all of it back.
func (b *batch) exec(ctx context.Context, text string) error {
	_, err := b.conn.ExecContext(context.WithoutCancel(ctx), text)
	if err != nil {
		err = fault.Wrap(fault.Unavailable, err)
		b.broken = err
	}
	return err
}

// end commits what the units left and lets them return.
func (b *batch) end(ctx context.Context) {
	defer close(b.done)
	b.err = b.broken
	if b.err == nil && b.kept > 0 {
		_, b.err = b.conn.ExecContext(ctx, "COMMIT")
	}
	if b.err != nil || b.kept == 0 {
		b.abandon(ctx)
	}
	_ = b.conn.Close() // gives it back to its pool; what counts is the commit
}

// abandon rolls back. A connection that cannot even do that is thrown away, so that the next batch does not begin
// within this one.
func (b *batch) abandon(ctx context.Context) {
	if _, err := b.conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		_ = b.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}
