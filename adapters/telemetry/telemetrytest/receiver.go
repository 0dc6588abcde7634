// Package telemetrytest receives what telemetry sends and what is logged, so that a test sees what really left the process.
package telemetrytest

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	collogspb "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	colmetricspb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Receiver is a collector that speaks OTLP over HTTP and keeps what it gets.
type Receiver struct {
	URL string // for OTEL_EXPORTER_OTLP_ENDPOINT

	mu       sync.Mutex
	requests []*coltracepb.ExportTraceServiceRequest
	metrics  []*colmetricspb.ExportMetricsServiceRequest
	logs     []*collogspb.ExportLogsServiceRequest
}

// NewReceiver starts a Receiver that lives as long as t.
func NewReceiver(t testing.TB) *Receiver {
	r := &Receiver{}
	server := httptest.NewServer(http.HandlerFunc(r.receive))
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

func (r *Receiver) receive(w http.ResponseWriter, req *http.Request) {
	body := io.Reader(req.Body)
	if req.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(req.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = unzipped
	}
	content, err := io.ReadAll(body)
	if err == nil {
		err = r.keep(req.URL.Path, content)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
}

func (r *Receiver) keep(path string, content []byte) error {
	traces, metrics, logs := &coltracepb.ExportTraceServiceRequest{}, &colmetricspb.ExportMetricsServiceRequest{}, &collogspb.ExportLogsServiceRequest{}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch path {
	case "/v1/traces":
		r.requests = append(r.requests, traces)
		return proto.Unmarshal(content, traces)
	case "/v1/metrics":
		r.metrics = append(r.metrics, metrics)
		return proto.Unmarshal(content, metrics)
	case "/v1/logs":
		r.logs = append(r.logs, logs)
		return proto.Unmarshal(content, logs)
	}
	return fmt.Errorf("%s is no address of OTLP", path)
}

// Span is one span that arrived, with what tests ask about.
type Span struct {
	Name, Kind, Scope      string
	TraceID, ID, Parent    string // raw bytes; Parent is empty for a root
	Attributes             map[string]any
	Failed                 bool
	StatusText, TraceState string
	Events                 int
	Began, Ended           uint64   // nanoseconds since 1970
	Links                  []string // the trace and span id, one after the other, of each span that it links to
}

// Spans returns what has arrived, in the order in which it ended.
func (r *Receiver) Spans() []Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	var spans []Span
	for _, request := range r.requests {
		for _, origin := range request.GetResourceSpans() {
			for _, scope := range origin.GetScopeSpans() {
				for _, s := range scope.GetSpans() {
					spans = append(spans, Span{
						Name: s.GetName(), Kind: s.GetKind().String(), Scope: scope.GetScope().GetName(),
						TraceID: string(s.GetTraceId()), ID: string(s.GetSpanId()), Parent: string(s.GetParentSpanId()),
						Attributes: plain(s.GetAttributes()), Failed: s.GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR,
						StatusText: s.GetStatus().GetMessage(), TraceState: s.GetTraceState(), Events: len(s.GetEvents()),
						Began: s.GetStartTimeUnixNano(), Ended: s.GetEndTimeUnixNano(), Links: linked(s),
					})
				}
			}
		}
	}
	return spans
}

// Resource returns the attributes of the process that the last spans came from.
func (r *Receiver) Resource() map[string]any {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.requests) == 0 {
		return nil
	}
	return plain(r.requests[len(r.requests)-1].GetResourceSpans()[0].GetResource().GetAttributes())
}

// Text returns all that has arrived as text, to search for what must not be in it.
func (r *Receiver) Text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := ""
	for _, request := range r.requests {
		text += protojson.Format(request)
	}
	for _, request := range r.metrics {
		text += protojson.Format(request)
	}
	for _, request := range r.logs {
		text += protojson.Format(request)
	}
	return text
}

// Metrics returns the names of the metrics that have arrived.
func (r *Receiver) Metrics() (names []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, request := range r.metrics {
		for _, origin := range request.GetResourceMetrics() {
			for _, scope := range origin.GetScopeMetrics() {
				for _, metric := range scope.GetMetrics() {
					names = append(names, metric.GetName())
				}
			}
		}
	}
	return names
}

// Line is one line of the log that arrived.
type Line struct {
	Message, TraceID string // TraceID is raw bytes
	Attributes       map[string]any
}

// Lines returns the lines of the log that have arrived.
func (r *Receiver) Lines() (lines []Line) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, request := range r.logs {
		for _, origin := range request.GetResourceLogs() {
			for _, scope := range origin.GetScopeLogs() {
				for _, l := range scope.GetLogRecords() {
					lines = append(lines, Line{l.GetBody().GetStringValue(), string(l.GetTraceId()), plain(l.GetAttributes())})
				}
			}
		}
	}
	return lines
}

func linked(s *tracepb.Span) (ids []string) {
	for _, l := range s.GetLinks() {
		ids = append(ids, string(l.GetTraceId())+string(l.GetSpanId()))
	}
	return ids
}

func plain(attributes []*commonpb.KeyValue) map[string]any {
	values := map[string]any{}
	for _, a := range attributes {
		switch v := a.GetValue().GetValue().(type) {
		case *commonpb.AnyValue_StringValue:
			values[a.GetKey()] = v.StringValue
		case *commonpb.AnyValue_IntValue:
			values[a.GetKey()] = v.IntValue
		default:
			values[a.GetKey()] = a.GetValue().String()
		}
	}
	return values
}
