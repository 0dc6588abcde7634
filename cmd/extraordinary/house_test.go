package main

import (
	"crypto/rand"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/extraordinary/provisioning/domain/credential"
)

// house is replicas on the same stores, with an organisation that has a client.
type house struct {
	replicas []*replica
	client   client
	revoked  string // a token
	unknown  string // a token that none of ours is
	http     http.Client
}

func newHouse(t *testing.T, replicas int, settings []string) *house {
	t.Helper()
	h := &house{}
	h.http.Timeout = 20 * time.Second
	for range replicas {
		h.replicas = append(h.replicas, startReplica(t, settings))
	}
	h.client = customer(t, settings, h.replicas[0].url, "kereru")
	h.revoked = h.client.fetchToken(t)
	h.expect(t, h.replicas[0], "revoke a token", h.revoke(h.revoked), http.StatusOK, "{}")
	var err error
	if h.unknown, err = credential.NewToken(rand.Reader); err != nil {
		t.Fatal(err)
	}
	return h
}

// question is one request that a replica is sent.
type question struct {
	method, path, contentType, authorization, body string
	match                                          string // If-Match, if there is to be one
}

func (h *house) scim(method, path, token, body string) question {
	return question{method: method, path: "/scim/v2" + path, contentType: "application/scim+json", authorization: "Bearer " + token, body: body}
}

func (h *house) read(token string) question { return h.scim(http.MethodGet, "/Users", token, "") }

func (h *house) create() question {
	return h.scim(http.MethodPost, "/Users", h.client.token, personNamed(rand.Text()+"@kereru.example"))
}

func (h *house) oauth(path, secret string, form url.Values) question {
	form.Set("client_id", h.client.credential["client_id"])
	form.Set("client_secret", secret)
	return question{method: http.MethodPost, path: "/oauth2/" + path, contentType: "application/x-www-form-urlencoded", body: form.Encode()}
}

func (h *house) grant() question {
	return h.oauth("token", h.client.credential["client_secret"], url.Values{"grant_type": {"client_credentials"}})
}

func (h *house) revoke(token string) question {
	return h.oauth("revoke", h.client.credential["client_secret"], url.Values{"token": {token}})
}

func (h *house) introspect(token string) question {
	return h.oauth("introspect", h.client.credential["client_secret"], url.Values{"token": {token}})
}

// reply is what came of a question.
type reply struct {
	status int
	header http.Header
	text   string
	took   time.Duration
}

func (h *house) ask(t *testing.T, at *replica, q question) reply {
	t.Helper()
	r, err := h.send(at, q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (h *house) send(at *replica, q question) (r reply, err error) {
	request, err := http.NewRequest(q.method, at.url+q.path, strings.NewReader(q.body))
	if err != nil {
		return r, err
	}
	request.Header.Set("Content-Type", q.contentType)
	request.Header.Set("Sec-Fetch-Site", "same-origin") // which the portal asks of forms
	if q.authorization != "" {
		request.Header.Set("Authorization", q.authorization)
	}
	if q.match != "" {
		request.Header.Set("If-Match", q.match)
	}
	began := time.Now()
	answer, err := h.http.Do(request)
	if err != nil {
		return r, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return reply{answer.StatusCode, answer.Header, string(text), time.Since(began)}, err
}

// askAll asks every replica all questions at the same time.
func (h *house) askAll(t *testing.T, cells []cell) [][]reply {
	t.Helper()
	replies := make([][]reply, len(cells))
	var wait sync.WaitGroup
	for i, c := range cells {
		replies[i] = make([]reply, len(h.replicas))
		for j, at := range h.replicas {
			wait.Go(func() {
				var err error
				if replies[i][j], err = h.send(at, c.ask); err != nil {
					t.Errorf("%s: %v", c.what, err)
				}
			})
		}
	}
	wait.Wait()
	return replies
}

// warm makes each replica hold many connections to its stores.
func (h *house) warm(t *testing.T) {
	t.Helper()
	var many []cell
	for range 50 {
		many = append(many, cell{what: "read", ask: h.read(h.client.token)})
	}
	h.askAll(t, many)
}

// expect asks, and wants a status and words in the answer.
func (h *house) expect(t *testing.T, at *replica, what string, q question, status int, says string) reply {
	t.Helper()
	r := h.ask(t, at, q)
	checkReply(t, what, r, status, says)
	return r
}

func checkReply(t *testing.T, what string, r reply, status int, says string) {
	t.Helper()
	if r.status != status || !strings.Contains(r.text, says) {
		t.Errorf("%s: status %d, expected %d with %q: %s", what, r.status, status, says, r.text)
	}
	if r.status == http.StatusServiceUnavailable && r.header.Get("Retry-After") == "" {
		t.Errorf("%s: it does not tell when to come again", what)
	}
}
