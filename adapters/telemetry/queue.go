package telemetry

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// queuePatience is how long a queue may take to tell its length: Prometheus waits for all figures at once.
const queuePatience = time.Second

// WatchQueue measures a queue, which name tells from others, whenever metrics are read. read gives how many wait, and
// when the first of them was due (zero if none waits). While it fails the queue has no figures.
func (t *Telemetry) WatchQueue(name string, read func(context.Context) (waiting int, first time.Time, err error)) error {
	depth, fault1 := t.meter.Int64ObservableGauge("extraordinary.queue.depth",
		metric.WithDescription("How many wait in a queue."))
	age, fault2 := t.meter.Float64ObservableGauge("extraordinary.queue.oldest_age", metric.WithUnit("s"),
		metric.WithDescription("How long ago the first of a queue was due."))
	queue := metric.WithAttributes(attribute.String("queue", name))
	_, fault3 := t.meter.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
		ctx, cancel := context.WithTimeout(ctx, queuePatience)
		defer cancel()
		waiting, first, err := read(ctx)
		if err != nil {
			return nil
		}
		late := time.Duration(0)
		if waiting > 0 {
			late = max(0, t.now().Sub(first))
		}
		o.ObserveInt64(depth, int64(waiting), queue)
		o.ObserveFloat64(age, late.Seconds(), queue)
		return nil
	}, depth, age)
	return errors.Join(fault1, fault2, fault3)
}
