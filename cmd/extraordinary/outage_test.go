package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/extraordinary/provisioning/adapters/servertest"
)

// cell is what is asked during an outage, and what is answered.
type cell struct {
	what     string
	ask      question
	redis    int // the status while Redis is down
	postgres int // the status while Postgres is
}

// cells are the table. What only a store knows is 503 while it is down, and never 401, 404 or a success; what a store
// that is up knows to be the caller's fault is told.
func (h *house) cells() []cell {
	const ok, down, caller = http.StatusOK, http.StatusServiceUnavailable, http.StatusUnauthorized
	const nobody = "/Users/0190a0b0-0000-7000-8000-000000000000"
	granting := url.Values{"grant_type": {"client_credentials"}}
	return []cell{
		{"read people", h.read(h.client.token), down, down},
		{"read one who is not there", h.scim(http.MethodGet, nobody, h.client.token, ""), down, down},
		{"create somebody", h.create(), down, down},
		{"fetch a token", h.grant(), down, down},
		{"fetch a token with a wrong secret", h.oauth("token", "scs_wrong", granting), caller, down},
		{"revoke a token", h.revoke(h.client.token), down, down},
		{"introspect a token", h.introspect(h.client.token), down, down},
		{"read with an unknown token", h.read(h.unknown), down, caller},
		{"read with a revoked token", h.read(h.revoked), down, caller},
		{"read with what is no token", h.read("sat_garbage"), caller, caller},
		{"ask whether it lives", question{method: http.MethodGet, path: "/livez"}, ok, ok},
		{"ask whether it is ready", question{method: http.MethodGet, path: "/readyz"}, ok, ok},
	}
}

// says gives the words of our own fault in the protocol of a question.
func says(q question, status int) string {
	switch {
	case status != http.StatusServiceUnavailable:
		return ""
	case strings.HasPrefix(q.path, "/oauth2/"):
		return `"error":"temporarily_unavailable"`
	}
	return `"status":"503"`
}

func TestAStoreThatIsDownIsAnsweredAsOurFaultAndServiceIsBackByItself(t *testing.T) {
	t.Parallel()
	postgres, database := servertest.OwnPostgres(t)
	redis := servertest.OwnRedis(t)
	h := newHouse(t, 2, keptIn(database, redis.URL+patiently))
	ofRedis, ofPostgres := func(c cell) int { return c.redis }, func(c cell) int { return c.postgres }
	for _, down := range []struct {
		outage
		status func(cell) int
		most   time.Duration // that an answer may take
	}{
		{outage{"Redis is stopped", redis.Stop, redis.Start}, ofRedis, 5 * time.Second},
		{outage{"Redis is frozen", redis.Freeze, redis.Thaw}, ofRedis, 5 * time.Second},
		{outage{"Redis is killed", redis.Kill, redis.Start}, ofRedis, 5 * time.Second},
		{outage{"Postgres is stopped", postgres.Stop, postgres.Start}, ofPostgres, 12 * time.Second},
		{outage{"Postgres is frozen", postgres.Freeze, postgres.Thaw}, ofPostgres, 12 * time.Second},
		{outage{"Postgres is killed", postgres.Kill, postgres.Start}, ofPostgres, 12 * time.Second},
	} {
		t.Run(down.name, func(t *testing.T) { // one after the other, in one house
			h.warm(t)
			down.begin()
			cells := h.cells()
			replies := h.askAll(t, cells)
			for i, c := range cells {
				t.Run(c.what, func(t *testing.T) {
					for _, r := range replies[i] {
						checkReply(t, c.what, r, down.status(c), says(c.ask, down.status(c)))
						if r.took > down.most {
							t.Errorf("it took %v", r.took)
						}
					}
					t.Logf("%v and %v", replies[i][0].took, replies[i][1].took)
				})
			}
			down.end()
			for _, at := range h.replicas {
				t.Logf("back after %v", h.back(t, at).Round(time.Millisecond))
				h.expect(t, at, "afterwards, a revoked token", h.read(h.revoked), http.StatusUnauthorized, "")
				h.expect(t, at, "afterwards, an unknown token", h.read(h.unknown), http.StatusUnauthorized, "")
				h.expect(t, at, "afterwards, introspection", h.introspect(h.client.token), http.StatusOK, `"active":true`)
			}
		})
	}
}

// back waits until a replica serves again, without the least refusal that would be the caller's, and gives the time.
func (h *house) back(t *testing.T, at *replica) time.Duration {
	t.Helper()
	began := time.Now()
	for _, q := range []question{h.read(h.client.token), h.create(), h.grant()} {
		for {
			r := h.ask(t, at, q)
			if r.status == http.StatusOK || r.status == http.StatusCreated {
				break
			}
			if r.status != http.StatusServiceUnavailable {
				t.Fatalf("%s: status %d: %s", q.path, r.status, r.text)
			}
			if time.Since(began) > 2*time.Second {
				t.Errorf("%s is not served again", q.path)
				break
			}
		}
	}
	return time.Since(began)
}

func TestAFrozenRedisCostsRequestsLittleAndThenNextToNothing(t *testing.T) {
	t.Parallel()
	redis := servertest.OwnRedis(t)
	h := newHouse(t, 1, keptIn(servertest.Postgres(t), redis.URL))
	redis.Freeze()
	var took []time.Duration
	for range 200 {
		r := h.expect(t, h.replicas[0], "read people", h.read(h.client.token), http.StatusServiceUnavailable, `"status":"503"`)
		took = append(took, r.took)
	}
	first := slices.Clone(took[:5])
	slices.Sort(took)
	t.Logf("the first five took %v; of 200, half took less than %v and the longest %v", first, took[100], took[199])
	if took[199] > time.Second {
		t.Errorf("one took %v", took[199])
	}
	if took[100] > 20*time.Millisecond {
		t.Errorf("half took more than %v, with the breaker open", took[100])
	}
}

func TestATableThatIsLockedIsAnsweredAsOurFaultAndLeavesNothingHalfDone(t *testing.T) {
	t.Parallel()
	database := servertest.Postgres(t)
	settings := keptIn(database, servertest.Redis(t)+patiently)
	h := newHouse(t, 1, settings)
	link := parsed(t, must(t, append([]string{"organisation", "link", "kereru", "--email", "mia@kereru.example", "--output", "json", "--public-url", h.replicas[0].url}, settings...)...))["sign_in_url"]
	enter := question{method: http.MethodPost, path: strings.TrimPrefix(link, h.replicas[0].url), contentType: "application/x-www-form-urlencoded", body: "name=Mia&password=four+words+of+nobody"}
	db := openTables(t, "pgx", database.Superuser)
	for _, table := range []string{"users", "activity"} {
		lock, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := lock.ExecContext(t.Context(), "LOCK TABLE "+table); err != nil {
			t.Fatal(err)
		}
		r := h.expect(t, h.replicas[0], "create somebody", h.create(), http.StatusServiceUnavailable, `"status":"503"`)
		t.Logf("while %s is locked: %v", table, r.took.Round(time.Millisecond))
		if r.took > 4*time.Second {
			t.Errorf("it took %v", r.took)
		}
		if table == "activity" { // without the journal nobody does anything, neither in the portal nor by command line
			h.expect(t, h.replicas[0], "use a one-time link", enter, http.StatusServiceUnavailable, "We cannot reach our data")
			said := speak(t, append([]string{"credential", "create", "--organisation", "kereru", "--name", "Second"}, settings...)...)
			assert.NotZero(t, said.code, said.out)
		}
		if err := lock.Rollback(); err != nil {
			t.Fatal(err)
		}
		h.expect(t, h.replicas[0], "read people", h.read(h.client.token), http.StatusOK, `"totalResults":0`)
	}
	assert.NotContains(t, must(t, append([]string{"credential", "list", "--organisation", "kereru"}, settings...)...), "Second")
	h.expect(t, h.replicas[0], "use the link, which is there still", enter, http.StatusOK, "Sign in") // the cookie is not kept here
	h.expect(t, h.replicas[0], "use it again", enter, http.StatusGone, "It was used already.")
}
