package entra_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/extraordinary/provisioning/adapters/entra"
)

func TestTheReportCountsAndMeasuresEachStep(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	report := run(t, job(s, 40, 2))
	sum := 0
	names := map[string]entra.Step{}
	for _, step := range report.Steps {
		sum += step.Requests
		names[step.Name] = step
		if step.P50 <= 0 || step.P95 < step.P50 || step.P99 < step.P95 {
			t.Errorf("latencies of %s are %v, %v, %v", step.Name, step.P50, step.P95, step.P99)
		}
	}
	want := []string{
		"add members", "change group", "change user", "check manager", "check member", "create group", "create user", "delete user",
		"disable user", "match group", "match user", "probe", "read back group", "read back manager", "read back user", "read group",
		"read user", "remove members", "restore user", "set manager", "token",
	}
	if got := slices.Sorted(maps.Keys(names)); !slices.Equal(got, want) {
		t.Errorf("steps are %q, want %q", got, want)
	}
	if names["create user"].Requests != 40 || names["create user"].Statuses[201] != 40 || names["delete user"].Requests != 1 || names["probe"].Requests != 12 {
		t.Errorf("steps are %+v", report.Steps)
	}
	cycles := 0
	for _, c := range report.Cycles {
		cycles += c.Requests
	}
	if sum != report.Requests || cycles != report.Requests || report.Seconds <= 0 || report.RequestsPerSecond <= 0 {
		t.Errorf("%d requests in steps, %d in cycles, %d in all, %f s", sum, cycles, report.Requests, report.Seconds)
	}
	var text bytes.Buffer
	if err := report.Print(&text); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"initial cycle", "incremental cycle 2", "read-back", "total", "p99 ms", "create user", "People: 38 active, 1 disabled, 1 deleted. Groups: 4"} {
		if !strings.Contains(text.String(), part) {
			t.Errorf("%q is not in the table:\n%s", part, &text)
		}
	}
	b, err := json.Marshal(report)
	if err != nil || !strings.Contains(string(b), `"p99_ms"`) || !strings.Contains(string(b), `"failures":[]`) {
		t.Errorf("JSON is %s, %v", b, err)
	}
}

func TestProgressIsOneLineThatIsRewritten(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	j := job(s, 60, 2)
	var out bytes.Buffer
	j.Progress = &out
	run(t, j)
	lines := strings.Split(out.String(), "\r\x1b[K")
	if len(lines) < 4 || strings.Contains(out.String(), "\n") || lines[len(lines)-1] != "" {
		t.Fatalf("progress is %q", out.String())
	}
	if !strings.Contains(out.String(), "initial cycle · users ") {
		t.Errorf("progress does not say what is done: %q", lines)
	}
}
