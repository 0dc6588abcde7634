package telemetry

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// heardFor is how long an organisation that went silent is still told of: one that left has no lag.
const heardFor = 7 * 24 * time.Hour

// heard holds when this process last did what each organisation's provisioning service asked. Entra comes every 20 to 40
// minutes, so that time() minus the newest of all replicas is how far an organisation lags.
type heard struct {
	now func() time.Time
	mu  sync.Mutex
	at  map[string]time.Time
}

func newHeard(meter metric.Meter, now func() time.Time) (*heard, error) {
	h := &heard{now: now, at: map[string]time.Time{}}
	_, err := meter.Float64ObservableGauge("extraordinary.provisioning.last_success_timestamp", metric.WithUnit("s"),
		metric.WithDescription("When a request of an organisation's provisioning service last succeeded, of those active in the last 7 days."),
		metric.WithFloat64Callback(h.observe))
	return h, err
}

func (h *heard) from(org string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at[org] = h.now()
}

func (h *heard) observe(_ context.Context, o metric.Float64Observer) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for org, at := range h.at {
		if h.now().Sub(at) > heardFor {
			delete(h.at, org)
			continue
		}
		o.Observe(float64(at.UnixMilli())/1000, metric.WithAttributes(attribute.String("organisation", org)))
	}
	return nil
}
