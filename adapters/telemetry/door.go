package telemetry

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// door is the one way out for spans. It lets attributes of the list below
// through and nothing else: no event, no status text, no attribute of anyone
// else's making. Libraries that trace for themselves (fosite does) put the
// messages of errors into their spans, and those quote what was sent.
type door struct {
	to         sdktrace.SpanExporter
	failures   metric.Int64Counter
	complaints *complaints
}

// ExportSpans never fails: a lost batch is counted and told, and hurts nothing.
func (d *door) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	bare := make([]sdktrace.ReadOnlySpan, len(spans))
	for i, span := range spans {
		bare[i] = bareSpan{span}
	}
	if err := d.to.ExportSpans(ctx, bare); err != nil {
		d.failures.Add(ctx, 1, metric.WithAttributes(attribute.String("signal", "traces")))
		d.complaints.Handle(err)
	}
	return nil
}

func (d *door) Shutdown(ctx context.Context) error { return d.to.Shutdown(ctx) }

type bareSpan struct{ sdktrace.ReadOnlySpan }

func (s bareSpan) Events() []sdktrace.Event { return nil }

func (s bareSpan) Status() sdktrace.Status {
	return sdktrace.Status{Code: s.ReadOnlySpan.Status().Code}
}

func (s bareSpan) Attributes() []attribute.KeyValue {
	var passed []attribute.KeyValue
	for _, a := range s.ReadOnlySpan.Attributes() {
		if passes(a.Key) {
			passed = append(passed, a)
		}
	}
	return passed
}

func passes(key attribute.Key) bool {
	switch key {
	case semconv.HTTPRequestMethodKey, semconv.HTTPRouteKey, semconv.HTTPResponseStatusCodeKey,
		semconv.URLSchemeKey, semconv.NetworkProtocolVersionKey, semconv.ErrorTypeKey,
		semconv.DBSystemNameKey, semconv.DBNamespaceKey, semconv.DBOperationNameKey, semconv.DBOperationBatchSizeKey,
		semconv.DBCollectionNameKey, semconv.DBResponseReturnedRowsKey,
		semconv.ServerAddressKey, semconv.ServerPortKey:
		return true
	}
	return strings.HasPrefix(string(key), "extraordinary.")
}

// complaints tells faults of telemetry to the log, at most one a minute: a
// collector that is down would fill it otherwise.
type complaints struct {
	log *slog.Logger
	now func() time.Time

	mu     sync.Mutex
	last   time.Time
	silent int // faults since last that were not told
}

// Handle makes complaints an otel.ErrorHandler.
func (c *complaints) Handle(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); c.last.IsZero() || now.Sub(c.last) >= time.Minute {
		c.log.Warn("telemetry is failing; requests are not affected", "error", err.Error(), "untold", c.silent)
		c.last, c.silent = now, 0
		return
	}
	c.silent++
}
