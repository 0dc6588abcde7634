package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/fault"
)

// counter counts statements by their text.
type counter struct{ begins, commits, rollbacks atomic.Int32 }

func (c *counter) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (c *counter) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	switch e.Query {
	case "BEGIN IMMEDIATE":
		c.begins.Add(1)
	case "COMMIT":
		c.commits.Add(1)
	case "ROLLBACK":
		c.rollbacks.Add(1)
	}
}

type desk struct {
	*writer
	counter
	file string
}

// newDesk gives a writer of a file with one table, whose "pair" must be there when a transaction ends.
func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{file: filepath.Join(t.TempDir(), "test.db")}
	d.writer = &writer{db: pool(d.file, 1, 1, &d.counter, "busy_timeout(20)")}
	t.Cleanup(func() { require.NoError(t, d.db.Close()) })
	_, err := d.db.ExecContext(t.Context(), "CREATE TABLE t (n INTEGER PRIMARY KEY, pair INTEGER REFERENCES t (n) DEFERRABLE INITIALLY DEFERRED)")
	require.NoError(t, err)
	return d
}

func insert(n int) func(context.Context, bun.IDB) error {
	return func(ctx context.Context, tx bun.IDB) error {
		_, err := tx.NewRaw("INSERT INTO t VALUES (?, NULL)", n).Exec(ctx)
		return err
	}
}

func (d *desk) rows(t *testing.T) (rows []int) {
	t.Helper()
	require.NoError(t, d.db.NewRaw("SELECT n FROM t ORDER BY n").Scan(t.Context(), &rows))
	return rows
}

// waiting returns when so many wait for their turn.
func (d *desk) waiting(n int) {
	for {
		d.mu.Lock()
		queued := len(d.queue)
		d.mu.Unlock()
		if queued == n {
			return
		}
		runtime.Gosched()
	}
}

// behind lets fns wait in their order behind a unit that has the turn, and gives what they return.
func (d *desk) behind(t *testing.T, first func(context.Context, bun.IDB) error, fns ...func(context.Context, bun.IDB) error) (errs []error, own error) {
	t.Helper()
	begun, all := make(chan struct{}), make(chan struct{})
	errs = make([]error, len(fns))
	var done sync.WaitGroup
	done.Go(func() {
		own = d.do(t.Context(), func(ctx context.Context, tx bun.IDB) error {
			close(begun)
			<-all
			return first(ctx, tx)
		})
	})
	<-begun
	for i, fn := range fns {
		done.Go(func() { errs[i] = d.do(t.Context(), fn) })
		d.waiting(i + 1)
	}
	close(all)
	done.Wait()
	return errs, own
}

func TestUnitsThatWaitAreCommittedTogether(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	wrong := errors.New("wrong")
	fails := func(ctx context.Context, tx bun.IDB) error { return errors.Join(insert(2)(ctx, tx), wrong) }
	errs, own := d.behind(t, insert(1), fails, insert(3), insert(4))
	require.NoError(t, own)
	require.ErrorIs(t, errs[0], wrong)
	require.NoError(t, errs[1])
	require.NoError(t, errs[2])
	assert.Equal(t, []int{1, 3, 4}, d.rows(t))
	assert.Equal(t, int32(1), d.commits.Load())
	assert.Zero(t, d.rollbacks.Load())
}

func TestTheLastUnitCommitsForTheOthersEvenIfItFails(t *testing.T) {
	t.Parallel()
	for name, last := range map[string]func(context.Context, bun.IDB) error{
		"an error": func(context.Context, bun.IDB) error { return errors.New("wrong") },
		"an exit":  func(context.Context, bun.IDB) error { runtime.Goexit(); return nil },
	} {
		d := newDesk(t)
		_, own := d.behind(t, insert(1), last)
		require.NoError(t, own, name)
		assert.Equal(t, []int{1}, d.rows(t), name)
	}
}

func TestABatchHasAnEnd(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var fns []func(context.Context, bun.IDB) error
	for n := range 2 * mostTogether {
		fns = append(fns, insert(n+1))
	}
	errs, own := d.behind(t, insert(0), fns...)
	require.NoError(t, errors.Join(append(errs, own)...))
	assert.Equal(t, int32(3), d.commits.Load())
	assert.Len(t, d.rows(t), 2*mostTogether+1)
}

func TestACommitThatFailsFailsAllOfItsUnits(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lonely := func(ctx context.Context, tx bun.IDB) error {
		_, err := tx.NewRaw("INSERT INTO t VALUES (2, 99)").Exec(ctx)
		return err
	}
	errs, own := d.behind(t, insert(1), lonely)
	require.Error(t, own)
	require.Error(t, errs[0])
	assert.Empty(t, d.rows(t))
	require.NoError(t, d.do(t.Context(), insert(3)))
	assert.Equal(t, []int{3}, d.rows(t))
}

func TestATransactionThatIsLostIsNobodysSuccess(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	// As SQLite does by itself when the disk is full.
	loses := func(ctx context.Context, tx bun.IDB) error {
		_, err := tx.NewRaw("ROLLBACK").Exec(ctx)
		return err
	}
	errs, own := d.behind(t, insert(1), insert(2), loses, insert(3))
	require.ErrorIs(t, own, fault.Unavailable)
	require.ErrorIs(t, errs[0], fault.Unavailable)
	require.ErrorIs(t, errs[1], fault.Unavailable)
	require.NoError(t, errs[2], "it begins anew")
	assert.Equal(t, []int{3}, d.rows(t))
}

func TestWhoIsCancelledWhileWaitingNeverRuns(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx, cancel := context.WithCancel(t.Context())
	var left error
	_, own := d.behind(t, func(c context.Context, tx bun.IDB) error {
		var done sync.WaitGroup
		done.Go(func() {
			left = d.do(ctx, func(context.Context, bun.IDB) error {
				t.Error("it ran")
				return nil
			})
		})
		d.waiting(1)
		cancel()
		done.Wait()
		return insert(1)(c, tx)
	})
	require.NoError(t, own)
	require.ErrorIs(t, left, context.Canceled)
	assert.Equal(t, []int{1}, d.rows(t))
}

func TestCancellingAtAnyMomentLosesNoTurn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const units = 300
	var kept atomic.Int32
	var done sync.WaitGroup
	for n := range units {
		ctx, cancel := context.WithCancel(t.Context())
		done.Go(func() {
			if d.do(ctx, insert(n)) == nil {
				kept.Add(1)
			}
		})
		if n%3 == 0 {
			done.Go(cancel)
		} else {
			t.Cleanup(cancel)
		}
	}
	done.Wait()
	assert.Len(t, d.rows(t), int(kept.Load()))
	assert.GreaterOrEqual(t, kept.Load(), int32(units*2/3))
	require.NoError(t, d.do(t.Context(), insert(units)))
}

func TestATurnThatComesWithTheCancellationIsTaken(t *testing.T) {
	t.Parallel()
	for range 100 { // for there are two ways to notice
		w := &writer{taken: true}
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error)
		go func() { result <- w.await(ctx) }()
		(&desk{writer: w}).waiting(1)
		w.mu.Lock()
		cancel()
		w.next()
		w.mu.Unlock()
		require.NoError(t, <-result)
	}
}

func TestNobodyWaitsInVainForAnotherProcess(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	other := pool(d.file, 1, 1, nil)
	defer other.Close()
	conn, err := other.Conn(t.Context())
	require.NoError(t, err)
	_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	require.NoError(t, err)

	d.taken = true
	var done sync.WaitGroup
	for n := range 5 {
		done.Go(func() {
			err := d.do(t.Context(), insert(n))
			_, primary := code(err)
			assert.Equal(t, 5, primary, "SQLITE_BUSY: %v", err)
			assert.ErrorIs(t, (&database{}).Fault(err), fault.Unavailable)
		})
	}
	d.waiting(5)
	require.True(t, d.handOver())
	done.Wait()
	assert.Equal(t, int32(1), d.begins.Load(), "the first waited for all")
	_, err = conn.ExecContext(t.Context(), "ROLLBACK")
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	require.NoError(t, d.do(t.Context(), insert(9)))
	assert.Equal(t, []int{9}, d.rows(t))
}
