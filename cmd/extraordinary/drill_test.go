package main

import (
	"context"
	"flag"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // to read the tables past the program

	"github.com/extraordinary/provisioning/adapters/servertest"
)

var (
	drillTime = flag.Duration("drill", 15*time.Second, "how long the drill goes on killing servers; for hours, give a -timeout too")
	drillSeed = flag.Uint64("drill-seed", uint64(time.Now().UnixNano()), "what the drill's dice begin with")
)

// drill writes with several clients while servers are killed and frozen, and looks afterwards at what is there.
type drill struct {
	replicas  []*replica
	faults    []outage
	dice      *rand.Rand
	writers   []*writer
	shared    drillUsers   // of all writers
	groups    []string     // their ids
	confirmed atomic.Int64 // operations
}

// outage is something that happens to a server, and its end.
type outage struct {
	name       string
	begin, end func()
}

func TestNothingAcknowledgedIsLostWhenServersPostgresAndRedisAreKilled(t *testing.T) {
	t.Parallel()
	postgres, database := servertest.OwnPostgres(t)
	redis := servertest.OwnRedis(t)
	wire, near := newWire(t, database.App)
	database.App = near
	d := newDrill(t, 2, keptIn(database, redis.URL+patiently))
	d.faults = append(d.faults,
		outage{"answers of Postgres are lost", func() { d.often(wire.lose) }, func() {}},
		outage{"Postgres is killed", postgres.Kill, postgres.Start},
		outage{"Postgres is stopped", postgres.Stop, postgres.Start},
		outage{"Postgres freezes", postgres.Freeze, postgres.Thaw},
		outage{"Redis is killed", redis.Kill, redis.Start},
		outage{"Redis freezes", redis.Freeze, redis.Thaw},
	)
	d.run(t, *drillTime)
	d.check(t, openTables(t, "pgx", database.Superuser))
}

func TestNothingAcknowledgedIsLostWhenAnEmbeddedServerIsKilled(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	d := newDrill(t, 1, in(folder))
	d.run(t, *drillTime/3)
	d.check(t, openTables(t, "sqlite", filepath.Join(folder, databaseFile)))
	for _, w := range d.writers {
		if w.granted > 1 {
			t.Errorf("a writer had to fetch %d tokens: the restarts lost them", w.granted)
		}
	}
}

// newDrill starts replicas on the stores that settings name, and makes the organisation and the groups.
func newDrill(t *testing.T, replicas int, settings []string) *drill {
	t.Helper()
	t.Logf("-drill-seed %d", *drillSeed)
	d := &drill{dice: rand.New(rand.NewPCG(*drillSeed, 0))}
	for range replicas {
		r := startReplica(t, settings)
		d.replicas = append(d.replicas, r)
		d.faults = append(d.faults, outage{"a server is killed", func() { r.end(t, syscall.SIGKILL) }, func() { r.again(t) }})
	}
	credential := customer(t, settings, d.replicas[0].url, "kereru").credential
	for number := range writers {
		w := &writer{drill: d, number: number, credential: credential, dice: rand.New(rand.NewPCG(*drillSeed, uint64(number+1)))}
		w.http.Timeout = 5 * time.Second
		w.http.Transport = &http.Transport{MaxIdleConnsPerHost: 1}
		t.Cleanup(w.http.CloseIdleConnections)
		d.writers = append(d.writers, w)
	}
	for range 2 {
		d.groups = append(d.groups, d.writers[0].createGroup().subject)
	}
	return d
}

// run lets each fault happen, in an order by the dice, over and over until the time is up.
func (d *drill) run(t *testing.T, atLeast time.Duration) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	defer wait.Wait()
	defer stop()
	for _, w := range d.writers {
		wait.Go(func() { w.write(ctx) })
	}
	slowest, happened := time.Duration(0), 0
	for began := time.Now(); happened == 0 || time.Since(began) < atLeast; {
		for _, i := range d.dice.Perm(len(d.faults)) {
			fault := d.faults[i]
			d.confirm(t, 20)
			d.pause(500 * time.Millisecond)
			fault.begin()
			d.pause(max(time.Millisecond, min(5*time.Second, atLeast/15)))
			fault.end()
			took := d.confirm(t, 1)
			t.Logf("%s; the next write is acknowledged %v after its end", fault.name, took.Round(time.Millisecond))
			slowest = max(slowest, took)
			happened++
		}
	}
	d.confirm(t, 20)
	stop()
	wait.Wait()
	for _, r := range d.replicas { // what they still do for clients that have gone comes to its end, too
		r.end(t, syscall.SIGTERM)
		r.again(t)
	}
	t.Logf("%d faults; the longest that a write took after one was %v", happened, slowest.Round(time.Millisecond))
}

// often does something ten times while requests are sent.
func (d *drill) often(do func()) {
	for range 10 {
		do()
		d.pause(20 * time.Millisecond)
	}
}

// pause waits for a time that the dice choose.
func (d *drill) pause(longest time.Duration) {
	time.Sleep(time.Duration(d.dice.Int64N(int64(longest))))
}

// confirm waits until so many more operations are acknowledged, and gives the time that it took.
func (d *drill) confirm(t *testing.T, more int64) time.Duration {
	t.Helper()
	began, before := time.Now(), d.confirmed.Load()
	for d.confirmed.Load() < before+more {
		if time.Since(began) > 30*time.Second {
			t.Fatalf("nothing is acknowledged any more: %s", d.replicas[0].log)
		}
		time.Sleep(time.Millisecond)
	}
	return time.Since(began)
}

// check compares what the writers know with what the API tells, and that with what the tables hold. It fails at once if
// it cannot read, for then nothing is known.
func (d *drill) check(t *testing.T, stored tables) {
	t.Helper()
	journal := stored.journal(t)
	shown := d.read(t)
	var ledger []operation
	count := map[outcome]int{}
	for _, w := range d.writers {
		ledger = append(ledger, w.ledger...)
		for _, broken := range w.broken {
			t.Error(broken)
		}
	}
	for _, o := range ledger {
		count[o.outcome]++
	}
	wrong := violations(ledger, journal, shown)
	for _, v := range append(wrong, compareEnds(stored.resources(t), shown)...) {
		t.Error(v)
	}
	t.Logf("%d operations acknowledged, %d refused, %d unknown", count[done], count[refused], count[unknown])
	t.Logf("%d entries, %d resources, %d violations", len(journal), len(shown), len(wrong))
	if count[done] < 50 {
		t.Error("so few prove nothing")
	}
}
