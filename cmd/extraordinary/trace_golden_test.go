package main

import (
	"cmp"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/mux"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/httpserver"
	"github.com/extraordinary/provisioning/adapters/servertest"
	"github.com/extraordinary/provisioning/adapters/telemetry/telemetrytest"
)

var updateTraces = flag.Bool("update", false, "write the golden files again")

func TestEveryTraceReadsAsItsGoldenOnSQLite(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	tracesOf(t, "sqlite", in(folder), func() {
		lock, err := openTables(t, "sqlite", filepath.Join(folder, "extraordinary.db")).BeginTx(t.Context(), nil)
		require.NoError(t, err)
		t.Cleanup(func() { _ = lock.Rollback() })
		_, err = lock.ExecContext(t.Context(), "UPDATE mails SET tries = tries") // as somebody who writes and never ends
		require.NoError(t, err)
	})
}

func TestEveryTraceReadsAsItsGoldenOnPostgresAndRedis(t *testing.T) {
	t.Parallel()
	redis := servertest.OwnRedis(t)
	settings := append(keptIn(servertest.Postgres(t), redis.URL), in(t.TempDir())...) // for the mails
	tracesOf(t, "postgres", settings, redis.Stop)
}

// traced asks questions as a caller whose traces are known by the name of the question.
type traced struct {
	client
	ids map[string]string // name of the conversation, by the raw bytes of its trace id
}

// ask sends a request that begins the trace called name, and wants status.
func (c traced) ask(t *testing.T, name string, status int, q question, header ...string) (answer string) {
	t.Helper()
	id := fmt.Sprintf("%031xa", len(c.ids)+1)
	raw, err := hex.DecodeString(id)
	require.NoError(t, err)
	c.ids[string(raw)] = name
	request, err := http.NewRequestWithContext(t.Context(), q.method, q.path, strings.NewReader(q.body))
	require.NoError(t, err)
	request.Header.Set("Traceparent", "00-"+id+"-00000000000000aa-01")
	request.Header.Set("Content-Type", q.contentType)
	if q.authorization != "" {
		request.Header.Set("Authorization", q.authorization)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request) // which follows no redirect: that would be a second request in the trace
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, status, response.StatusCode, "%s: %s", name, text)
	return string(text)
}

func (c traced) scim(method, path, body string) question {
	return question{method: method, path: c.credential["tenant_url"] + path, contentType: "application/scim+json", authorization: "Bearer " + c.token, body: body}
}

func (c traced) grant(secret string) question {
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.credential["client_id"]}, "client_secret": {secret}}
	return question{method: http.MethodPost, path: c.credential["token_endpoint"], contentType: "application/x-www-form-urlencoded", body: form.Encode()}
}

// tracesOf holds each conversation with a server on the stores that settings name against its golden. break takes a store away.
func tracesOf(t *testing.T, store string, settings []string, breakStore func()) {
	t.Helper()
	receiver := telemetrytest.NewReceiver(t)
	to := []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + receiver.URL}
	server := startIn(t, to, freeAddress(t), append([]string{"serve"}, settings...)...)
	c := traced{customer(t, settings, server.url, "kereru"), map[string]string{}}
	_, _, err := c.client.ask(http.MethodGet, "/Users", "") // Redis learns its scripts from whoever comes first
	require.NoError(t, err)
	c.converse(t, server.url, joining(t, settings))
	waitForMail(t, receiver)

	slow := startIn(t, to, freeAddress(t), append([]string{"serve", "--rate-limit", "1"}, settings...)...)
	c.refuse(t, slow.url)
	stopped(t, slow)

	breakStore()
	c.ask(t, "store-down", http.StatusServiceUnavailable, c.scim(http.MethodPost, "/Users", personNamed("canary.late@kereru.example")))
	stopped(t, server)
	c.compare(t, store, receiver)
}

// converse asks all that has a golden of its own.
func (c traced) converse(t *testing.T, at, link string) {
	t.Helper()
	const patch = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[%s]}`
	const search = "/Users?filter=userName+eq+%22canary.person%40kereru.example%22"
	person := personNamed("canary.person@kereru.example")
	c.ask(t, "token-granted", http.StatusOK, c.grant(c.credential["client_secret"]))
	c.ask(t, "token-refused", http.StatusUnauthorized, c.grant("scs_canary"))
	c.ask(t, "match-miss", http.StatusOK, c.scim(http.MethodGet, search, ""))
	user := idIn(t, c.ask(t, "user-created", http.StatusCreated, c.scim(http.MethodPost, "/Users", person)))
	c.ask(t, "match-hit", http.StatusOK, c.scim(http.MethodGet, search, ""))
	c.ask(t, "user-read", http.StatusOK, c.scim(http.MethodGet, "/Users/"+user, ""))
	c.ask(t, "user-patched", http.StatusOK, c.scim(http.MethodPatch, "/Users/"+user,
		fmt.Sprintf(patch, `{"op":"replace","path":"phoneNumbers[type eq \"work\"].value","value":"+64 4 canary"}`)))
	group := idIn(t, c.ask(t, "group-created", http.StatusCreated, c.scim(http.MethodPost, "/Groups",
		`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"canary group"}`)))
	c.ask(t, "member-added", http.StatusNoContent, c.scim(http.MethodPatch, "/Groups/"+group,
		fmt.Sprintf(patch, `{"op":"add","path":"members","value":[{"value":"`+user+`"}]}`)))
	c.ask(t, "duplicate", http.StatusConflict, c.scim(http.MethodPost, "/Users", person))
	c.ask(t, "value-refused", http.StatusBadRequest, c.scim(http.MethodPatch, "/Users/"+user, fmt.Sprintf(patch, `{"op":"replace","path":"active","value":"canary"}`)))
	c.ask(t, "extension-refused", http.StatusBadRequest, c.scim(http.MethodPatch, "/Users/"+user,
		fmt.Sprintf(patch, `{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber","value":{"canary":true}}`)))
	c.ask(t, "attribute-made-up", http.StatusBadRequest, c.scim(http.MethodPatch, "/Users/"+user, fmt.Sprintf(patch, `{"op":"replace","path":"canary[","value":"x"}`)))
	c.ask(t, "precondition-failed", http.StatusPreconditionFailed, c.scim(http.MethodPut, "/Users/"+user, person), "If-Match", `W/"999"`)
	c.ask(t, "unknown-path", http.StatusNotFound, c.scim(http.MethodGet, "/Canaries", ""))
	c.ask(t, "method-not-allowed", http.StatusMethodNotAllowed, c.scim(http.MethodDelete, "/Users", ""))
	form := func(path, content string) question {
		return question{method: http.MethodPost, path: at + path, contentType: "application/x-www-form-urlencoded", body: content}
	}
	c.ask(t, "owner-joined", http.StatusSeeOther, form(link, "name=Canary+Owner&password=seven+old+canaries+sing"), "Origin", at)
	c.ask(t, "mail-queued", http.StatusSeeOther, form("/forgotten", "email=mia%40kereru.example"), "Origin", at)
}

// joining makes a one-time link for the owner, who gets mails only once she has joined, and gives its path.
func joining(t *testing.T, settings []string) string {
	t.Helper()
	made := parsed(t, must(t, append([]string{"organisation", "link", "--organisation", "kereru", "--email", "mia@kereru.example", "--output", "json"}, settings...)...))
	link, err := url.Parse(made["sign_in_url"])
	require.NoError(t, err)
	return link.Path
}

// refuse asks a slow server until it says no: only that answer has a golden.
func (c traced) refuse(t *testing.T, at string) {
	t.Helper()
	for range 20 { // the bucket holds four reads
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at+"/scim/v2/Users", nil)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+c.token)
		answer, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		answer.Body.Close()
		if answer.StatusCode == http.StatusTooManyRequests {
			q := c.scim(http.MethodGet, "/Users", "")
			q.path = at + "/scim/v2/Users"
			c.ask(t, "throttled", http.StatusTooManyRequests, q)
			return
		}
	}
	t.Fatal("nothing was refused")
}

// waitForMail gives the queue the time to send: it is looked at every two seconds, and spans leave every five.
func waitForMail(t *testing.T, receiver *telemetrytest.Receiver) {
	t.Helper()
	require.Eventually(t, func() bool {
		return slices.ContainsFunc(receiver.Spans(), func(s telemetrytest.Span) bool { return len(s.Links) > 0 })
	}, 30*time.Second, 50*time.Millisecond, "no span of a mail that was sent")
}

// stopped ends a server and waits until it has told all.
func stopped(t *testing.T, p *process) {
	t.Helper()
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	require.NoError(t, p.Wait(), p.log.String())
}

// compare holds each trace that arrived against its golden; the sending of a mail is known by its link.
func (c traced) compare(t *testing.T, store string, receiver *telemetrytest.Receiver) {
	t.Helper()
	spans := receiver.Spans()
	for _, s := range spans {
		for _, link := range s.Links {
			if c.ids[link[:16]] == "mail-queued" {
				c.ids[s.TraceID] = "mail-sent"
			}
		}
	}
	if !slices.Contains(slices.Collect(maps.Values(c.ids)), "mail-sent") {
		t.Error("no span links to the request that queued a mail")
	}
	for id, name := range c.ids {
		compareTrace(t, filepath.Join("testdata", "traces", store, name+".txt"), spans, id, c.client.token, c.credential["client_secret"])
	}
	for _, canary := range []string{"canary", "mia@", "filter=", c.token, c.credential["client_secret"]} {
		assert.NotContains(t, receiver.Text(), canary)
	}
}

// compareTrace holds the trace of an id against a golden file, in which nobody may be named.
func compareTrace(t *testing.T, file string, spans []telemetrytest.Span, id string, secrets ...string) {
	t.Helper()
	got := treeOf(spans, id)
	if *updateTraces {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o600))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "%s: look at the difference, and if it is right run with -update", file)
	for _, canary := range append([]string{"canary", "@", "filter=", "+64", "sat_", "scs_", "Bearer"}, secrets...) {
		assert.NotContains(t, string(want), canary, file)
	}
}

// treeOf draws one trace, a line a span, children below their parent in the order in which they began.
func treeOf(spans []telemetrytest.Span, trace string) string {
	var of []telemetrytest.Span
	known := map[string]bool{}
	for _, s := range spans {
		if s.TraceID == trace && !shared(s) {
			of, known[s.ID] = append(of, s), true
		}
	}
	slices.SortStableFunc(of, func(a, b telemetrytest.Span) int { return cmp.Compare(a.Began, b.Began) })
	var tree strings.Builder
	var draw func(s telemetrytest.Span, depth int)
	draw = func(s telemetrytest.Span, depth int) {
		tree.WriteString(strings.Repeat("  ", depth) + lineOf(s) + "\n")
		for _, below := range of {
			if below.Parent == s.ID {
				draw(below, depth+1)
			}
		}
	}
	for _, s := range of {
		if !known[s.Parent] { // the root, or the child of a stranger's span
			draw(s, 0)
		}
	}
	return tree.String()
}

// shared reports whether s is one that SQLite's units have together, if they come at the same time: whoever is first begins for
// all, and the last commits or, if nobody has written, takes back. What a unit does by itself stands between SAVEPOINT and RELEASE.
func shared(s telemetrytest.Span) bool {
	return s.Attributes["db.system.name"] == "sqlite" && (s.Name == "BEGIN" || s.Name == "COMMIT" || s.Name == "ROLLBACK")
}

// lineOf writes a span without what differs from run to run.
func lineOf(s telemetrytest.Span) string {
	line := strings.TrimPrefix(s.Kind, "SPAN_KIND_") + " " + s.Name
	if s.Failed {
		line += " FAILED"
	}
	if s.StatusText != "" {
		line += " status text " + s.StatusText
	}
	for _, key := range slices.Sorted(maps.Keys(s.Attributes)) {
		value := fmt.Sprint(s.Attributes[key])
		switch key {
		case "extraordinary.organisation.id", "extraordinary.credential.id", "server.address", "server.port", "db.namespace":
			value = "…"
		}
		line += " | " + key + "=" + value
	}
	if s.Events > 0 {
		line += fmt.Sprintf(" | %d events", s.Events)
	}
	for range s.Links {
		line += " | a link"
	}
	return line
}

// TestAPanicIsOneTraceThatFailed drives the chain of handlers itself: no address of the program panics.
func TestAPanicIsOneTraceThatFailed(t *testing.T) {
	t.Parallel()
	receiver := telemetrytest.NewReceiver(t)
	s := system{log: io.Discard, now: time.Now, env: func(name string) (string, bool) {
		if name != "OTEL_EXPORTER_OTLP_ENDPOINT" {
			return "", false
		}
		return receiver.URL, true
	}}
	watch, err := s.watch(t.Context(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	server, err := httpserver.New(httpserver.Options{
		Telemetry: watch, Log: slog.New(slog.DiscardHandler), Now: time.Now, Ready: ready,
		Mounts: []httpserver.Mount{{
			Prefix: "/scim/v2", MaxBody: 1 << 10,
			Register: func(r *mux.Router) {
				r.HandleFunc("/Users", func(http.ResponseWriter, *http.Request) { panic("canary@kereru.example") })
			},
			Fail: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusInternalServerError) },
		}},
	})
	require.NoError(t, err)
	w := httptest.NewRecorder()
	server.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/scim/v2/Users", nil))
	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.NoError(t, watch.Shutdown(t.Context()))
	require.Len(t, receiver.Spans(), 1)
	compareTrace(t, filepath.Join("testdata", "traces", "panic.txt"), receiver.Spans(), receiver.Spans()[0].TraceID)
	assert.NotContains(t, receiver.Text(), "canary")
}
