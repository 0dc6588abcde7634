package httpserver_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/httpserver"
)

func TestAPortInUseIsOneLineThatSaysWhatToDo(t *testing.T) {
	t.Parallel()
	first := newSite(t)
	address, _, _ := first.serve(t)
	taken := newSite(t, func(o *httpserver.Options) { o.Address = address })
	require.EqualError(t, taken.Listen(t.Context()), address+" is in use; stop the other process or choose another address with --listen")
	beside := newSite(t, func(o *httpserver.Options) { o.MetricsAddress = address })
	require.EqualError(t, beside.Listen(t.Context()), address+" is in use; stop the other process or choose another address with --metrics-listen")
	nowhere := newSite(t, func(o *httpserver.Options) { o.Address = "192.0.2.1:8080" })
	require.ErrorContains(t, nowhere.Listen(t.Context()), "choose another address with --listen")
}

func TestWhoDawdlesOverTheHeaderIsCutOff(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address, _, _ := s.serve(t)
	conn := dial(t, address)
	_, err := io.WriteString(conn, "GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	require.NoError(t, err)
	began := time.Now()
	_, _ = io.ReadAll(conn) // the test waits as long as the server does
	assert.InDelta(t, 5, time.Since(began).Seconds(), 2)
}

func TestAHeaderThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address, _, _ := s.serve(t)
	for size, want := range map[int]int{12 << 10: http.StatusTeapot, 24 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		response := raw(t, address, "GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\nX-Large: "+strings.Repeat("x", size)+"\r\n\r\n")
		assert.Equal(t, want, response.status)
	}
}

func TestOptionsOfEverythingIsOursToAnswer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address, _, _ := s.serve(t)
	response := raw(t, address, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")
	assert.Equal(t, http.StatusBadRequest, response.status)
	assertHardened(t, response.header, "OPTIONS *")
}

func TestStoppingLosesNoRequest(t *testing.T) {
	t.Parallel()
	inside, leave := make(chan struct{}), make(chan struct{})
	s := newSite(t, func(o *httpserver.Options) { o.ShutdownDelay = 300 * time.Millisecond }, with(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("slow") {
			inside <- struct{}{}
			<-leave
			assert.NoError(t, r.Context().Err(), "the request was cancelled though it could have ended")
		}
		reached(w, r)
	}))
	address, stop, ended := s.serve(t)
	idle := dial(t, address) // a connection that a proxy keeps for later
	assert.Equal(t, http.StatusTeapot, exchange(t, idle, rawGet("/scim/v2/Users")).status)
	slow := make(chan int, 1)
	go func() { slow <- exchange(t, dial(t, address), rawGet("/scim/v2/Users?slow")).status }()
	<-inside

	stop()
	require.Eventually(t, func() bool {
		return exchange(t, dial(t, address), rawGet("/readyz")).status == http.StatusServiceUnavailable
	},
		time.Second, time.Millisecond, "it stays ready while it stops")
	late := exchange(t, idle, rawGet("/scim/v2/Users"))
	assert.Equal(t, http.StatusTeapot, late.status, "requests that still come are served")
	assert.True(t, late.closes, "and asked to go elsewhere next")
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	}, 5*time.Second, 5*time.Millisecond, "the listener is still open")
	select {
	case err := <-ended:
		t.Fatalf("the server ended before its last request: %v", err)
	default:
	}
	close(leave)
	assert.Equal(t, http.StatusTeapot, <-slow)
	require.NoError(t, <-ended)
}
