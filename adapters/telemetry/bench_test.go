package telemetry_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/adapters/telemetry/telemetrytest"
)

// BenchmarkRequest tells what tracing and measuring add to a request that does nothing.
func BenchmarkRequest(b *testing.B) {
	router := mux.NewRouter()
	router.Use(telemetry.Route)
	router.HandleFunc("/scim/v2/Users/{id}", func(w http.ResponseWriter, r *http.Request) {
		telemetry.Organisation(r.Context(), "org-1")
		w.WriteHeader(http.StatusNoContent)
	})
	b.Run("without", func(b *testing.B) { requests(b, router) })
	for name, ratio := range map[string]string{"off": "", "1%": "0.01", "100%": "1"} {
		b.Run(name, func(b *testing.B) {
			env := map[string]string{}
			if ratio != "" {
				env = map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": telemetrytest.NewReceiver(b).URL, "OTEL_TRACES_SAMPLER_ARG": ratio}
			}
			running, err := telemetry.Start(b.Context(), telemetry.Options{Log: discard(), Now: time.Now, Env: lookup(env)})
			if err != nil {
				b.Fatal(err)
			}
			requests(b, running.Handler(router))
		})
	}
}

func requests(b *testing.B, handler http.Handler) {
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(httptest.NewRecorder(), get("/scim/v2/Users/7"))
	}
}
