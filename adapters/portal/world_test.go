package portal_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"hash/fnv"
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

	"github.com/extraordinary/provisioning/adapters/httpserver"
	"github.com/extraordinary/provisioning/adapters/portal"
	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/application/credentials"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
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

// world is the portal behind the whole server, over a store with two organisations. Who looks is told by the cookie: how
// sessions come about is another test's matter (package main tries it all together).
type world struct {
	t      *testing.T
	clock  *clock
	store  *sqlstore.Store
	server *httptest.Server
	portal *portal.Portal
	visits map[string]portal.Visit
	broken error // what every visit meets with, if anything
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: time.Date(2026, 11, 26, 14, 3, 0, 0, time.UTC)}, visits: map[string]portal.Visit{}}
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
		w.visits[name] = w.visitor(kereru, "Kererū Holdings", name, roles)
	}
	w.visits["stranger's lead"] = w.visitor(takahe, "Takahē Ltd", "other", access.Roles)
	w.portal, err = portal.New(w.options())
	require.NoError(t, err)
	w.serve()
	return w
}

func (w *world) visitor(org organisation.ID, organisation, name string, roles []access.Role) portal.Visit {
	return portal.Visit{
		Organisation: org, OrganisationName: organisation, Zone: time.UTC, MemberID: "0190a000-0000-7000-8000-" + hex.EncodeToString(fnv.New64a().Sum([]byte(name)))[:12],
		Name: "Mia Chen", Email: name + "@kereru.example", Roles: roles, Confirmed: w.clock.Now(), Ends: w.clock.Now().Add(30 * time.Minute),
	}
}

// options are what the portal is made of here.
func (w *world) options() portal.Options {
	keys, err := credential.NewKeys([][]byte{bytes.Repeat([]byte{7}, 32)})
	require.NoError(w.t, err)
	return portal.Options{
		PublicURL: "http://127.0.0.1", Now: w.clock.Now, Visit: w.visit,
		Confirm: func(_ context.Context, _ portal.Visit, _, shown string) error {
			if shown != password {
				return fault.New(fault.Unauthorised, "wrong")
			}
			return nil
		},
		MemberName:  func(context.Context, organisation.ID, string) (string, error) { return "Ana Roy", nil },
		TokenLife:   func(context.Context, organisation.ID) time.Duration { return time.Hour },
		Credentials: credentials.New(w.store, w.store.Tokens(), keys, rand.Reader, w.clock.Now, newID),
	}
}

var ids atomic.Int64

// newID gives identifiers in the order of their making.
func newID() string { return fmt.Sprintf("0190c000-0000-7000-8000-%012x", ids.Add(1)) }

// password is everybody's.
const password = "correct horse battery staple"

func (w *world) visit(_ context.Context, cookie string, _ bool) (portal.Visit, error) {
	if w.broken != nil {
		return portal.Visit{}, w.broken
	}
	name, err := url.PathUnescape(cookie)
	v, known := w.visits[name]
	if err != nil || !known {
		return portal.Visit{}, fault.Wrap(fault.Unauthorised, &portal.Ended{Reason: "idle"})
	}
	return v, nil
}

func (w *world) organisation(id organisation.ID, slug, name string) {
	w.t.Helper()
	o, err := organisation.New(id, slug, name, "owner@example.com", w.clock.Now())
	require.NoError(w.t, err)
	require.NoError(w.t, w.store.Within(w.t.Context(), id, func(ctx context.Context, tx ports.Tx) error { return tx.Organisation().Add(ctx, o) }))
}

func (w *world) serve() {
	w.t.Helper()
	log := slog.New(slog.DiscardHandler)
	watch, err := telemetry.Start(w.t.Context(), telemetry.Options{Version: "test", Log: log, Now: time.Now, Env: func(string) (string, bool) { return "", false }})
	require.NoError(w.t, err)
	server, err := httpserver.New(httpserver.Options{
		Telemetry: watch, Log: log, Now: time.Now, Ready: func(context.Context) error { return nil },
		Mounts: []httpserver.Mount{{Prefix: portal.Prefix, Register: w.portal.Register, Fail: w.portal.Fail, MaxBody: portal.MaxBody}},
	})
	require.NoError(w.t, err)
	w.server = httptest.NewServer(server.Handler())
	w.t.Cleanup(w.server.Close)
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
		r.AddCookie(&http.Cookie{Name: "sid", Value: url.PathEscape(who)})
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

func (w *world) get(who, path string) answer { return w.ask(who, http.MethodGet, path, nil) }

func (w *world) post(who, path string, form url.Values) answer {
	return w.ask(who, http.MethodPost, path, form)
}

// shows expects a page with the texts.
func (a answer) shows(t *testing.T, status int, texts ...string) {
	t.Helper()
	assert.Equal(t, status, a.StatusCode, a.body)
	for _, text := range texts {
		assert.Contains(t, a.body, text)
	}
}

// leads expects to be sent on.
func (a answer) leads(t *testing.T, path string) {
	t.Helper()
	assert.Equal(t, http.StatusSeeOther, a.StatusCode, a.body)
	assert.Equal(t, path, a.Header.Get("Location"))
}
