package main

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/browsertest"
	"github.com/extraordinary/provisioning/adapters/telemetry/telemetrytest"
)

// With EXTRAORDINARY_PICTURES=.github/pictures it makes the README's pictures anew.
func TestTheDemosLinkLeadsIntoAPortalThatIsWorthLookingAt(t *testing.T) {
	t.Parallel()
	b := browsertest.Open(t, browsertest.Look{Width: 1200})
	receiver := telemetrytest.NewReceiver(t)
	demo := startIn(t, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + receiver.URL}, freeAddress(t), "demo", "--data-dir", t.TempDir())
	waitFor(t, demo, "Serving goes on until Ctrl-C.")
	link := regexp.MustCompile(`http://\S+/link/\S+`).FindString(demo.log.String())
	require.NotEmpty(t, link)
	b.Visit(link)
	b.Type("#name", "Mia Chen")
	b.Type("#password", "four words of nobody")
	b.Submit("button.main")

	pictures := os.Getenv("EXTRAORDINARY_PICTURES")
	for _, page := range []struct {
		path, picture string
		shows         []string
	}{
		{"/", "home.png", []string{"Connected", "Employee ID"}},
		{"/people", "", []string{"Tom Reed", "Hana Walker"}},
		{"/people/ids", "", []string{"share one ID", "have no Employee ID"}},
		{"/groups", "", []string{"Public Transport"}},
		{"/activity", "", []string{"Extraordinary"}},
		{"/settings/scim", "scim.png", []string{"Check-list", "Credentials generated"}},
		{"/settings/scim/log", "log.png", []string{"Refused", "Wrong client secret", "userName taken", "No Employee ID", "Attribute not kept"}},
	} {
		b.Visit(demo.url + page.path)
		text := b.Text("main")
		for _, want := range page.shows {
			assert.Contains(t, text, want, page.path)
		}
		if pictures != "" && page.picture != "" {
			b.Picture(filepath.Join("..", "..", pictures, page.picture))
		}
	}
	// From the request in the log to its trace: "What happened to this user at 14:03?" (OPERATIONS.md).
	b.Visit(demo.url + "/settings/scim/log?problem=username-taken")
	b.Submit("tbody td:first-child a")
	assert.Contains(t, b.Text("main"), "has it, and was first provisioned on")
	traceID := b.Text("#facts ~ dl dd:nth-of-type(2) code")
	b.Visit(demo.url + "/settings/scim") // time for what is sent in batches
	var trace []telemetrytest.Span
	require.Eventually(t, func() bool {
		trace = slices.DeleteFunc(receiver.Spans(), func(s telemetrytest.Span) bool { return hex.EncodeToString([]byte(s.TraceID)) != traceID })
		return len(trace) > 3
	}, 20*time.Second, 200*time.Millisecond, "nothing of the trace %s has arrived", traceID)
	picture := drawn(trace)
	assert.Contains(t, picture, ">POST /scim/v2/Users</text>")
	assert.Contains(t, picture, ">INSERT users</text>")
	if pictures != "" {
		require.NoError(t, os.WriteFile(filepath.Join("..", "..", pictures, "trace.svg"), []byte(picture), 0o644))
		b.Visit(demo.url + "/settings/scim/log?problem=username-taken")
		b.Submit("tbody td:first-child a")
		b.Picture(filepath.Join("..", "..", pictures, "request.png"))
	}
	assert.Empty(t, b.Complaints())
}
