package httpserver

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/domain/fault"
)

// probeTimeout is shorter than any orchestrator's own patience.
const probeTimeout = 2 * time.Second

// probes answers those who watch the process. They make no span and no line in the log: they come every few seconds.
func (s *Server) probes(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/livez":
			probe(w, r, http.StatusOK, "alive")
		case r.URL.Path == "/readyz":
			s.ready(w, r)
		case r.URL.Path == "/metrics" && s.metrics == nil && fromThisMachine(r):
			figures(s.options.Telemetry.Metrics(), w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// ready tells whether requests should come here. A store that is down is no reason to say no: all replicas would say
// so at once, and the load balancer would answer by itself what we answer better.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if s.draining.Load() {
		probe(w, r, http.StatusServiceUnavailable, "stopping")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), probeTimeout)
	defer cancel()
	err := s.options.Ready(ctx)
	if changed := s.unready.Swap(err != nil) != (err != nil); changed && err != nil {
		s.options.Log.LogAttrs(ctx, slog.LevelWarn, "not ready", slog.String("cause", telemetry.Cause(err)))
	} else if changed {
		s.options.Log.LogAttrs(ctx, slog.LevelInfo, "ready again")
	}
	if err != nil {
		probe(w, r, http.StatusServiceUnavailable, "not ready")
		return
	}
	probe(w, r, http.StatusOK, "ready")
}

func probe(w http.ResponseWriter, r *http.Request, status int, word string) {
	if !reads(r) {
		w.Header().Set("Allow", "GET, HEAD")
		status, word = http.StatusMethodNotAllowed, "only GET and HEAD are possible here"
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(word + "\n"))
}

// fromThisMachine tells whether r comes from a process beside us, and not through one: a proxy on this machine that
// nobody told us of says that it forwards.
func fromThisMachine(r *http.Request) bool {
	for _, header := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip"} {
		if r.Header.Get(header) != "" {
			return false
		}
	}
	return ClientAddress(r).IsLoopback()
}

// metricsAlone serves /metrics and nothing else.
func metricsAlone(metrics http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/metrics" {
			failPlainly(w, r, fault.New(fault.NotFound, "only /metrics is at this address"))
			return
		}
		figures(metrics, w, r)
	})
}

// figures answers those who read, as Prometheus does.
func figures(metrics http.Handler, w http.ResponseWriter, r *http.Request) {
	if !reads(r) {
		probe(w, r, http.StatusMethodNotAllowed, "")
		return
	}
	metrics.ServeHTTP(w, r)
}

func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }
