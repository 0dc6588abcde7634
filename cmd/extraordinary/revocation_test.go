package main

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/extraordinary/provisioning/adapters/servertest"
)

func TestARevocationThatCouldNotBeDoneIsNotPromisedAndCanBeRepeated(t *testing.T) {
	t.Parallel()
	redis := servertest.OwnRedis(t)
	h := newHouse(t, 2, keptIn(servertest.Postgres(t), redis.URL+patiently))
	one, two := h.replicas[0], h.replicas[1]
	redis.Kill()
	h.expect(t, one, "revoke", h.revoke(h.client.token), http.StatusServiceUnavailable, "temporarily_unavailable")
	redis.Start()
	h.back(t, one)
	h.back(t, two)
	h.expect(t, one, "revoke again", h.revoke(h.client.token), http.StatusOK, "{}")
	h.expect(t, two, "read on the other replica", h.read(h.client.token), http.StatusUnauthorized, "")
}

func TestWhatOneReplicaRevokesTheOthersRefuseOnTheNextRequest(t *testing.T) {
	t.Parallel()
	settings := production(t)
	h := newHouse(t, 2, settings)
	one, two := h.replicas[0], h.replicas[1]
	others := customer(t, settings, one.url, "weka")
	for range 25 {
		for _, to := range [][2]*replica{{one, two}, {two, one}} {
			token := h.client.fetchToken(t)
			h.expect(t, to[1], "before", h.read(token), http.StatusOK, "")
			h.expect(t, to[0], "revoke", h.revoke(token), http.StatusOK, "{}")
			h.expect(t, to[1], "after", h.read(token), http.StatusUnauthorized, "")
		}
	}
	tokens := []string{h.client.fetchToken(t), h.client.fetchToken(t)}
	everywhere := func(what string, status int) {
		t.Helper()
		for _, at := range h.replicas {
			for i, token := range tokens {
				h.expect(t, at, fmt.Sprintf("%s, token %d", what, i), h.read(token), status, "")
			}
			h.expect(t, at, what+", another organisation", h.read(others.token), http.StatusOK, "")
		}
	}
	everywhere("before", http.StatusOK)
	must(t, append([]string{"organisation", "suspend", "kereru"}, settings...)...)
	everywhere("suspended", http.StatusUnauthorized)
	must(t, append([]string{"organisation", "resume", "kereru"}, settings...)...)
	everywhere("resumed", http.StatusOK)
	of := []string{"--organisation", "kereru", "--client-id", h.client.credential["client_id"]}
	must(t, slices.Concat([]string{"credential", "revoke"}, of, settings)...)
	everywhere("with a revoked credential", http.StatusUnauthorized)
	h.expect(t, two, "fetch a token with a revoked credential", h.grant(), http.StatusUnauthorized, "invalid_client")
}
