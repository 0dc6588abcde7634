package main

import (
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/adapters/portal"
	"github.com/extraordinary/provisioning/configs"
)

// The description names every address that is routed and no other, and of each the methods that it answers to.
func TestTheDescriptionIsTrueOfEveryRoute(t *testing.T) {
	t.Parallel()
	folder, address := t.TempDir(), freeAddress(t)
	server := start(t, address, "serve", "--data-dir", folder, "--rate-limit", "0")
	c := customer(t, in(folder), server.url, "kereru")
	var described struct {
		Paths map[string]map[string]any
	}
	decode(t, server.read(t, "/openapi.json"), &described)
	c.credential["tenant_url"] = server.url // ask takes whole paths from here on
	for path, methods := range described.Paths {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			status, _, err := c.ask(method, strings.NewReplacer("{id}", "0192f3a4-5b6c-7d8e-9fa0-ffffffffffff").Replace(path), "{}")
			if err != nil {
				t.Fatal(err)
			}
			_, says := methods[strings.ToLower(method)]
			if is := status != http.StatusMethodNotAllowed; is != says {
				t.Errorf("%s %s: status %d; that it is possible is described: %t", method, path, status, says)
			}
		}
	}
	routes := append(routed(t), "/livez", "/readyz", "/metrics")
	for path := range described.Paths {
		if !slices.Contains(routes, path) {
			t.Errorf("%s is described and not routed", path)
		}
	}
	for _, route := range routes {
		if described.Paths[route] == nil {
			t.Errorf("%s is routed and not described", route)
		}
	}
}

// routed lists the templates of all routes.
func routed(t *testing.T) (paths []string) {
	t.Helper()
	s := system{log: io.Discard, out: io.Discard, env: func(string) (string, bool) { return "", false }, now: time.Now, random: rand.Reader}
	services, err := s.services(t.Context(), configs.Config{DataDir: t.TempDir(), PublicURL: "http://localhost"}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer services.close()
	mounts, err := services.mounts(configs.Config{PublicURL: "http://localhost"}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mounts {
		if m.Prefix == portal.Prefix { // pages for people
			continue
		}
		router := mux.NewRouter()
		m.Register(router.PathPrefix(m.Prefix).Subrouter())
		err := router.Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
			path, err := route.GetPathTemplate()
			// A handler for all that is below a prefix is there to refuse it.
			if route.GetHandler() != nil && err == nil && !strings.HasSuffix(path, "/") {
				paths = append(paths, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return paths
}
