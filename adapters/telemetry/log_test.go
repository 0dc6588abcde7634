package telemetry_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/telemetry"
)

func TestALineOfTheLogLeadsToItsTraceAndOrganisation(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	log := slog.New(telemetry.LogHandler(slog.NewJSONHandler(p.log, nil))).With("component", "test")
	id := ""
	p.serve(func(_ http.ResponseWriter, r *http.Request) {
		telemetry.Organisation(r.Context(), "org-1")
		id = telemetry.TraceID(r.Context())
		log.InfoContext(r.Context(), "line\nbroken \x1b[31m")
	}, get("/scim/v2/Users/7"))
	var line map[string]string
	require.NoError(t, json.Unmarshal([]byte(p.log.String()), &line), "a line is one line, whatever is in it")
	assert.Equal(t, id, line["trace_id"])
	assert.Len(t, line["span_id"], 16)
	assert.Equal(t, "org-1", line["organisation_id"])
	assert.Equal(t, "test", line["component"])
}

func TestALineOutsideARequestIsLeftAlone(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	slog.New(telemetry.LogHandler(slog.NewJSONHandler(p.log, nil))).InfoContext(t.Context(), "tick")
	assert.NotContains(t, p.log.String(), "trace_id")
}

func wrap(place string, err error) error { return fmt.Errorf("%s: %w", place, err) }
