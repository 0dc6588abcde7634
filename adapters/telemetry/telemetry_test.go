package telemetry_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/mux"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/adapters/telemetry/telemetrytest"
)

// canary stands for whatever must never leave: it is planted in every place that a stranger or a store writes to.
const canary = "canary.ann@example.com"

// process is one that runs: its telemetry, and the log that it writes.
type process struct {
	*telemetry.Telemetry
	log *telemetrytest.Log
}

func start(t *testing.T, env map[string]string) process {
	t.Helper()
	log := &telemetrytest.Log{}
	running, err := telemetry.Start(t.Context(), telemetry.Options{
		Version: "1.2.3", Log: slog.New(slog.NewJSONHandler(log, nil)), Now: time.Now, Env: lookup(env),
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		// The test's own context has ended by now.
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		_ = running.Shutdown(ctx)
	})
	return process{running, log}
}

// exporting is a process whose traces go to a receiver.
func exporting(t *testing.T, more ...string) (process, *telemetrytest.Receiver) {
	t.Helper()
	receiver := telemetrytest.NewReceiver(t)
	env := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.URL}
	for i := 0; i < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return start(t, env), receiver
}

// stop shuts p down and returns the spans that arrived.
func (p process) stop(t *testing.T, r *telemetrytest.Receiver) []telemetrytest.Span {
	t.Helper()
	require.NoError(t, p.Shutdown(t.Context()))
	return r.Spans()
}

// serve answers one request by the route /scim/v2/Users/{id}, whose handler is given.
func (p process) serve(handle http.HandlerFunc, req *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	p.routed(handle).ServeHTTP(w, req)
	return w
}

func (p process) routed(handle http.HandlerFunc) http.Handler {
	router := mux.NewRouter()
	router.Use(telemetry.Route)
	router.HandleFunc("/scim/v2/Users/{id}", handle).Methods(http.MethodGet, http.MethodPost)
	return p.Handler(router)
}

// exposition is what /metrics says, in OpenMetrics, which has exemplars.
func (p process) exposition(t *testing.T) string {
	t.Helper()
	req := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	req.Header.Set("Accept", "application/openmetrics-text")
	w := httptest.NewRecorder()
	p.Metrics().ServeHTTP(w, req)
	require.Equal(t, http.StatusOK, w.Code)
	return w.Body.String()
}

// series returns the lines of /metrics that name the metric, without exemplars.
func (p process) series(t *testing.T, metric string) (lines []string) {
	t.Helper()
	for line := range strings.Lines(p.exposition(t)) {
		if strings.HasPrefix(line, metric) {
			line, _, _ = strings.Cut(strings.TrimSpace(line), " # ")
			lines = append(lines, strings.TrimSuffix(line, ".0"))
		}
	}
	return lines
}

func get(target string) *http.Request { return httptest.NewRequest(http.MethodGet, target, nil) }

func lookup(env map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}
}

func TestNothingPersonalLeaves(t *testing.T) {
	t.Parallel()
	p, receiver := exporting(t)
	log := slog.New(telemetry.LogHandler(slog.NewJSONHandler(p.log, nil)))
	req := get("/scim/v2/Users/" + canary + "?filter=" + canary)
	for name, value := range map[string]string{
		"Traceparent": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01", "Tracestate": "x=canary.ann_example", "Baggage": "user=" + canary,
		"Authorization": "Bearer " + canary, "User-Agent": canary, "X-Forwarded-For": canary, "Host": canary, "Referer": canary,
	} {
		req.Header.Set(name, value)
	}
	req.Host = canary
	req.Method = http.MethodGet
	p.serve(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		telemetry.Organisation(ctx, "org-1")
		failing(t, p, ctx)
		foreignSpan(ctx)
		telemetry.Failure(ctx, &messyError{canary})
		log.ErrorContext(ctx, "request", "cause", telemetry.FactsOf(ctx).Cause)
		http.Error(w, canary, http.StatusInternalServerError)
	}, req)
	strange := get("/" + canary)
	strange.Method = canary
	p.serve(nil, strange)

	spans := p.stop(t, receiver)
	assert.GreaterOrEqual(t, len(spans), 5, "too little happened for this to prove anything")
	for _, span := range spans {
		assert.Empty(t, span.StatusText)
		assert.Empty(t, span.TraceState)
		assert.Zero(t, span.Events)
	}
	assert.True(t, strings.Contains(p.exposition(t), `trace_id="0123456789abcdef0123456789abcdef"`), "no exemplars are there to be searched")
	for where, text := range map[string]string{"traces": receiver.Text(), "metrics": p.exposition(t), "log": p.log.String()} {
		assert.NotContains(t, strings.ToLower(text), "canary", where)
	}
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
