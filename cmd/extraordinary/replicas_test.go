package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/extraordinary/provisioning/adapters/servertest"
)

// production gives the settings of a Postgres and a Redis of t's own, as flags.
func production(t testing.TB) []string {
	t.Helper()
	return []string{
		"--database-url", servertest.Postgres(t).App,
		"--redis-url", servertest.Redis(t) + "?read_timeout=10s", // where tests share two cores, Redis itself waits for its turn
		"--secret-keys", "a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2U=",
	}
}

// balancer is a plain proxy: it sends each request to the next replica that says it is ready, and none twice.
type balancer struct {
	*httptest.Server
	mu       sync.Mutex
	replicas []*url.URL
	ready    []bool
	turn     int
}

func newBalancer(t testing.TB, replicas ...string) *balancer {
	t.Helper()
	b := &balancer{ready: make([]bool, len(replicas))}
	for _, replica := range replicas {
		at, err := url.Parse(replica)
		if err != nil {
			t.Fatal(err)
		}
		b.replicas = append(b.replicas, at)
	}
	b.Server = httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(b.next()) }})
	t.Cleanup(b.Close)
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	b.look()
	go func() {
		for {
			select {
			case <-over:
				return
			case <-time.After(20 * time.Millisecond):
				b.look()
			}
		}
	}()
	return b
}

// look asks each replica whether it is ready.
func (b *balancer) look() {
	for i, replica := range b.replicas {
		answer, err := http.Get(replica.String() + "/readyz")
		ready := err == nil && answer.StatusCode == http.StatusOK
		if err == nil {
			answer.Body.Close()
		}
		b.mu.Lock()
		b.ready[i] = ready
		b.mu.Unlock()
	}
}

func (b *balancer) next() *url.URL {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range b.replicas {
		b.turn = (b.turn + 1) % len(b.replicas)
		if b.ready[b.turn] {
			break
		}
	}
	return b.replicas[b.turn]
}

func TestNoRequestFailsWhileReplicasAreRestarted(t *testing.T) {
	t.Parallel()
	settings := production(t)
	serve := append([]string{"serve", "--shutdown-delay", "300ms", "--rate-limit", "0"}, settings...)
	addresses := [2]string{freeAddress(t), freeAddress(t)}
	var replicas [2]*process
	for i, address := range addresses {
		replicas[i] = start(t, address, serve...)
	}
	front := newBalancer(t, replicas[0].url, replicas[1].url)
	c := customer(t, settings, front.URL, "kereru")

	var done, failed atomic.Int64
	over := make(chan struct{})
	var clients sync.WaitGroup
	for n := range 4 {
		clients.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-over:
					return
				default:
				}
				name := fmt.Sprintf("person-%d-%d@kereru.example", n, i)
				status, answer, err := c.ask(http.MethodPost, "/Users", personNamed(name))
				if err != nil || status != http.StatusCreated {
					failed.Add(1)
					t.Errorf("POST: status %d, %v: %s", status, err, answer)
				}
				status, answer, err = c.ask(http.MethodGet, "/Users?filter="+url.QueryEscape(fmt.Sprintf("userName eq %q", name)), "")
				if err != nil || status != http.StatusOK || !strings.Contains(answer, `"totalResults":1`) {
					failed.Add(1)
					t.Errorf("GET: status %d, %v: %s", status, err, answer)
				}
				done.Add(2)
			}
		})
	}
	const restarts = 4
	for n := range restarts {
		old := replicas[n%2]
		if err := old.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := old.Wait(); err != nil {
			t.Fatalf("a replica does not end well: %v: %s", err, old.log)
		}
		replicas[n%2] = start(t, addresses[n%2], serve...)
		time.Sleep(100 * time.Millisecond) // for the proxy to notice, and some requests to both
	}
	close(over)
	clients.Wait()
	t.Logf("%d restarts, %d requests, %d failed", restarts, done.Load(), failed.Load())
	if done.Load() < 100 {
		t.Errorf("%d requests prove little", done.Load())
	}
}

// What one replica gave, the other takes; what one is told, the other obeys.
func TestReplicasAreOneService(t *testing.T) {
	t.Parallel()
	settings := production(t)
	serve := append([]string{"serve"}, settings...)
	one, two := start(t, freeAddress(t), serve...), start(t, freeAddress(t), serve...)
	c := customer(t, settings, one.url, "kereru")
	there := c
	there.credential = map[string]string{"tenant_url": two.url + "/scim/v2", "token_endpoint": two.url + "/oauth2/token"}

	status, made, err := c.ask(http.MethodPost, "/Users", personNamed("mia@kereru.example"))
	if err != nil || status != http.StatusCreated {
		t.Fatal(status, err, made)
	}
	var user struct {
		ID   string
		Meta struct{ Version string }
	}
	decode(t, made, &user)
	change := func(who client, version string) int {
		t.Helper()
		request, err := http.NewRequest(http.MethodPatch, who.credential["tenant_url"]+"/Users/"+user.ID, strings.NewReader(
			`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"Head"}]}`))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+who.token)
		request.Header.Set("Content-Type", "application/scim+json")
		request.Header.Set("If-Match", version)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	if got := change(there, user.Meta.Version); got != http.StatusOK {
		t.Errorf("a version of one replica on the other: status %d", got)
	}
	if got := change(c, user.Meta.Version); got != http.StatusPreconditionFailed {
		t.Errorf("a version that the other replica has changed: status %d", got)
	}
	if status, answer, err := there.ask(http.MethodPost, "/Users", personNamed("tom@kereru.example")); err != nil || status != http.StatusCreated {
		t.Fatal(status, err, answer)
	}
	var page struct{ NextCursor string }
	_, first, err := c.ask(http.MethodGet, "/Users?count=1&cursor", "")
	if decode(t, first, &page); err != nil || page.NextCursor == "" {
		t.Fatal(err, first)
	}
	if status, next, err := there.ask(http.MethodGet, "/Users?count=1&cursor="+page.NextCursor, ""); err != nil || status != http.StatusOK || !strings.Contains(next, "tom@kereru.example") {
		t.Errorf("a cursor of one replica on the other: status %d, %v: %s", status, err, next)
	}
	must(t, append([]string{"organisation", "suspend", "kereru"}, settings...)...)
	for _, who := range []client{c, there} {
		if status, _, _ := who.ask(http.MethodGet, "/Users", ""); status != http.StatusUnauthorized {
			t.Errorf("%s serves a suspended organisation: status %d", who.credential["tenant_url"], status)
		}
	}
}
