package telemetry

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/semconv/v1.43.0/dbconv"
)

// Pool is the state of the connections to one store.
type Pool struct {
	Used, Idle, Max int
	Waits           int64         // how often nobody was idle and somebody had to wait
	Waited          time.Duration // for how long in all
}

// WatchPool measures a pool, which name tells from others, whenever metrics are read.
func (t *Telemetry) WatchPool(name string, read func() Pool) error {
	var faults [5]error
	count, err := dbconv.NewClientConnectionCountObservable(t.meter)
	faults[0] = err
	most, err := dbconv.NewClientConnectionMaxObservable(t.meter)
	faults[1] = err
	// The convention has a histogram of waits, which would need each of them; pools give their sums.
	waits, err := t.meter.Int64ObservableCounter("extraordinary.db.pool.waits", metric.WithUnit("{wait}"),
		metric.WithDescription("How often a connection of the pool had to be waited for."))
	faults[2] = err
	waited, err := t.meter.Float64ObservableCounter("extraordinary.db.pool.wait_duration", metric.WithUnit("s"),
		metric.WithDescription("How long connections of the pool were waited for, in all."))
	faults[3] = err
	pool := count.AttrClientConnectionPoolName(name)
	_, faults[4] = t.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		now := read()
		o.ObserveInt64(count.Inst(), int64(now.Used), metric.WithAttributes(pool, count.AttrClientConnectionState(dbconv.ClientConnectionStateUsed)))
		o.ObserveInt64(count.Inst(), int64(now.Idle), metric.WithAttributes(pool, count.AttrClientConnectionState(dbconv.ClientConnectionStateIdle)))
		o.ObserveInt64(most.Inst(), int64(now.Max), metric.WithAttributes(pool))
		o.ObserveInt64(waits, now.Waits, metric.WithAttributes(pool))
		o.ObserveFloat64(waited, now.Waited.Seconds(), metric.WithAttributes(pool))
		return nil
	}, count.Inst(), most.Inst(), waits, waited)
	return errors.Join(faults[:]...)
}
