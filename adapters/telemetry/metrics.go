package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/semconv/v1.43.0/dbconv"
	"go.opentelemetry.io/otel/semconv/v1.43.0/httpconv"
)

// maxSeries bounds one instrument: 5,000 organisations by 4 outcomes, and one
// series, otel_metric_overflow="true", under which what goes beyond is counted (the
// SDK's own bound, 2,000, would put every organisation after the five hundredth there).
const maxSeries = 20_001

// instruments are all that is measured. Their labels come from closed sets:
// nothing that a stranger can choose may make a series.
type instruments struct {
	requests             httpconv.ServerRequestDuration
	active               httpconv.ServerActiveRequests
	queries              dbconv.ClientOperationDuration
	organisationRequests metric.Int64Counter
	tokenGrants          metric.Int64Counter
	limitDecisions       metric.Int64Counter
	exportFailures       metric.Int64Counter
}

func newInstruments(meter metric.Meter) (instruments, error) {
	var i instruments
	var faults [7]error
	i.requests, faults[0] = httpconv.NewServerRequestDuration(meter)
	i.active, faults[1] = httpconv.NewServerActiveRequests(meter)
	i.queries, faults[2] = dbconv.NewClientOperationDuration(meter,
		metric.WithExplicitBucketBoundaries(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10)) // of the convention, which leaves them to us
	i.organisationRequests, faults[3] = meter.Int64Counter("extraordinary.organisation.requests",
		metric.WithDescription("Requests of each organisation by how they ended."))
	i.tokenGrants, faults[4] = meter.Int64Counter("extraordinary.token.grants",
		metric.WithDescription("Requests for a token by how they ended."))
	i.limitDecisions, faults[5] = meter.Int64Counter("extraordinary.ratelimit.decisions",
		metric.WithDescription("Decisions of the rate limits; backend local with Redis configured means that Redis is down."))
	i.exportFailures, faults[6] = meter.Int64Counter("extraordinary.telemetry.export.failures",
		metric.WithDescription("Batches of spans, or of lines of the log, that did not reach the collector."))
	if err := errors.Join(faults[:]...); err != nil {
		return i, err
	}
	i.begin()
	return i, nil
}

// begin makes the series that an alert or a share is reckoned from: of one that comes into being with its first event,
// Prometheus does not see that event.
func (i instruments) begin() {
	ctx := context.Background()
	for _, outcome := range []GrantOutcome{Granted, BadClient, BadScope, BadRequest, ExpiredSecret, Suspended, Throttled, Unserved} {
		i.tokenGrants.Add(ctx, 0, metric.WithAttributes(attribute.String("outcome", string(outcome))))
	}
	for _, signal := range []string{"traces", "logs"} {
		i.exportFailures.Add(ctx, 0, metric.WithAttributes(attribute.String("signal", signal)))
	}
}

// meterProvider gives figures to those who read /metrics, and posts them to collector if there is one.
func meterProvider(ctx context.Context, registry *prometheus.Registry, origin *resource.Resource, collector string) (*sdkmetric.MeterProvider, error) {
	reader, err := otelprometheus.New(otelprometheus.WithRegisterer(registry), otelprometheus.WithoutScopeInfo())
	if err != nil {
		return nil, err
	}
	for _, collector := range []prometheus.Collector{
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := registry.Register(collector); err != nil {
			return nil, err
		}
	}
	options := []sdkmetric.Option{
		sdkmetric.WithReader(reader), sdkmetric.WithResource(origin),
		sdkmetric.WithExemplarFilter(exemplar.TraceBasedFilter), sdkmetric.WithCardinalityLimit(maxSeries),
	}
	if collector != "" {
		exporter, err := otlpmetrichttp.New(ctx, otlpmetrichttp.WithEndpointURL(collector))
		if err != nil {
			return nil, fmt.Errorf("start the export of metrics: %w", err)
		}
		options = append(options, sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter)))
	}
	return sdkmetric.NewMeterProvider(options...), nil
}

// expose speaks OpenMetrics to those who ask, because only that has exemplars.
func expose(registry *prometheus.Registry) http.Handler {
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// Metrics serves /metrics.
func (t *Telemetry) Metrics() http.Handler { return t.exposition }

// GrantOutcome is how a request for a token ended.
type GrantOutcome string

// The outcomes of extraordinary_token_grants_total.
const (
	Granted       GrantOutcome = "granted"
	BadClient     GrantOutcome = "bad_client"     // unknown, or a wrong secret
	BadScope      GrantOutcome = "bad_scope"      // a scope that the credential has not
	BadRequest    GrantOutcome = "bad_request"    // the form is not RFC 6749's
	ExpiredSecret GrantOutcome = "expired_secret" // a secret past its end
	Suspended     GrantOutcome = "suspended"      // the organisation, or the credential
	Throttled     GrantOutcome = "throttled"      // over a limit
	Unserved      GrantOutcome = "unserved"       // our own fault
)

// Grant counts one answer to a request for a token, and notes it as the
// request's outcome.
func Grant(ctx context.Context, outcome GrantOutcome) {
	Outcome(ctx, string(outcome))
	if r := recordOf(ctx); r != nil {
		r.telemetry.instruments.tokenGrants.Add(ctx, 1, metric.WithAttributes(attribute.String("outcome", string(outcome))))
	}
}

// LimitDecision counts one decision of the rate limits: bucket names which
// limit (organisation, client, address, client_address), backend who decided (redis, local).
func LimitDecision(ctx context.Context, bucket, backend string, allowed bool) {
	r := recordOf(ctx)
	if r == nil {
		return
	}
	decision := "refused"
	if allowed {
		decision = "allowed"
	}
	r.telemetry.instruments.limitDecisions.Add(ctx, 1, metric.WithAttributes(
		attribute.String("bucket", bucket), attribute.String("decision", decision), attribute.String("backend", backend)))
}
