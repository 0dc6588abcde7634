package telemetry_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/domain/fault"
)

func TestAServerSpanTellsItsRouteAndWhoseItIs(t *testing.T) {
	t.Parallel()
	p, receiver := exporting(t)
	p.serve(func(w http.ResponseWriter, r *http.Request) {
		telemetry.Organisation(r.Context(), "org-1")
		telemetry.Credential(r.Context(), "client-1")
		telemetry.ResourceType(r.Context(), "User")
		telemetry.FilterShape(r.Context(), "userName eq ?")
		telemetry.Outcome(r.Context(), "found")
		w.WriteHeader(http.StatusNoContent)
	}, get("/scim/v2/Users/7"))

	spans := p.stop(t, receiver)
	require.Len(t, spans, 1)
	assert.Equal(t, "GET /scim/v2/Users/{id}", spans[0].Name)
	assert.Equal(t, "SPAN_KIND_SERVER", spans[0].Kind)
	assert.False(t, spans[0].Failed)
	assert.Equal(t, map[string]any{
		"http.request.method": "GET", "http.route": "/scim/v2/Users/{id}", "http.response.status_code": int64(204),
		"url.scheme": "http", "network.protocol.version": "1.1",
		"extraordinary.organisation.id": "org-1", "extraordinary.credential.id": "client-1",
		"extraordinary.scim.resource_type": "User", "extraordinary.scim.filter_shape": "userName eq ?", "extraordinary.outcome": "found",
	}, spans[0].Attributes)
	assert.Equal(t, "extraordinary", receiver.Resource()["service.name"])
	assert.Equal(t, "1.2.3", receiver.Resource()["service.version"])
}

func TestEveryAnswerHasASpanAndADuration(t *testing.T) {
	t.Parallel()
	boom := func(http.ResponseWriter, *http.Request) { panic("boom") }
	answer := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	for name, c := range map[string]struct {
		method, path  string
		handle        http.HandlerFunc
		span          string
		status        any
		failed        bool
		errorType     any
		metric        string
		handlerPanics bool
	}{
		"no such address": {
			method: "GET", path: "/nothing", span: "GET", status: int64(404),
			metric: `{http_request_method="GET",http_response_status_code="404",url_scheme="http"}`,
		},
		"no such method": {
			method: "DELETE", path: "/scim/v2/Users/7", span: "DELETE", status: int64(405),
			metric: `{http_request_method="DELETE",http_response_status_code="405",url_scheme="http"}`,
		},
		"an invented method": {
			method: "BREW", path: "/scim/v2/Users/7", span: "HTTP", status: int64(405),
			metric: `{http_request_method="_OTHER",http_response_status_code="405",url_scheme="http"}`,
		},
		"our own fault": {
			method: "GET", path: "/scim/v2/Users/7", handle: answer(503), span: "GET /scim/v2/Users/{id}", status: int64(503), failed: true, errorType: "503",
			metric: `{error_type="503",http_request_method="GET",http_response_status_code="503",http_route="/scim/v2/Users/{id}",url_scheme="http"}`,
		},
		"a caller's fault": {
			method: "GET", path: "/scim/v2/Users/7", handle: answer(400), span: "GET /scim/v2/Users/{id}", status: int64(400),
			metric: `{http_request_method="GET",http_response_status_code="400",http_route="/scim/v2/Users/{id}",url_scheme="http"}`,
		},
		"a handler that says nothing": {
			method: "GET", path: "/scim/v2/Users/7", handle: func(http.ResponseWriter, *http.Request) {}, span: "GET /scim/v2/Users/{id}", status: int64(200),
			metric: `{http_request_method="GET",http_response_status_code="200",http_route="/scim/v2/Users/{id}",url_scheme="http"}`,
		},
		"an informational answer before": {
			method: "GET", path: "/scim/v2/Users/7", handle: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(201) },
			span: "GET /scim/v2/Users/{id}", status: int64(201),
			metric: `{http_request_method="GET",http_response_status_code="201",http_route="/scim/v2/Users/{id}",url_scheme="http"}`,
		},
		"a panic that nobody caught": {
			method: "GET", path: "/scim/v2/Users/7", handle: boom, span: "GET /scim/v2/Users/{id}", failed: true, errorType: "aborted", handlerPanics: true,
			metric: `{error_type="aborted",http_request_method="GET",http_route="/scim/v2/Users/{id}",url_scheme="http"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, receiver := exporting(t)
			request := func() { p.serve(c.handle, httptest.NewRequest(c.method, c.path, nil)) }
			if c.handlerPanics {
				assert.Panics(t, request)
			} else {
				request()
			}
			assert.Equal(t, []string{"http_server_request_duration_seconds_count" + c.metric + " 1"},
				p.series(t, "http_server_request_duration_seconds_count"))
			active := p.series(t, "http_server_active_requests")
			assert.Len(t, active, 1)
			assert.True(t, strings.HasSuffix(active[0], " 0"), active)
			spans := p.stop(t, receiver)
			require.Len(t, spans, 1)
			assert.Equal(t, c.span, spans[0].Name)
			assert.Equal(t, c.status, spans[0].Attributes["http.response.status_code"])
			assert.Equal(t, c.failed, spans[0].Failed)
			assert.Equal(t, c.errorType, spans[0].Attributes["error.type"])
		})
	}
}

func TestAFaultOfOurOwnIsNamedByItsKind(t *testing.T) {
	t.Parallel()
	p, receiver := exporting(t)
	var facts telemetry.Facts
	p.serve(func(w http.ResponseWriter, r *http.Request) {
		telemetry.Failure(r.Context(), fmt.Errorf("read user: %w", fault.Wrap(fault.Unavailable, errors.New(canary))))
		telemetry.Failure(r.Context(), errors.New("a later one"))
		w.WriteHeader(http.StatusServiceUnavailable)
		facts = telemetry.FactsOf(r.Context())
	}, get("/scim/v2/Users/7"))
	assert.Equal(t, "unavailable", p.stop(t, receiver)[0].Attributes["error.type"])
	assert.Equal(t, "read user: unavailable: *errors.errorString", facts.Cause)
	assert.Equal(t, 503, facts.Status)
}

func TestTheCallersTraceIsContinuedButItsFlagIsNotObeyed(t *testing.T) {
	t.Parallel()
	const id, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	for flag, ratio := range map[string]string{"00": "1", "01": "0"} {
		p, receiver := exporting(t, "OTEL_TRACES_SAMPLER_ARG", ratio)
		req := get("/scim/v2/Users/7")
		req.Header.Set("Traceparent", "00-"+id+"-"+parent+"-"+flag)
		shown := ""
		p.serve(func(_ http.ResponseWriter, r *http.Request) { shown = telemetry.TraceID(r.Context()) }, req)
		assert.Equal(t, id, shown)
		spans := p.stop(t, receiver)
		if ratio == "0" {
			assert.Empty(t, spans)
			continue
		}
		require.Len(t, spans, 1)
		assert.Equal(t, id+parent, fmt.Sprintf("%x%x", spans[0].TraceID, spans[0].Parent))
	}
}

func TestARequestHasATraceIDThoughNothingIsExported(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	shown := ""
	p.serve(func(_ http.ResponseWriter, r *http.Request) { shown = telemetry.TraceID(r.Context()) }, get("/scim/v2/Users/7"))
	assert.Regexp(t, "^[0-9a-f]{32}$", shown)
	assert.Empty(t, telemetry.TraceID(t.Context()))
}

func TestTheWriterKeepsItsOtherAbilities(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	w := p.serve(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("half"))
		assert.NoError(t, http.NewResponseController(w).Flush())
		facts := telemetry.FactsOf(r.Context())
		assert.Equal(t, 200, facts.Status)
		assert.Equal(t, int64(4), facts.Bytes)
	}, get("/scim/v2/Users/7"))
	assert.True(t, w.Flushed)
}

func TestOrganisationsAreCountedByHowTheirRequestsEnded(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	for _, status := range []int{200, 201, 304, 404, 429, 500} {
		p.serve(func(w http.ResponseWriter, r *http.Request) {
			telemetry.Organisation(r.Context(), "org-1")
			w.WriteHeader(status)
		}, get("/scim/v2/Users/7"))
	}
	p.serve(func(http.ResponseWriter, *http.Request) {}, get("/scim/v2/Users/7"))
	assert.ElementsMatch(t, []string{
		`extraordinary_organisation_requests_total{organisation="org-1",outcome="client"} 1`,
		`extraordinary_organisation_requests_total{organisation="org-1",outcome="ok"} 3`,
		`extraordinary_organisation_requests_total{organisation="org-1",outcome="server"} 1`,
		`extraordinary_organisation_requests_total{organisation="org-1",outcome="throttled"} 1`,
	}, p.series(t, "extraordinary_organisation_requests_total"))
}

func TestSeriesAreBoundedWhateverTheNumberOfOrganisations(t *testing.T) {
	t.Parallel()
	const overflow = `extraordinary_organisation_requests_total{otel_metric_overflow="true"}`
	p := start(t, nil)
	var status int
	outcomes := map[int]bool{200: true, 404: true, 429: true, 503: true}
	handler := p.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		telemetry.Organisation(r.Context(), r.URL.Path)
		telemetry.Provisioning(r.Context())
		w.WriteHeader(status)
	}))
	serve := func(first, beyond int) {
		for id := first; id < beyond; id++ {
			handler.ServeHTTP(httptest.NewRecorder(), get("/"+strconv.Itoa(id)))
		}
	}
	before := strings.Count(p.exposition(t), "\n")
	for status = range outcomes {
		serve(0, 5_000)
	}
	assert.Len(t, p.series(t, "extraordinary_organisation_requests_total"), 20_000, "an outcome of each has a series of its own")
	assert.Len(t, p.series(t, "extraordinary_provisioning_last_success_timestamp_seconds"), 5_000)
	assert.Empty(t, p.series(t, overflow))
	assert.Less(t, strings.Count(p.exposition(t), "\n")-before, 25_100, "nothing but the organisations' own two metrics grows with them")

	serve(5_000, 5_500)
	assert.Len(t, p.series(t, "extraordinary_organisation_requests_total"), 20_001)
	assert.Len(t, p.series(t, overflow), 1)
}

// The time of an organisation's last success is what its lag is reckoned from.
func TestALastSuccessIsToldForSevenDays(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	running, err := telemetry.Start(t.Context(), telemetry.Options{Log: discard(), Now: func() time.Time { return now }, Env: lookup(nil)})
	require.NoError(t, err)
	p := process{Telemetry: running}
	ask := func(org string, status int, provisioning bool) {
		p.serve(func(w http.ResponseWriter, r *http.Request) {
			telemetry.Organisation(r.Context(), org)
			if provisioning {
				telemetry.Provisioning(r.Context())
			}
			w.WriteHeader(status)
		}, get("/scim/v2/Users/7"))
	}
	ask("org-1", 201, true)
	now = now.Add(time.Minute)
	ask("org-1", 404, true)
	ask("org-2", 200, false)
	const metric = "extraordinary_provisioning_last_success_timestamp_seconds"
	assert.Equal(t, []string{metric + `{organisation="org-1"} 1.8e+09`}, p.series(t, metric), "a refusal is no success, and the portal no provisioning")
	now = now.Add(7 * 24 * time.Hour)
	assert.Empty(t, p.series(t, metric))
}

func TestGrantsAndLimitsAreCounted(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	p.serve(func(_ http.ResponseWriter, r *http.Request) {
		telemetry.Grant(r.Context(), telemetry.BadClient)
		telemetry.LimitDecision(r.Context(), "organisation", "local", false)
		telemetry.LimitDecision(r.Context(), "organisation", "local", true)
		assert.Equal(t, "bad_client", telemetry.FactsOf(r.Context()).Outcome)
	}, get("/scim/v2/Users/7"))
	grants := p.series(t, "extraordinary_token_grants_total")
	assert.Contains(t, grants, `extraordinary_token_grants_total{outcome="bad_client"} 1`)
	assert.Contains(t, grants, `extraordinary_token_grants_total{outcome="granted"} 0`, "a share of nothing can be reckoned")
	assert.Len(t, grants, 8)
	assert.ElementsMatch(t, []string{
		`extraordinary_ratelimit_decisions_total{backend="local",bucket="organisation",decision="allowed"} 1`,
		`extraordinary_ratelimit_decisions_total{backend="local",bucket="organisation",decision="refused"} 1`,
	}, p.series(t, "extraordinary_ratelimit_decisions_total"))
}

func TestMetricsSayWhichVersionRuns(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	origin := p.series(t, "target_info")
	require.Len(t, origin, 1)
	assert.Contains(t, origin[0], `service_version="1.2.3"`)
	assert.Len(t, p.series(t, "go_goroutines"), 1)
}

func TestOutsideARequestNothingHappens(t *testing.T) {
	t.Parallel()
	telemetry.Organisation(t.Context(), "org-1")
	telemetry.Failure(t.Context(), errors.New("x"))
	telemetry.Grant(t.Context(), telemetry.Granted)
	telemetry.LimitDecision(t.Context(), "client", "redis", true)
	assert.Empty(t, telemetry.FactsOf(t.Context()))
}
