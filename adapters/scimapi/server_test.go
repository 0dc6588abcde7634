package scimapi_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/extraordinary/provisioning/adapters/fositestore"
	"github.com/extraordinary/provisioning/adapters/httpserver"
	"github.com/extraordinary/provisioning/adapters/localstore"
	"github.com/extraordinary/provisioning/adapters/oauthapi"
	"github.com/extraordinary/provisioning/adapters/redisstore"
	"github.com/extraordinary/provisioning/adapters/scimapi"
	"github.com/extraordinary/provisioning/adapters/servertest"
	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/postgres"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/application/credentials"
	"github.com/extraordinary/provisioning/application/organisations"
	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/ports"
)

// server is the whole service as cmd wires it, on a database of its own, behind a socket.
type server struct {
	base          string // the Tenant URL
	url           string // the public URL
	organisations *organisations.Service
	credentials   *credentials.Service
	store         ports.Store
	tokens        ports.Tokens
	ids           *atomic.Int64
	ahead         *atomic.Int64 // how far its clock is ahead of ours, in nanoseconds
	log           *logbook
	canaries      *canaries
}

// tenant is one organisation of a server, as its identity provider knows it.
type tenant struct {
	*server
	organisation     organisations.Created
	clientID, secret string
	token            string
}

func newServer(t *testing.T) *server {
	t.Helper()
	return newServerOn(t, embedded, direct)
}

func direct(store ports.Store) ports.Store { return store }

// stores are where a server keeps things.
type stores struct {
	database *sqlstore.Store
	tokens   ports.Tokens
	gate     ports.Gate
}

// noLimit is the rate of every organisation: a test is faster than Entra.
var noLimit ports.Rate

// embedded keeps everything in one SQLite file.
func embedded(t *testing.T, s *server, watch *telemetry.Telemetry) stores {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), sqlite.Options{Hook: watch.SQL(), Now: s.now})
	must(t, err)
	_, err = store.Migrator().Up(t.Context())
	must(t, err)
	return stores{store, store.Tokens(), localstore.NewGate(store.Tokens(), localstore.NewLimiter(s.now), noLimit)}
}

// production keeps tokens in Redis and the rest in Postgres, under row-level security.
func production(t *testing.T, s *server, watch *telemetry.Telemetry) stores {
	t.Helper()
	store, err := postgres.Open(t.Context(), servertest.Postgres(t).App, postgres.Options{Hook: watch.SQL(), Now: s.now})
	must(t, err)
	redis, err := redisstore.Open(servertest.Redis(t)+"?read_timeout=10s", redisstore.Options{Hook: watch.Redis, Now: s.now})
	must(t, err)
	t.Cleanup(func() { must(t, redis.Close()) })
	return stores{store, redis.Tokens(), redis.Gate(noLimit)}
}

// newServerOn is newServer on other stores, with between between the provisioning use cases and theirs.
func newServerOn(t *testing.T, open func(*testing.T, *server, *telemetry.Telemetry) stores, between func(ports.Store) ports.Store) *server {
	t.Helper()
	socket := httptest.NewUnstartedServer(nil)
	s := &server{
		url: "http://" + socket.Listener.Addr().String(),
		ids: new(atomic.Int64), ahead: new(atomic.Int64), log: new(logbook), canaries: newCanaries(),
	}
	s.base = s.url + scimapi.Prefix
	log := slog.New(telemetry.LogHandler(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})))

	watch, err := telemetry.Start(t.Context(), telemetry.Options{Log: log, Now: s.now, Env: unset})
	must(t, err)
	kept := open(t, s, watch)
	store := kept.database
	keys, err := credential.NewKeys([][]byte{bytes.Repeat([]byte("k"), 32)})
	must(t, err)

	registry := schema.Core()
	cursors, err := scim.NewCursors([][]byte{bytes.Repeat([]byte("k"), 32)})
	must(t, err)
	s.store, s.tokens = store, kept.tokens
	s.organisations = organisations.New(store, store.Registry(), kept.tokens, nil, s.now, s.newID)
	s.credentials = credentials.New(store, kept.tokens, keys, rand.Reader, s.now, s.newID).Behind(kept.gate)
	scim := scimapi.New(s.url, s.credentials, provisioning.New(between(store), registry, s.now, s.newID), registry, cursors, s.now)
	oauth := oauthapi.New(oauthapi.Options{PublicURL: s.url, Credentials: s.credentials, Tokens: fositestore.New(s.credentials, rand.Reader)})
	chain, err := httpserver.New(httpserver.Options{
		PublicURL: s.url, Telemetry: watch, Log: log, Now: s.now, Ready: store.Ping,
		Mounts: []httpserver.Mount{
			{Prefix: scimapi.Prefix, Register: scim.Register, Fail: scim.Fail, MaxBody: scimapi.MaxBody, Compress: true},
			{Prefix: oauthapi.Prefix, Register: oauth.Register, Fail: oauth.Fail, MaxBody: 8 << 10},
		},
	})
	must(t, err)
	socket.Config.Handler = chain.Handler()
	socket.Start()
	t.Cleanup(func() {
		socket.Close() // waits for the last line of the log
		silent(t, s)
		must(t, watch.Shutdown(context.WithoutCancel(t.Context())))
		must(t, store.Close())
	})
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func unset(string) (string, bool) { return "", false }

func (s *server) now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

// idPrefix begins the ids of a test.
const idPrefix = "0190a000-0000-7000-8000-"

// newID gives UUIDs in the order of their making, as those of version 7 are.
func (s *server) newID() string { return fmt.Sprintf(idPrefix+"%012x", s.ids.Add(1)) }

// newTenant takes an organisation in, makes it a credential, and fetches a token with that.
func (s *server) newTenant(t *testing.T) *tenant {
	t.Helper()
	slug := fmt.Sprintf("kereru-%d", s.ids.Add(1))
	made, err := s.organisations.Create(t.Context(), organisations.NewOrganisation{Name: slug, Slug: slug, Owner: "owner@kereru.nz"})
	must(t, err)
	issued, err := s.credentials.Create(t.Context(), made.ID, "Entra", 2, activity.Actor{Kind: activity.Operator})
	must(t, err)
	who := &tenant{server: s, organisation: made, clientID: issued.ClientID, secret: issued.Secret}
	who.token = who.fetchToken(t, "")
	return who
}

// fetchToken asks the token endpoint for a token of a scope.
func (w *tenant) fetchToken(t *testing.T, scope string) string {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {w.clientID}, "client_secret": {w.secret}}
	if scope != "" {
		form.Set("scope", scope)
	}
	heard, err := w.server.send(http.MethodPost, w.url+oauthapi.TokenPath, map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, []byte(form.Encode()))
	must(t, err)
	var granted struct {
		Token string `json:"access_token"`
	}
	must(t, json.Unmarshal(heard.body, &granted))
	if granted.Token == "" {
		t.Fatalf("no token: %s", heard.body)
	}
	w.canaries.secrets(w.secret, granted.Token)
	return granted.Token
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send asks below the Tenant URL, with the tenant's token unless headers say otherwise.
func (w *tenant) send(method, path string, headers map[string]string, body []byte) (answer, error) {
	all := map[string]string{"Authorization": "Bearer " + w.token}
	for name, value := range headers {
		all[name] = value
	}
	return w.server.send(method, w.base+path, all, body)
}

// send asks for any address. A header whose value is empty is not sent.
func (s *server) send(method, address string, headers map[string]string, body []byte) (answer, error) {
	request, err := http.NewRequest(method, address, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for name, value := range headers {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	return s.do(request, body)
}

func (s *server) do(request *http.Request, body []byte) (answer, error) {
	s.canaries.request(request, body)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, text}, err
}

// logbook is a log that many may write to.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logbook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logbook) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Split(strings.TrimSuffix(l.text.String(), "\n"), "\n")
}
