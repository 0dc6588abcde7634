package telemetry_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/adapters/telemetry/telemetrytest"
)

func TestStoppingFlushesWhatIsHeld(t *testing.T) {
	t.Parallel()
	p, receiver := exporting(t)
	for range 300 {
		p.serve(func(http.ResponseWriter, *http.Request) {}, get("/scim/v2/Users/7"))
	}
	assert.Len(t, p.stop(t, receiver), 300)
}

func TestADeadCollectorHurtsNothing(t *testing.T) {
	t.Parallel()
	failing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
	}))
	t.Cleanup(failing.Close)
	gone := httptest.NewServer(nil)
	gone.Close()
	for name, endpoint := range map[string]string{"answers 500": failing.URL, "refuses connections": gone.URL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint})
			handler := p.routed(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
			for range 5_000 { // more than the queue holds
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, get("/scim/v2/Users/7"))
				require.Equal(t, http.StatusNoContent, w.Code)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			began := time.Now()
			_ = p.Shutdown(ctx)
			assert.Less(t, time.Since(began), 2*time.Second, "stopping waits for a collector that is dead")
			failures := strings.Join(p.series(t, "extraordinary_telemetry_export_failures_total"), "\n")
			assert.Regexp(t, `signal="traces"} [1-9]`, failures)
			assert.Equal(t, 1, strings.Count(p.log.String(), "telemetry is failing"), p.log.String())
		})
	}
}

func TestStoppingWaitsNoLongerThanItIsTold(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable) // which the exporter tries again
	}))
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
	t.Cleanup(func() { close(over); busy.Close(); silent.Close() })
	for name, endpoint := range map[string]string{"busy": busy.URL, "silent": silent.URL} {
		p := start(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint})
		p.serve(func(http.ResponseWriter, *http.Request) {}, get("/scim/v2/Users/7"))
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		began := time.Now()
		require.ErrorIs(t, p.Shutdown(ctx), context.DeadlineExceeded, name)
		assert.Less(t, time.Since(began), 2*time.Second, name)
		cancel()
	}
}

func TestSettingsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{endpoint: "collector:4318"}, "OTEL_EXPORTER_OTLP_ENDPOINT is no http:// or https:// URL; expected such as http://127.0.0.1:4318"},
		{map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "grpc://x"}, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is no http:// or https:// URL"},
		{map[string]string{endpoint: "http://x", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "does not speak"},
		{map[string]string{endpoint: "http://x", "OTEL_TRACES_SAMPLER_ARG": "5"}, `OTEL_TRACES_SAMPLER_ARG is "5"; expected the share of traces to keep, from 0 to 1`},
		{map[string]string{endpoint: "http://x", "OTEL_TRACES_SAMPLER_ARG": "NaN"}, `is "NaN"`},
		{map[string]string{"OTEL_LOGS_EXPORTER": "otlp"}, "OTEL_LOGS_EXPORTER is otlp, but no collector is named"},
		{map[string]string{endpoint: "http://x", "OTEL_METRICS_EXPORTER": "statsd"}, `OTEL_METRICS_EXPORTER is "statsd"; expected otlp or none`},
	} {
		_, err := telemetry.Start(t.Context(), telemetry.Options{Log: discard(), Now: time.Now, Env: lookup(c.env)})
		require.ErrorContains(t, err, c.want, fmt.Sprint(c.env))
	}
}

func TestTheEndpointForTracesGoesBeforeTheGeneralOne(t *testing.T) {
	t.Parallel()
	p, receiver := exporting(t, "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	_ = p
	p, _ = exporting(t, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", receiver.URL+"/v1/traces")
	p.serve(func(http.ResponseWriter, *http.Request) {}, get("/scim/v2/Users/7"))
	assert.Len(t, p.stop(t, receiver), 1)
}

func TestTracingIsSwitchedOffByTheVariablesMadeForIt(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "none", "OTEL_TRACES_SAMPLER": "always_off"} {
		p, receiver := exporting(t, name, value)
		p.serve(func(http.ResponseWriter, *http.Request) {}, get("/scim/v2/Users/7"))
		assert.Empty(t, p.stop(t, receiver), name)
	}
}

func TestMetricsAndTheLogLeaveWhereTheVariablesSaySo(t *testing.T) {
	t.Parallel()
	p, receiver := exporting(t, "OTEL_METRICS_EXPORTER", "prometheus,otlp", "OTEL_LOGS_EXPORTER", "otlp")
	lines := &telemetrytest.Log{}
	log := p.Log(slog.New(telemetry.LogHandler(slog.NewJSONHandler(lines, nil))))
	p.serve(func(_ http.ResponseWriter, r *http.Request) {
		telemetry.Organisation(r.Context(), "org-1")
		log.InfoContext(r.Context(), "request", "status", 200)
	}, get("/scim/v2/Users/7"))
	spans := p.stop(t, receiver)
	require.Len(t, spans, 1)
	require.Len(t, receiver.Lines(), 1)
	line := receiver.Lines()[0]
	assert.Equal(t, "request", line.Message)
	assert.Equal(t, spans[0].TraceID, line.TraceID)
	assert.Equal(t, int64(200), line.Attributes["status"])
	assert.Equal(t, "org-1", line.Attributes["organisation_id"])
	assert.Contains(t, lines.String(), `"organisation_id":"org-1"`, "standard error has it too")
	assert.Contains(t, receiver.Metrics(), "http.server.request.duration")
	assert.Contains(t, receiver.Metrics(), "extraordinary.organisation.requests")
	assert.Len(t, p.series(t, "http_server_request_duration_seconds_count"), 1, "/metrics is there all the same")
}

func TestMetricsAndTheLogStayHereIfNobodySaysOtherwise(t *testing.T) {
	t.Parallel()
	p, receiver := exporting(t)
	log := p.Log(slog.New(slog.NewJSONHandler(&telemetrytest.Log{}, nil)))
	p.serve(func(_ http.ResponseWriter, r *http.Request) { log.InfoContext(r.Context(), "request") }, get("/scim/v2/Users/7"))
	assert.Len(t, p.stop(t, receiver), 1)
	assert.Empty(t, receiver.Lines())
	assert.Empty(t, receiver.Metrics())
}
