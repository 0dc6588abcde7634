package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/telemetry/telemetrytest"
	"github.com/extraordinary/provisioning/application/organisations"
	"github.com/extraordinary/provisioning/configs"
	"github.com/extraordinary/provisioning/domain/activity"
)

// BenchmarkTracing tells what tracing costs a whole request, through all handlers to SQLite in this process. What each
// setting adds is a median of differences: the four are asked in turn, so that whatever else the machine does hits all alike.
//
//	go test ./cmd/extraordinary -run '^$' -bench Tracing/allocations -benchtime 3000x -count 3
//	go test ./cmd/extraordinary -run '^$' -bench Tracing/time -benchtime 1x -count 3
func BenchmarkTracing(b *testing.B) {
	gone := httptest.NewServer(nil)
	gone.Close()
	settings := []struct{ name, collector, ratio string }{
		{"off", "", ""},
		{"1%", telemetrytest.NewReceiver(b).URL, "0.01"},
		{"100%", telemetrytest.NewReceiver(b).URL, "1"},
		{"dead", gone.URL, "1"},
	}
	for name, ask := range map[string]func(asker){
		"match": func(a asker) {
			a.ask(b, http.MethodGet, "/Users?filter="+url.QueryEscape(`userName eq "nobody"`), "")
		},
		"create": func(a asker) {
			a.ask(b, http.MethodPost, "/Users", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"%s@x.example"}`, rand.Text()))
		},
	} {
		for _, c := range settings {
			b.Run("allocations/"+name+"/"+c.name, func(b *testing.B) {
				a := watched(b, c.collector, c.ratio)
				b.ReportAllocs()
				for b.Loop() {
					ask(a)
				}
			})
		}
		b.Run("time/"+name, func(b *testing.B) {
			var askers []asker
			for _, c := range settings {
				askers = append(askers, watched(b, c.collector, c.ratio))
			}
			more := make([][]time.Duration, len(askers))
			for b.Loop() {
				for n := range 4000 {
					took := make([]time.Duration, len(askers))
					for i := range askers { // another one begins each time
						at := (n + i) % len(askers)
						took[at] = timed(func() { ask(askers[at]) })
					}
					for i := range askers {
						more[i] = append(more[i], took[i]-took[0])
					}
				}
			}
			for i, c := range settings[1:] {
				b.ReportMetric(float64(median(more[i+1]))/1000, c.name+"-µs-more")
			}
		})
	}
}

// watched is the program in this process, which traces a share of its requests to a collector; "" for none.
func watched(b *testing.B, collector, ratio string) asker {
	b.Helper()
	env := map[string]string{}
	if collector != "" {
		env = map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector, "OTEL_TRACES_SAMPLER_ARG": ratio}
	}
	log := slog.New(slog.DiscardHandler)
	s := system{log: io.Discard, out: io.Discard, now: time.Now, random: rand.Reader, env: func(name string) (string, bool) {
		value, set := env[name]
		return value, set
	}}
	watch, err := s.watch(b.Context(), log)
	require.NoError(b, err)
	config := configs.Config{DataDir: b.TempDir(), PublicURL: "http://localhost"}
	services, err := s.services(b.Context(), config, watch, log)
	require.NoError(b, err)
	ctx, stop := context.WithCancel(context.WithoutCancel(b.Context()))
	done := make(chan struct{})
	go func() { services.recorder.Run(ctx, func(err error) { b.Error(err) }); close(done) }()
	b.Cleanup(func() {
		stop()
		<-done
		soon, cancel := context.WithTimeout(context.WithoutCancel(b.Context()), time.Second)
		defer cancel()
		_ = watch.Shutdown(soon) // the dead collector takes nothing
		_ = services.close()
	})
	server, err := services.server(config, watch, log, time.Now)
	require.NoError(b, err)
	return admitted(b, services, server.Handler())
}

// admitted makes an organisation, and a client of it that has its token.
func admitted(b *testing.B, services *services, handler http.Handler) asker {
	b.Helper()
	made, err := services.organisations.Create(b.Context(), organisations.NewOrganisation{Name: "Acme", Slug: "acme", Owner: "ann@example.com"})
	require.NoError(b, err)
	issued, err := services.credentials.Create(b.Context(), made.ID, "Entra", 1, activity.Actor{Kind: activity.Operator})
	require.NoError(b, err)
	w := httptest.NewRecorder()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {issued.ClientID}, "client_secret": {issued.Secret}}
	r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/oauth2/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	handler.ServeHTTP(w, r)
	var granted struct {
		Token string `json:"access_token"`
	}
	require.NoError(b, json.Unmarshal(w.Body.Bytes(), &granted), w.Body.String())
	return asker{handler, granted.Token}
}
