package oauthapi_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/mux"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/fositestore"
	"github.com/extraordinary/provisioning/adapters/oauthapi"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/application/credentials"
	"github.com/extraordinary/provisioning/application/organisations"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

const publicURL = "https://scim.example.com"

// world is the API over a real store, at a time that a test moves, with two organisations that know nothing of each
// other.
type world struct {
	http.Handler
	stores        *stores
	credentials   *credentials.Service
	organisations *organisations.Service
	limiter       ports.Limiter // nil: nothing is limited
	now           time.Time
	acme, other   organisation.ID
}

func open(t testing.TB) *world {
	t.Helper()
	w := &world{now: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "extraordinary.db"), sqlite.Options{Now: clock})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, store.Close()) })
	_, err = store.Migrator().Up(t.Context())
	require.NoError(t, err)
	w.stores = &stores{Store: store, Tokens: store.Tokens(), down: map[string]bool{}}
	var ids atomic.Int64
	newID := func() string { return fmt.Sprintf("0192f3a4-5b6c-7d8e-9fa0-%012x", ids.Add(1)) }
	keys, err := credential.NewKeys([][]byte{make([]byte, 32)})
	require.NoError(t, err)
	w.credentials = credentials.New(w.stores, w.stores, keys, rand.Reader, clock, newID).Limited(limits{w}, ports.PerSecond(1))
	w.organisations = organisations.New(w.stores, store.Registry(), w.stores, nil, clock, newID)
	w.acme, w.other = w.organisation(t, "acme"), w.organisation(t, "other")
	api := oauthapi.New(oauthapi.Options{PublicURL: publicURL, Credentials: w.credentials, Tokens: fositestore.New(w.credentials, rand.Reader)})
	router := mux.NewRouter()
	api.Register(router.PathPrefix(oauthapi.Prefix).Subrouter())
	api.RegisterMetadata(router.PathPrefix(oauthapi.WellKnownPrefix).Subrouter())
	w.Handler = router
	return w
}

// limits are those of a world.
type limits struct{ *world }

func (l limits) Take(ctx context.Context, b ports.Bucket, cost int, rate ports.Rate) (ports.Decision, error) {
	if l.limiter == nil {
		return ports.Decision{Allowed: true}, nil
	}
	return l.limiter.Take(ctx, b, cost, rate)
}

func (w *world) organisation(t testing.TB, slug string) organisation.ID {
	t.Helper()
	made, err := w.organisations.Create(t.Context(), organisations.NewOrganisation{Name: slug, Slug: slug, Owner: "ann@example.com"})
	require.NoError(t, err)
	return made.ID
}

func (w *world) credential(t testing.TB, org organisation.ID, name string) credentials.Issued {
	t.Helper()
	made, err := w.credentials.Create(t.Context(), org, name, credentials.DefaultYears, activity.Actor{Kind: activity.Operator})
	require.NoError(t, err)
	return made
}

// stores are real ones that a test can switch off, method by method, and that remember what they were asked.
type stores struct {
	ports.Store
	ports.Tokens
	mu    sync.Mutex
	down  map[string]bool
	asked []string
	slow  func() // happens during each call; may be nil
}

func (s *stores) ask(method string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, method)
	if s.slow != nil {
		s.slow()
	}
	if s.down[method] {
		return fault.Wrap(fault.Unavailable, errors.New("connection refused"))
	}
	return nil
}

// switchOff lets methods fail; with none, all work again.
func (s *stores) switchOff(methods ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down, s.asked = map[string]bool{}, nil
	for _, method := range methods {
		s.down[method] = true
	}
}

func (s *stores) askedFor(method string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.asked, method)
}

func (s *stores) View(ctx context.Context, org organisation.ID, fn func(context.Context, ports.Tx) error) error {
	if err := s.ask("View"); err != nil {
		return err
	}
	return s.Store.View(ctx, org, fn)
}

func (s *stores) Within(ctx context.Context, org organisation.ID, fn func(context.Context, ports.Tx) error) error {
	if err := s.ask("Within"); err != nil {
		return err
	}
	return s.Store.Within(ctx, org, fn)
}

func (s *stores) Put(ctx context.Context, d credential.Digest, token credential.Token) error {
	if err := s.ask("Put"); err != nil {
		return err
	}
	return s.Tokens.Put(ctx, d, token)
}

func (s *stores) Get(ctx context.Context, d credential.Digest, now time.Time) (credential.Token, error) {
	if err := s.ask("Get"); err != nil {
		return credential.Token{}, err
	}
	return s.Tokens.Get(ctx, d, now)
}

func (s *stores) Revoke(ctx context.Context, d credential.Digest) error {
	if err := s.ask("Revoke"); err != nil {
		return err
	}
	return s.Tokens.Revoke(ctx, d)
}

// ask is a request to be sent, to the token endpoint unless it says otherwise.
type ask struct {
	path    string
	form    url.Values
	raw     string // the body, instead of form
	basic   [2]string
	headers http.Header
	method  string
	from    string // address and port
}

func (w *world) send(t testing.TB, a ask) answer {
	t.Helper()
	if a.path == "" {
		a.path = oauthapi.TokenPath
	}
	if a.method == "" {
		a.method = http.MethodPost
	}
	if a.raw == "" {
		a.raw = a.form.Encode()
	}
	r := httptest.NewRequestWithContext(t.Context(), a.method, a.path, strings.NewReader(a.raw))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if a.basic[0] != "" {
		r.SetBasicAuth(a.basic[0], a.basic[1])
	}
	if a.from != "" {
		r.RemoteAddr = a.from
	}
	for name, values := range a.headers {
		r.Header[name] = values
	}
	recorder := httptest.NewRecorder()
	w.ServeHTTP(recorder, r)
	return read(t, recorder)
}

type answer struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

// read takes an answer apart, and checks what is true of every one.
func read(t testing.TB, recorder *httptest.ResponseRecorder) answer {
	t.Helper()
	a := answer{recorder.Code, recorder.Header(), recorder.Body.String(), map[string]any{}}
	require.NoError(t, json.Unmarshal(recorder.Body.Bytes(), &a.body), a.text)
	assert.Equal(t, "application/json;charset=UTF-8", a.header.Get("Content-Type"))
	assert.Equal(t, "no-store", a.header.Get("Cache-Control"))
	assert.Equal(t, "no-cache", a.header.Get("Pragma"))
	if a.status >= 400 {
		assert.Regexp(t, `^[ !#-\[\]-~]+$`, a.body["error_description"], "RFC 6749 §5.2")
	}
	if a.status == http.StatusUnauthorized {
		assert.Equal(t, `Basic realm="oauth2"`, a.header.Get("WWW-Authenticate"))
	}
	return a
}

// is checks status and error code.
func (a answer) is(t testing.TB, status int, code string) {
	t.Helper()
	assert.Equal(t, status, a.status, a.text)
	if code != "" {
		assert.Equal(t, code, a.body["error"], a.text)
		assert.NotContains(t, a.body, "access_token")
	}
}

func grantForm(more ...string) url.Values {
	form := url.Values{"grant_type": {"client_credentials"}}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// token fetches an access token as an honest client does.
func (w *world) token(t testing.TB, c credentials.Issued, more ...string) string {
	t.Helper()
	a := w.send(t, ask{form: grantForm(more...), basic: [2]string{c.ClientID, c.Secret}})
	require.Equal(t, http.StatusOK, a.status, a.text)
	return a.body["access_token"].(string)
}

// accepted tells whether the SCIM side would take a token.
func (w *world) accepted(t testing.TB, token string) bool {
	t.Helper()
	_, err := w.credentials.Authorise(t.Context(), token, credential.Read)
	if err != nil {
		require.ErrorIs(t, err, fault.Unauthorised)
	}
	return err == nil
}
