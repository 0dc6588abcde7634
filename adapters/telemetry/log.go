package telemetry

import (
	"context"
	"fmt"
	"log/slog"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"
)

// LogHandler adds trace_id, span_id and organisation_id of the context to every
// record that next writes.
func LogHandler(next slog.Handler) slog.Handler { return logHandler{next} }

type logHandler struct{ slog.Handler }

func (h logHandler) Handle(ctx context.Context, line slog.Record) error {
	if c := trace.SpanContextFromContext(ctx); c.IsValid() {
		line.AddAttrs(slog.String("trace_id", c.TraceID().String()), slog.String("span_id", c.SpanID().String()))
	}
	if id := FactsOf(ctx).Organisation; id != "" {
		line.AddAttrs(slog.String("organisation_id", id))
	}
	return h.Handler.Handle(ctx, line)
}

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{h.Handler.WithAttrs(attrs)}
}

func (h logHandler) WithGroup(name string) slog.Handler {
	return logHandler{h.Handler.WithGroup(name)}
}

// Log gives a log that writes to next, and to the collector too if OTEL_LOGS_EXPORTER says so.
func (t *Telemetry) Log(next *slog.Logger) *slog.Logger {
	if t.logs == nil {
		return next
	}
	leaving := LogHandler(otelslog.NewHandler(scope, otelslog.WithLoggerProvider(t.logs)))
	return slog.New(slog.NewMultiHandler(next.Handler(), leaving))
}

// loggerProvider posts lines of the log to collector. It is nil if there is none.
func loggerProvider(ctx context.Context, origin *resource.Resource, collector string, failures metric.Int64Counter) (*sdklog.LoggerProvider, error) {
	if collector == "" {
		return nil, nil //nolint:nilnil // no provider is what is asked for
	}
	exporter, err := otlploghttp.New(ctx, otlploghttp.WithEndpointURL(collector))
	if err != nil {
		return nil, fmt.Errorf("start the export of the log: %w", err)
	}
	return sdklog.NewLoggerProvider(sdklog.WithResource(origin),
		sdklog.WithProcessor(sdklog.NewBatchProcessor(countedLines{exporter, failures}))), nil
}

// countedLines counts the batches that are lost.
type countedLines struct {
	sdklog.Exporter
	failures metric.Int64Counter
}

func (c countedLines) Export(ctx context.Context, lines []sdklog.Record) error {
	err := c.Exporter.Export(ctx, lines)
	if err != nil {
		c.failures.Add(ctx, 1, metric.WithAttributes(attribute.String("signal", "logs")))
	}
	return err
}
