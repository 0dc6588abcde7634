package httpserver_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/httpserver"
	"github.com/extraordinary/provisioning/adapters/telemetry"
)

func TestARequestIsOneLineInTheLog(t *testing.T) {
	t.Parallel()
	s := newSite(t, with(func(w http.ResponseWriter, r *http.Request) {
		telemetry.Organisation(r.Context(), "org-1")
		telemetry.Credential(r.Context(), "client-1")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, "four")
	}))
	s.ask(from(get("/scim/v2/Users/"+canary+"?filter="+canary), "192.0.2.1:50000", "User-Agent", canary, "Authorization", canary))
	lines := s.lines(t)
	require.Len(t, lines, 1)
	line := lines[0]
	assert.NotContains(t, s.log.String(), "canary")
	assert.Regexp(t, "^[0-9a-f]{32}$", line["trace_id"])
	assert.GreaterOrEqual(t, line["duration_ms"], 0.0)
	for _, varying := range []string{"time", "trace_id", "span_id", "duration_ms"} {
		delete(line, varying)
	}
	assert.Equal(t, map[string]any{
		"level": "INFO", "msg": "request", "method": "GET", "route": "/scim/v2/Users/{id}", "status": 201.0, "bytes": 4.0,
		"client_address": "192.0.2.1", "organisation_id": "org-1", "credential_id": "client-1",
	}, line)
}

func TestRefusalsAreInTheLogToo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ask(get("/nothing/" + canary))
	s.ask(request("DELETE", "/scim/v2/Users", ""))
	s.ask(get("//" + canary))
	s.ask(get("/livez"))
	lines := s.lines(t)
	require.Len(t, lines, 3, "probes are no requests")
	for i, want := range []string{"not_found", "method_not_allowed", "invalid_syntax"} {
		assert.Equal(t, want, lines[i]["error_type"])
		assert.Equal(t, "INFO", lines[i]["level"])
	}
	assert.NotContains(t, s.log.String(), "canary")
}

func TestAPanicIsAnsweredWithItsTraceID(t *testing.T) {
	t.Parallel()
	var nobody *http.Request
	for name, c := range map[string]struct {
		panics func()
		said   string
	}{
		"with text of ours": {func() { panic(canary) }, "string"},
		"with an error":     {func() { panic(io.EOF) }, "*errors.errorString"},
		"by a nil pointer":  {func() { _ = nobody.Method }, "runtime error: invalid memory address or nil pointer dereference"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, with(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "7")
				w.Header().Set("ETag", "x")
				c.panics()
			}))
			w := s.ask(get("/scim/v2/Users"))
			assert.Equal(t, http.StatusInternalServerError, w.Code)
			assertHardened(t, w.Header(), name)
			assert.Empty(t, w.Header().Get("ETag")+w.Header().Get("Content-Length"))
			said := refusalOf(t, w.Body)
			assert.Equal(t, "scim", said.Protocol)
			lines := s.lines(t)
			require.Len(t, lines, 1)
			assert.Equal(t, said.Trace, lines[0]["trace_id"])
			assert.Equal(t, "ERROR", lines[0]["level"])
			assert.Equal(t, "panic", lines[0]["error_type"])
			assert.Equal(t, c.said, lines[0]["panic"])
			assert.Contains(t, lines[0]["stack"], "account_test.go")
			assert.NotContains(t, s.log.String(), "canary")
		})
	}
}

func TestAPanicInTheMiddleOfAnAnswerCutsTheConnection(t *testing.T) {
	t.Parallel()
	s := newSite(t, with(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic(canary)
	}))
	address, _, _ := s.serve(t)
	response, err := http.Get("http://" + address + "/scim/v2/Users")
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	_, err = io.ReadAll(response.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "half an answer looks like a whole one")
	assert.Equal(t, "panic", s.lines(t)[0]["error_type"])
	assert.NotContains(t, s.log.String(), "canary")
}

func TestAHandlerThatPanicsWhileItFailsTellsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *httpserver.Options) {
		o.Mounts[0].Fail = func(http.ResponseWriter, *http.Request, error) { panic(canary) }
	})
	address, _, _ := s.serve(t)
	conn := dial(t, address)
	_, err := io.WriteString(conn, "GET /scim/v2/nothing HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	_, _ = io.ReadAll(conn)
	assert.Contains(t, s.log.String(), "panic")
	assert.NotContains(t, s.log.String(), "canary")
}
