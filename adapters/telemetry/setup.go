// Package telemetry makes the traces, metrics and log fields by which an
// operator sees what the service does, and lets nothing personal out with them.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// scope names this instrumentation in what it emits.
const scope = "github.com/extraordinary/provisioning"

// Options is what Start needs to know.
type Options struct {
	Version string                      // service.version
	Log     *slog.Logger                // where faults of telemetry itself are told
	Now     func() time.Time            // the clock that durations are measured by
	Env     func(string) (string, bool) // os.LookupEnv, for the OTEL_* variables
}

// Telemetry is the running instrumentation of one process.
type Telemetry struct {
	now         func() time.Time
	tracer      trace.Tracer
	meter       metric.Meter
	instruments instruments
	heard       *heard
	exposition  http.Handler
	traces      *sdktrace.TracerProvider
	metrics     *sdkmetric.MeterProvider
	logs        *sdklog.LoggerProvider // nil: no line leaves
}

// Start sets traces and metrics up. Traces leave by OTLP over HTTP if
// OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set.
// Otherwise none is sampled, but every request still has its trace id, for the
// log and for error bodies. Metrics and lines of the log leave in the same way if
// OTEL_METRICS_EXPORTER and OTEL_LOGS_EXPORTER say otlp. It fails on OTEL_* values
// that make no sense; a collector that is down is no error, now or later.
func Start(ctx context.Context, o Options) (*Telemetry, error) {
	settings, err := readEnvironment(o.Env)
	if err != nil {
		return nil, err
	}
	origin, err := describeProcess(ctx, o.Version)
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	metrics, err := meterProvider(ctx, registry, origin, settings.metrics)
	if err != nil {
		return nil, err
	}
	meter := metrics.Meter(scope)
	instruments, err := newInstruments(meter)
	if err != nil {
		return nil, err
	}
	heard, err := newHeard(meter, o.Now)
	if err != nil {
		return nil, err
	}
	complaints := &complaints{log: o.Log, now: o.Now}
	// The SDK tells its faults to a global handler and to nothing else.
	otel.SetErrorHandler(complaints)

	tracing := []sdktrace.TracerProviderOption{sdktrace.WithResource(origin), sdktrace.WithSampler(sdktrace.NeverSample())}
	if settings.traces != "" {
		exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(settings.traces))
		if err != nil {
			return nil, fmt.Errorf("start the export of traces: %w", err)
		}
		tracing = append(tracing,
			sdktrace.WithSampler(sampler(settings.ratio)),
			sdktrace.WithBatcher(&door{to: exporter, failures: instruments.exportFailures, complaints: complaints}))
	}
	logs, err := loggerProvider(ctx, origin, settings.logs, instruments.exportFailures)
	if err != nil {
		return nil, err
	}
	traces := sdktrace.NewTracerProvider(tracing...)
	return &Telemetry{
		now: o.Now, tracer: traces.Tracer(scope), meter: meter, instruments: instruments, heard: heard,
		exposition: expose(registry), traces: traces, metrics: metrics, logs: logs,
	}, nil
}

// Shutdown sends what is still held: spans, the last figures, lines of the log.
// Call it after the last request has ended, with a deadline. An error means that
// some of it was lost, which is worth a line in the log and no more.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	faults := []error{t.traces.Shutdown(ctx), t.metrics.ForceFlush(ctx)} // no end of it: /metrics may be read a last time
	if t.logs != nil {
		faults = append(faults, t.logs.Shutdown(ctx))
	}
	return errors.Join(faults...)
}

// sampler samples a share of traces by their id. A caller's "sampled" flag is
// not obeyed: else any stranger could switch full tracing on, or ours off.
func sampler(ratio float64) sdktrace.Sampler {
	share := sdktrace.TraceIDRatioBased(ratio)
	return sdktrace.ParentBased(share,
		sdktrace.WithRemoteParentSampled(share), sdktrace.WithRemoteParentNotSampled(share))
}

// describeProcess says which process telemetry comes from. OTEL_SERVICE_NAME
// and OTEL_RESOURCE_ATTRIBUTES go before what we say.
func describeProcess(ctx context.Context, version string) (*resource.Resource, error) {
	origin, err := resource.New(ctx,
		resource.WithSchemaURL(semconv.SchemaURL),
		resource.WithHost(),
		resource.WithAttributes(semconv.ServiceName("extraordinary"), semconv.ServiceVersion(version)),
		resource.WithFromEnv())
	if err != nil && !errors.Is(err, resource.ErrPartialResource) && !errors.Is(err, resource.ErrSchemaURLConflict) {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	return origin, nil
}
