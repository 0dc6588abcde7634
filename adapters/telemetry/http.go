package telemetry

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/felixge/httpsnoop"
	"github.com/gorilla/mux"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/httpconv"
	"go.opentelemetry.io/otel/trace"
)

// Handler traces and measures every request that reaches next. It stands
// outside the router, which runs no middleware for 404 and 405.
func (t *Telemetry) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		began := t.now()
		method, scheme := methodOf(req), schemeOf(req)
		ctx, span := t.tracer.Start(callerOf(req), spanName(method, ""),
			trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
				semconv.HTTPRequestMethodKey.String(method), semconv.URLScheme(scheme),
				semconv.NetworkProtocolVersion(strconv.Itoa(req.ProtoMajor)+"."+strconv.Itoa(req.ProtoMinor))))
		r := &record{telemetry: t, span: span, facts: Facts{Method: method}}
		ctx = context.WithValue(ctx, recordKey{}, r)
		t.instruments.active.Add(ctx, 1, httpconv.RequestMethodAttr(method), scheme)

		answered := false
		defer func() {
			t.instruments.active.Add(ctx, -1, httpconv.RequestMethodAttr(method), scheme)
			r.end(ctx, scheme, t.now().Sub(began), answered)
		}()
		next.ServeHTTP(r.watch(w), req.WithContext(ctx))
		answered = true
	})
}

// Route is middleware of the router: it tells the request's span, metrics and
// log line which route matched.
func Route(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r, route := recordOf(req.Context()), mux.CurrentRoute(req)
		if r != nil && route != nil {
			if template, err := route.GetPathTemplate(); err == nil {
				r.matched(template)
			}
		}
		next.ServeHTTP(w, req)
	})
}

func (r *record) matched(template string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.facts.Route = template
	r.span.SetName(spanName(r.facts.Method, template))
	r.span.SetAttributes(semconv.HTTPRoute(template))
}

// watch notes status and size of the answer. httpsnoop keeps the writer's
// other abilities (Flusher and the rest).
func (r *record) watch(w http.ResponseWriter) http.ResponseWriter {
	wrote := func(status int, bytes int64) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.facts.Status == 0 && status >= 200 { // 1xx come before the answer
			r.facts.Status = status
		}
		r.facts.Bytes += bytes
	}
	return httpsnoop.Wrap(w, httpsnoop.Hooks{
		WriteHeader: func(next httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc {
			return func(status int) { wrote(status, 0); next(status) }
		},
		Write: func(next httpsnoop.WriteFunc) httpsnoop.WriteFunc {
			return func(b []byte) (int, error) {
				n, err := next(b)
				wrote(http.StatusOK, int64(n))
				return n, err
			}
		},
	})
}

// end closes the span and measures. answered is false if the handler panicked
// and nobody below caught it: net/http then cuts the connection.
func (r *record) end(ctx context.Context, scheme string, took time.Duration, answered bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := &r.facts
	switch {
	case !answered:
		f.ErrorType = cmp.Or(f.ErrorType, "aborted")
	case f.Status == 0:
		f.Status = http.StatusOK // net/http answers so for a handler that says nothing
	}
	labels := make([]attribute.KeyValue, 0, 3)
	if f.Status != 0 {
		labels = append(labels, semconv.HTTPResponseStatusCode(f.Status))
	}
	if f.Status >= 500 || !answered {
		f.ErrorType = cmp.Or(f.ErrorType, strconv.Itoa(f.Status))
		labels = append(labels, semconv.ErrorTypeKey.String(f.ErrorType))
		r.span.SetStatus(codes.Error, "")
	}
	r.span.SetAttributes(labels...)
	if f.Route != "" {
		labels = append(labels, semconv.HTTPRoute(f.Route))
	}
	meters := r.telemetry.instruments
	meters.requests.Record(ctx, took.Seconds(), httpconv.RequestMethodAttr(f.Method), scheme, labels...)
	outcome := outcomeOf(f.Status)
	if f.Organisation != "" {
		meters.organisationRequests.Add(ctx, 1, metric.WithAttributes(
			attribute.String("organisation", f.Organisation), attribute.String("outcome", outcome)))
	}
	if f.Provisioning && outcome == "ok" {
		r.telemetry.heard.from(f.Organisation)
	}
	if f.Outcome == "" { // else the protocol has a word of its own
		r.span.SetAttributes(outcomeKey.String(outcome))
	}
	r.span.End()
}

func outcomeOf(status int) string {
	switch {
	case status == 0 || status >= 500:
		return "server"
	case status == http.StatusTooManyRequests:
		return "throttled"
	case status >= 400:
		return "client"
	}
	return "ok"
}

// callerOf continues the caller's trace (W3C Trace Context). The caller's
// tracestate is a stranger's text and goes no further; nor does any baggage.
func callerOf(req *http.Request) context.Context {
	ctx := propagation.TraceContext{}.Extract(req.Context(), propagation.HeaderCarrier(req.Header))
	if c := trace.SpanContextFromContext(ctx); c.IsValid() && c.TraceState().Len() > 0 {
		return trace.ContextWithRemoteSpanContext(ctx, c.WithTraceState(trace.TraceState{}))
	}
	return ctx
}

// methodOf returns one of the methods that HTTP defines, or _OTHER: a stranger's
// inventions make no series.
func methodOf(req *http.Request) string {
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace:
		return req.Method
	}
	return string(httpconv.RequestMethodOther)
}

func schemeOf(req *http.Request) string {
	if req.TLS != nil {
		return "https"
	}
	return "http"
}

func spanName(method, route string) string {
	if method == string(httpconv.RequestMethodOther) {
		method = "HTTP"
	}
	if route == "" {
		return method
	}
	return method + " " + route
}
