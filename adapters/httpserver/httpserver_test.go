package httpserver_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/mux"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/httpserver"
	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/adapters/telemetry/telemetrytest"
	"github.com/extraordinary/provisioning/domain/fault"
)

// canary stands for what must not be in the log.
const canary = "canary.ann@example.com"

// site is a server with two protocols: /scim/v2, which takes 1 MiB, and /oauth2, which takes 8 KiB. Both answer 418
// where a handler is reached, so that nothing else can be taken for it.
type site struct {
	*httpserver.Server
	log *telemetrytest.Log
}

func newSite(t *testing.T, change ...func(*httpserver.Options)) site {
	t.Helper()
	log := &telemetrytest.Log{}
	logger := slog.New(telemetry.LogHandler(slog.NewJSONHandler(log, nil)))
	running, err := telemetry.Start(t.Context(), telemetry.Options{
		Log: logger, Now: time.Now, Env: func(string) (string, bool) { return "", false },
	})
	require.NoError(t, err)
	o := httpserver.Options{
		Address: "127.0.0.1:0", Telemetry: running, Log: logger, Now: time.Now,
		Ready:  func(context.Context) error { return nil },
		Mounts: []httpserver.Mount{scim(reached), oauth()},
	}
	for _, c := range change {
		c(&o)
	}
	s, err := httpserver.New(o)
	require.NoError(t, err)
	return site{s, log}
}

func scim(user http.HandlerFunc) httpserver.Mount {
	return httpserver.Mount{Prefix: "/scim/v2", MaxBody: 1 << 20, Fail: failAs("scim"), Register: func(r *mux.Router) {
		r.HandleFunc("/Users", user).Methods(http.MethodGet, http.MethodPost)
		r.HandleFunc("/Users/{id}", user).Methods(http.MethodGet, http.MethodPatch)
	}}
}

func oauth() httpserver.Mount {
	return httpserver.Mount{Prefix: "/oauth2", MaxBody: 8 << 10, Fail: failAs("oauth"), Register: func(r *mux.Router) {
		r.HandleFunc("/token", reached).Methods(http.MethodPost)
	}}
}

func reached(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }

// with replaces the handler of users.
func with(user http.HandlerFunc) func(*httpserver.Options) {
	return func(o *httpserver.Options) { o.Mounts = []httpserver.Mount{scim(user), oauth()} }
}

// refusal is the form in which both protocols fail.
type refusal struct {
	Protocol, Kind, Detail, Trace string
}

func failAs(protocol string) func(http.ResponseWriter, *http.Request, error) {
	return func(w http.ResponseWriter, r *http.Request, err error) {
		f := fault.Of(err)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(map[fault.Kind]int{ // those that a mount must know; 0 for another would panic
			fault.NotFound: 404, fault.NotAllowed: 405, fault.Syntax: 400, fault.TooLarge: 413, fault.Media: 415,
			fault.Unavailable: 503, fault.Internal: 500,
		}[f.Kind])
		_ = json.NewEncoder(w).Encode(refusal{protocol, f.Kind.Error(), f.Detail, telemetry.TraceID(r.Context())})
	}
}

// ask sends a request past the socket.
func (s site) ask(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

func request(method, target, body string) *http.Request {
	return httptest.NewRequest(method, target, strings.NewReader(body))
}

func refusalOf(t *testing.T, body io.Reader) (r refusal) {
	t.Helper()
	require.NoError(t, json.NewDecoder(body).Decode(&r))
	return r
}

// serve starts s and returns its address, what ends it, and what it ended with.
func (s site) serve(t *testing.T) (address string, stop context.CancelFunc, ended <-chan error) {
	t.Helper()
	require.NoError(t, s.Listen(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- s.Serve(ctx) }()
	t.Cleanup(cancel)
	return s.Address(), cancel, result
}

// lines are the requests in the log.
func (s site) lines(t *testing.T) (lines []map[string]any) {
	t.Helper()
	for text := range strings.Lines(s.log.String()) {
		var line map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &line))
		if line["msg"] == "request" {
			lines = append(lines, line)
		}
	}
	return lines
}

// answer is what came back over a socket.
type answer struct {
	status int
	header http.Header
	closes bool // the server wants no other request on this connection
	body   string
}

// raw sends bytes over a connection of their own, as they are.
func raw(t *testing.T, address, text string) answer {
	t.Helper()
	return exchange(t, dial(t, address), text)
}

// exchange sends bytes over conn, which stays open.
func exchange(t *testing.T, conn net.Conn, text string) (a answer) {
	t.Helper()
	_, err := io.WriteString(conn, text)
	assert.NoError(t, err)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if !assert.NoError(t, err) {
		return answer{}
	}
	body, err := io.ReadAll(response.Body)
	assert.NoError(t, err)
	assert.NoError(t, response.Body.Close())
	return answer{response.StatusCode, response.Header, response.Close, string(body)}
}

func rawGet(target string) string { return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n" }

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	return conn
}

// assertHardened checks the headers that every answer has.
func assertHardened(t *testing.T, h http.Header, about string) {
	t.Helper()
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
		"Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer",
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Access-Control-Allow-Origin": "",
	} {
		assert.Equal(t, want, h.Get(name), "%s: %s", about, name)
	}
}

func get(target string) *http.Request { return request(http.MethodGet, target, "") }

func from(r *http.Request, remote string, headers ...string) *http.Request {
	r.RemoteAddr = remote
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}
