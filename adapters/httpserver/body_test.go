package httpserver_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/httpserver"
)

// unmeasured is a body whose length nobody knows before its end.
type unmeasured struct{ io.Reader }

func TestABodyOfUnknownLengthIsBoundedToo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for size, status := range map[int]int{8 << 10: http.StatusTeapot, 8<<10 + 1: http.StatusRequestEntityTooLarge} {
		r := request(http.MethodPost, "/oauth2/token", "")
		r.Body, r.ContentLength = io.NopCloser(unmeasured{strings.NewReader(strings.Repeat("x", size))}), -1
		assert.Equal(t, status, s.ask(r).Code)
	}
}

func TestAHandlerReadsTheWholeBodyAndNoMoreThanItsLimit(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 64 << 10, 64<<10 + 1, 1 << 20, 1<<20 + 1} {
		var read int
		var failure error
		s := newSite(t, with(func(_ http.ResponseWriter, r *http.Request) {
			var content []byte
			content, failure = io.ReadAll(r.Body)
			read = len(content)
		}))
		r := request(http.MethodPost, "/scim/v2/Users", "")
		r.Body, r.ContentLength = io.NopCloser(unmeasured{strings.NewReader(strings.Repeat("x", size))}), -1
		s.ask(r)
		assert.Equal(t, min(size, 1<<20), read)
		tooLarge := (*http.MaxBytesError)(nil)
		assert.Equal(t, size > 1<<20, errors.As(failure, &tooLarge), size)
	}
}

func TestWhoSendsSlowlyKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *httpserver.Options) { o.MaxInFlight = 1 })
	address, _, _ := s.serve(t)
	for range 20 {
		_, err := io.WriteString(dial(t, address), "POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\ngrant_type=")
		require.NoError(t, err)
	}
	response := raw(t, address, rawGet("/scim/v2/Users"))
	assert.Equal(t, http.StatusTeapot, response.status)
}

func TestAServerThatIsFullSaysSoAtOnce(t *testing.T) {
	t.Parallel()
	inside, leave := make(chan struct{}), make(chan struct{})
	s := newSite(t, func(o *httpserver.Options) { o.MaxInFlight = 1 }, with(func(http.ResponseWriter, *http.Request) {
		inside <- struct{}{}
		<-leave
	}))
	first := make(chan int)
	go func() { first <- s.ask(get("/scim/v2/Users")).Code }()
	<-inside
	w := s.ask(get("/scim/v2/Users"))
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Equal(t, "1", w.Header().Get("Retry-After"))
	assert.Equal(t, "unavailable", refusalOf(t, w.Body).Kind)
	assert.Equal(t, http.StatusOK, s.ask(get("/livez")).Code)
	close(leave)
	assert.Equal(t, http.StatusOK, <-first)
}

func TestAPlaceIsFreeAgainAfterEveryKindOfEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *httpserver.Options) { o.MaxInFlight = 1 }, with(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("panic") {
			panic("x")
		}
	}))
	for range 3 {
		assert.Equal(t, http.StatusInternalServerError, s.ask(get("/scim/v2/Users?panic")).Code)
		assert.Equal(t, http.StatusOK, s.ask(get("/scim/v2/Users")).Code)
		assert.Equal(t, http.StatusNotFound, s.ask(get("/scim/v2/nothing")).Code)
	}
}
