package main

import (
	"encoding/json"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/extraordinary/provisioning/adapters/telemetry/telemetrytest"
)

func TestOneTraceTellsTheStoryFromHTTPToSQL(t *testing.T) {
	t.Parallel()
	tellsTheStory(t, in(t.TempDir()), "INSERT activity")
}

func TestOneTraceTellsTheStoryFromHTTPToPostgresAndRedis(t *testing.T) {
	t.Parallel()
	tellsTheStory(t, production(t), "EVALSHA", "INSERT activity")
}

// tellsTheStory drives a server on the stores that settings name; each request's trace must hold what passed there.
func tellsTheStory(t *testing.T, settings []string, stores ...string) {
	t.Helper()
	receiver := telemetrytest.NewReceiver(t)
	server := startIn(t, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + receiver.URL}, freeAddress(t), append([]string{"serve"}, settings...)...)
	c := customer(t, settings, server.url, "kereru")
	if _, _, err := c.ask("POST", "/Users", personNamed("canary.person@kereru.example")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.ask("GET", "/Users?filter=userName+eq+%22canary.person%40kereru.example%22", ""); err != nil {
		t.Fatal(err)
	}
	_, refused, err := c.ask("POST", "/Users", personNamed("canary.person@kereru.example"))
	if err != nil {
		t.Fatal(err)
	}
	metrics := server.measured(t)
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		t.Fatalf("it ended with %v: %s", err, server.log)
	}
	spans := receiver.Spans()
	created := traceOf(spans, "POST /scim/v2/Users")
	for _, want := range append([]string{"POST /scim/v2/Users", "provisioning.CreateUser", "INSERT users"}, stores...) {
		if !slices.Contains(created, want) {
			t.Errorf("the trace of a creation has no %q: %q", want, created)
		}
	}
	searched := traceOf(spans, "GET /scim/v2/Users")
	for _, want := range []string{"provisioning.SearchUsers", "SELECT users"} {
		if !slices.Contains(searched, want) {
			t.Errorf("the trace of a search has no %q: %q", want, searched)
		}
	}
	checkFacts(t, spans)
	var failure struct{ TraceID string }
	if err := json.Unmarshal([]byte(refused), &failure); err != nil || len(failure.TraceID) != 32 || !strings.Contains(server.log.String(), failure.TraceID) {
		t.Errorf("the trace id of an error is not in the log: %s", refused)
	}
	for what, canary := range map[string]string{"a person": "canary", "the token": c.token, "the secret": c.credential["client_secret"]} {
		for place, text := range map[string]string{"a span": receiver.Text(), "the log": server.log.String(), "/metrics": metrics} {
			if strings.Contains(text, canary) {
				t.Errorf("%s holds %s", place, what)
			}
		}
	}
}

// measured reads /metrics, where each of what must be counted stands.
func (p *process) measured(t *testing.T) string {
	t.Helper()
	text := p.read(t, "/metrics")
	for _, want := range []string{
		`http_server_request_duration_seconds_count{`, `http_route="/scim/v2/Users"`, `http_response_status_code="201"`,
		`extraordinary_token_grants_total{`, `outcome="granted"`, `db_client_operation_duration_seconds_count{`,
		`extraordinary_ratelimit_decisions_total{`, `db_client_connection_count{db_client_connection_pool_name="database",db_client_connection_state="idle"}`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("/metrics has no %s", want)
		}
	}
	return text
}

// traceOf gives the names of all spans in the first trace whose root is called root.
func traceOf(spans []telemetrytest.Span, root string) (names []string) {
	i := slices.IndexFunc(spans, func(s telemetrytest.Span) bool { return s.Name == root })
	if i < 0 {
		return nil
	}
	for _, s := range spans {
		if s.TraceID == spans[i].TraceID {
			names = append(names, s.Name)
		}
	}
	return names
}

// checkFacts looks for what a server span must say of its request.
func checkFacts(t *testing.T, spans []telemetrytest.Span) {
	t.Helper()
	for _, s := range spans {
		if s.Name == "GET /scim/v2/Users" {
			if s.Attributes["extraordinary.organisation.id"] == nil || s.Attributes["extraordinary.credential.id"] == nil || s.Attributes["extraordinary.scim.filter_shape"] != "userName eq ?" {
				t.Errorf("its facts are %v", s.Attributes)
			}
			return
		}
	}
	t.Error("there is no span of the search")
}
