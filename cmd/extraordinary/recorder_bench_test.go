package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/httpserver"
	"github.com/extraordinary/provisioning/adapters/scimapi"
	"github.com/extraordinary/provisioning/configs"
)

// BenchmarkRecorder asks the same of a server that writes the provisioning log and of one that does not, in turn, and
// reports the ratios of their median times: a request must not wait for the log.
//
//	go test ./cmd/extraordinary -run '^$' -bench Recorder -benchtime 1x
func BenchmarkRecorder(b *testing.B) {
	recorded, bare := benched(b, true), benched(b, false)
	for b.Loop() {
		for _, c := range []struct {
			name string
			ask  func(asker, int)
		}{
			{"match", func(a asker, _ int) {
				a.ask(b, http.MethodGet, "/Users?filter="+url.QueryEscape(`userName eq "nobody"`), "")
			}},
			{"create", func(a asker, n int) {
				a.ask(b, http.MethodPost, "/Users", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"p%d@x.example","externalId":"%d"}`, n, n))
			}},
		} {
			with, without := []time.Duration{}, []time.Duration{}
			for n := range 1500 {
				with, without = append(with, timed(func() { c.ask(recorded, n) })), append(without, timed(func() { c.ask(bare, n) }))
			}
			b.ReportMetric(float64(median(with))/float64(median(without)), c.name+"-ratio")
			b.ReportMetric(float64(at(with, 99))/float64(at(without, 99)), c.name+"-p99-ratio")
		}
	}
	b.ReportMetric(0, "ns/op")
}

func timed(do func()) time.Duration {
	began := time.Now()
	do()
	return time.Since(began)
}

func median(all []time.Duration) time.Duration { return at(all, 50) }

func at(all []time.Duration, percent int) time.Duration {
	slices.Sort(all)
	return all[len(all)*percent/100]
}

// asker is a client of a server in this process.
type asker struct {
	handler http.Handler
	token   string
}

func (a asker) ask(b *testing.B, method, path, body string) {
	b.Helper()
	r := httptest.NewRequestWithContext(b.Context(), method, scimapi.Prefix+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+a.token)
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	if w.Code >= 300 {
		b.Fatal(w.Code, w.Body)
	}
}

// benched is a server on a store of its own, which writes the log or does not.
func benched(b *testing.B, recorded bool) asker {
	b.Helper()
	s := system{log: io.Discard, out: io.Discard, env: func(string) (string, bool) { return "", false }, now: time.Now, random: rand.Reader}
	config := configs.Config{DataDir: b.TempDir(), PublicURL: "http://localhost"}
	services, err := s.services(b.Context(), config, nil, slog.New(slog.DiscardHandler))
	require.NoError(b, err)
	b.Cleanup(func() { _ = services.close() })
	mounts, err := services.mounts(config, time.Now)
	require.NoError(b, err)
	if recorded {
		ctx, stop := context.WithCancel(context.WithoutCancel(b.Context()))
		done := make(chan struct{})
		go func() { services.recorder.Run(ctx, func(err error) { b.Error(err) }); close(done) }()
		b.Cleanup(func() { stop(); <-done })
	} else {
		plain := scimapi.New(config.PublicURL, services.credentials, services.provisioning, services.registry, services.cursors, time.Now)
		mounts[0].Register = plain.Register
	}
	watch, err := s.watch(b.Context(), slog.New(slog.DiscardHandler))
	require.NoError(b, err)
	server, err := httpserver.New(httpserver.Options{Telemetry: watch, Log: slog.New(slog.DiscardHandler), Now: time.Now, Ready: ready, Mounts: mounts})
	require.NoError(b, err)
	return admitted(b, services, server.Handler())
}
