package httpserver_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/httpserver"
)

func TestLivenessIsThatOfTheProcessAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *httpserver.Options) { o.Ready = func(context.Context) error { return errors.New("no") } })
	w := s.ask(get("/livez"))
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, "alive\n", w.Body.String())
	assertHardened(t, w.Header(), "livez")
	post := s.ask(request(http.MethodPost, "/livez", ""))
	assert.Equal(t, http.StatusMethodNotAllowed, post.Code)
	assert.Equal(t, "GET, HEAD", post.Header().Get("Allow"))
}

func TestReadinessFollowsWhatItIsToldAndTheLogTellsOfChangesAlone(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	s := newSite(t, func(o *httpserver.Options) {
		o.Ready = func(ctx context.Context) error {
			_, hurried := ctx.Deadline()
			assert.True(t, hurried)
			if broken.Load() {
				return errors.New(canary)
			}
			return nil
		}
	})
	ready := func() int { return s.ask(get("/readyz")).Code }
	assert.Equal(t, http.StatusOK, ready())
	broken.Store(true)
	assert.Equal(t, http.StatusServiceUnavailable, ready())
	assert.Equal(t, http.StatusServiceUnavailable, ready())
	broken.Store(false)
	assert.Equal(t, http.StatusOK, ready())
	assert.Equal(t, 1, strings.Count(s.log.String(), "not ready"))
	assert.Equal(t, 1, strings.Count(s.log.String(), "ready again"))
	assert.NotContains(t, s.log.String(), "canary")
}

func TestMetricsAreForThisMachineAlone(t *testing.T) {
	t.Parallel()
	trust := func(o *httpserver.Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} }
	for name, c := range map[string]struct {
		r      *http.Request
		change func(*httpserver.Options)
		status int
	}{
		"a neighbour":                       {from(get("/metrics"), "127.0.0.1:5"), nil, 200},
		"a neighbour by version 6":          {from(get("/metrics"), "[::1]:5"), nil, 200},
		"a stranger":                        {from(get("/metrics"), "192.0.2.1:5"), nil, 404},
		"a stranger through a proxy":        {from(get("/metrics"), "127.0.0.1:5", "X-Forwarded-For", "192.0.2.1"), trust, 404},
		"a stranger who claims a neighbour": {from(get("/metrics"), "192.0.2.1:5", "X-Forwarded-For", "127.0.0.1"), trust, 404},
		"through a proxy nobody told us of": {from(get("/metrics"), "127.0.0.1:5", "X-Real-IP", "127.0.0.1"), nil, 404},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			if c.change != nil {
				s = newSite(t, c.change)
			}
			assert.Equal(t, c.status, s.ask(c.r).Code)
		})
	}
}

func TestMetricsMayHaveAListenerOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *httpserver.Options) { o.MetricsAddress = "127.0.0.1:0" })
	public, stop, ended := s.serve(t)
	for url, want := range map[string]int{
		"http://" + s.MetricsAddress() + "/metrics":       200,
		"http://" + s.MetricsAddress() + "/scim/v2/Users": 404,
		"http://" + public + "/metrics":                   404,
	} {
		response, err := http.Get(url)
		require.NoError(t, err)
		_, _ = io.Copy(io.Discard, response.Body)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, want, response.StatusCode, url)
		assertHardened(t, response.Header, url)
	}
	stop()
	require.NoError(t, <-ended)
}
