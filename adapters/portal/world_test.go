package portal_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
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

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/fositestore"
	"github.com/extraordinary/provisioning/adapters/httpserver"
	"github.com/extraordinary/provisioning/adapters/localstore"
	"github.com/extraordinary/provisioning/adapters/oauthapi"
	"github.com/extraordinary/provisioning/adapters/portal"
	"github.com/extraordinary/provisioning/adapters/scimapi"
	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/application/credentials"
	"github.com/extraordinary/provisioning/application/members"
	"github.com/extraordinary/provisioning/application/people"
	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/application/settings"
	"github.com/extraordinary/provisioning/application/signin"
	"github.com/extraordinary/provisioning/application/traffic"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/ports"
)

const (
	kereru organisation.ID = "0190a000-0000-7000-8000-00000000ac3e"
	takahe organisation.ID = "0190a000-0000-7000-8000-0000006c0bec"
)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is the portal behind the whole server, over a store with two organisations in which people of each role are signed
// in.
type world struct {
	t        testing.TB
	clock    *clock
	store    *sqlstore.Store
	server   *httptest.Server
	traffic  *traffic.Service
	recorder *traffic.Recorder
	people   *people.Service
	clients  *credentials.Service
	portal   *portal.Portal
	signin   *signin.Service
	cookies  map[string]string // of who is signed in, by what tests call them
	log      *written
	failing  atomic.Bool // the store of SCIM is down
	limited  atomic.Bool // the organisation has asked too much
	broken   error       // what every visit meets with, if anything
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: time.Date(2026, 11, 26, 14, 3, 0, 0, time.UTC)}, cookies: map[string]string{}}
	var err error
	w.store, err = sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "extraordinary.db"), sqlite.Options{Now: w.clock.Now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.store.Close()) })
	_, err = w.store.Migrator().Up(t.Context())
	require.NoError(t, err)
	w.organisation(kereru, "kereru", "Kererū Holdings")
	w.organisation(takahe, "takahe", "Takahē Ltd")
	for name, roles := range map[string][]access.Role{
		"lead": {access.Lead}, "manager": {access.Manager}, "accountant": {access.Accountant}, "owner": access.Roles, "nobody": nil,
	} {
		w.member(kereru, name, roles)
	}
	w.member(takahe, "stranger's lead", access.Roles)
	w.portal, err = portal.New(w.options())
	require.NoError(t, err)
	w.serve()
	return w
}

// member makes somebody who is signed in.
func (w *world) member(org organisation.ID, name string, roles []access.Role) {
	w.t.Helper()
	cookie, err := access.NewDoorKey(org, rand.Reader)
	require.NoError(w.t, err)
	_, digest, err := access.DoorKey(cookie)
	require.NoError(w.t, err)
	w.cookies[name] = cookie
	now := w.clock.Now()
	m := access.Restore(access.Snapshot{
		ID: newID(), Email: strings.ReplaceAll(name, "'s ", ".") + "@kereru.example", Name: "Mia Chen", Roles: roles, Password: made(password), Invited: now, Joined: now,
	})
	require.NoError(w.t, w.store.Within(w.t.Context(), org, func(ctx context.Context, tx ports.Tx) error {
		return errors.Join(tx.Staff().Add(ctx, m), tx.Sessions().Put(ctx, access.Session{Digest: digest, MemberID: m.ID(), Started: now, Seen: now, Confirmed: now, Browser: "Firefox on Windows"}))
	}))
}

// options are what the portal is made of here.
func (w *world) options() portal.Options {
	master := bytes.Repeat([]byte{7}, 32)
	keys, err := credential.NewKeys([][]byte{master})
	require.NoError(w.t, err)
	sealing, err := access.NewKeys([][]byte{master})
	require.NoError(w.t, err)
	const url = "http://127.0.0.1"
	w.signin = signin.New(signin.Options{
		Store: w.store, Doors: w.store.Doors(), Passwords: quick{}, Limiter: localstore.NewLimiter(w.clock.Now), Keys: sealing,
		PublicURL: url, Random: rand.Reader, Now: w.clock.Now, NewID: newID,
	})
	w.clients = credentials.New(w.store, w.store.Tokens(), keys, rand.Reader, w.clock.Now, newID)
	w.traffic = traffic.New(w.store, w.store.Tokens(), w.clock.Now, newID)
	w.recorder = traffic.NewRecorder(w.traffic)
	w.people = people.New(w.store, w.clock.Now, newID)
	visits := portal.Visits(w.signin)
	team := members.New(members.Options{Store: w.store, PublicURL: url, Random: rand.Reader, Now: w.clock.Now, NewID: newID})
	return portal.Options{
		PublicURL: url, Now: w.clock.Now,
		Visit: func(ctx context.Context, cookie string, touch bool) (portal.Visit, error) {
			if w.broken != nil {
				return portal.Visit{}, w.broken
			}
			return visits(ctx, cookie, touch)
		},
		Confirm: portal.Confirms(w.signin), MemberName: team.Name,
		Credentials: w.clients, Traffic: w.traffic,
		SignIn: w.signin, Members: team, Settings: settings.New(w.store, w.clock.Now, newID), People: w.people,
	}
}

// quick are passwords that take no time.
type quick struct{}

func made(password string) string { return "made of " + password }

func (quick) Make(_ context.Context, password string) (string, error) { return made(password), nil }

func (quick) Match(_ context.Context, kept, password string) (bool, error) {
	return kept == made(password), nil
}

var ids atomic.Int64

// newID gives identifiers in the order of their making.
func newID() string { return fmt.Sprintf("0190c000-0000-7000-8000-%012x", ids.Add(1)) }

// password is everybody's.
const password = "correct horse battery staple"

func (w *world) organisation(id organisation.ID, slug, name string) {
	w.t.Helper()
	o, err := organisation.New(id, slug, name, "owner@example.com", w.clock.Now())
	require.NoError(w.t, err)
	require.NoError(w.t, w.store.Within(w.t.Context(), id, func(ctx context.Context, tx ports.Tx) error { return tx.Organisation().Add(ctx, o) }))
}

func (w *world) serve() {
	w.t.Helper()
	w.log = &written{}
	log := slog.New(telemetry.LogHandler(slog.NewJSONHandler(w.log, nil)))
	watch, err := telemetry.Start(w.t.Context(), telemetry.Options{Version: "test", Log: log, Now: time.Now, Env: func(string) (string, bool) { return "", false }})
	require.NoError(w.t, err)
	registry := schema.Core()
	cursors, err := scim.NewCursors([][]byte{make([]byte, 32)})
	require.NoError(w.t, err)
	protocol := scimapi.New("http://127.0.0.1", w.clients.Behind(gate{w.store.Tokens(), &w.limited}), provisioning.New(failing{w.store, &w.failing}, registry, w.clock.Now, newID), registry, cursors, w.clock.Now).Recorded(w.recorder.SCIM)
	oauth := oauthapi.New(oauthapi.Options{
		PublicURL: "http://127.0.0.1", Credentials: w.clients, Tokens: fositestore.New(w.clients, rand.Reader), Now: w.clock.Now, Record: w.recorder.Token,
	})
	server, err := httpserver.New(httpserver.Options{
		Telemetry: watch, Log: log, Now: time.Now, Ready: func(context.Context) error { return nil },
		Mounts: []httpserver.Mount{
			{Prefix: portal.Prefix, Register: w.portal.Register, Fail: w.portal.Fail, MaxBody: portal.MaxBody},
			{Prefix: scimapi.Prefix, Register: protocol.Register, Fail: protocol.Fail, MaxBody: scimapi.MaxBody},
			{Prefix: oauthapi.Prefix, Register: oauth.Register, Fail: oauth.Fail, MaxBody: 8 << 10},
		},
	})
	require.NoError(w.t, err)
	w.server = httptest.NewServer(server.Handler())
	w.t.Cleanup(w.server.Close)
}

// failing is a store that is down while it is told to be.
type failing struct {
	ports.Store
	down *atomic.Bool
}

func (f failing) View(ctx context.Context, org organisation.ID, fn func(context.Context, ports.Tx) error) error {
	if f.down.Load() {
		return fault.Wrap(fault.Unavailable, errors.New("down"))
	}
	return f.Store.View(ctx, org, fn)
}

// gate lets nobody in while it is told to.
type gate struct {
	ports.Tokens
	closed *atomic.Bool
}

func (g gate) Admit(ctx context.Context, d credential.Digest, _ int, now time.Time) (credential.Token, ports.Decision, error) {
	t, err := g.Get(ctx, d, now)
	return t, ports.Decision{Allowed: !g.closed.Load(), Limit: 1, RetryAfter: time.Second}, err
}

// written is a log that is read afterwards.
type written struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *written) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *written) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// recorded writes down what was served so far.
func (w *world) recorded() {
	w.t.Helper()
	done, cancel := context.WithCancel(w.t.Context())
	cancel() // Run writes what is there and ends
	w.recorder.Run(done, func(err error) { w.t.Error(err) })
}

// answer is what came back.
type answer struct {
	*http.Response
	body string
}

// ask sends a request as the visitor of that name ("": a stranger), with a form if there is one, and follows no redirect.
func (w *world) ask(who, method, path string, form url.Values, change ...func(*http.Request)) answer {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.server.URL+path, strings.NewReader(form.Encode()))
	require.NoError(w.t, err)
	if method != http.MethodGet && method != http.MethodHead {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if who != "" {
		r.AddCookie(&http.Cookie{Name: "sid", Value: w.cookie(who)})
	}
	for _, c := range change {
		c(r)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	require.NoError(w.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(w.t, err)
	return answer{response, string(body)}
}

// cookie is that of who is called so; anybody else has one that opens nothing.
func (w *world) cookie(who string) string {
	if cookie, known := w.cookies[who]; known {
		return cookie
	}
	return "x"
}

func (w *world) get(who, path string) answer { return w.ask(who, http.MethodGet, path, nil) }

func (w *world) post(who, path string, form url.Values) answer {
	return w.ask(who, http.MethodPost, path, form)
}

// shows expects a page with the texts.
func (a answer) shows(t testing.TB, status int, texts ...string) {
	t.Helper()
	assert.Equal(t, status, a.StatusCode, a.body)
	for _, text := range texts {
		assert.Contains(t, a.body, text)
	}
}

// leads expects to be sent on.
func (a answer) leads(t testing.TB, path string) {
	t.Helper()
	assert.Equal(t, http.StatusSeeOther, a.StatusCode, a.body)
	assert.Equal(t, path, a.Header.Get("Location"))
}
