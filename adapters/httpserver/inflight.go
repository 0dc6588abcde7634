package httpserver

import (
	"net/http"

	"github.com/extraordinary/provisioning/domain/fault"
)

// limitInFlight serves at most so many requests at once and sends the rest away: an overloaded server that queues is
// slow for everybody and then dead.
func limitInFlight(mounts mounts, most int, next http.Handler) http.Handler {
	places := make(chan struct{}, most)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
			next.ServeHTTP(w, r)
		default:
			w.Header().Set("Retry-After", "1")
			mounts.fail(w, r, fault.New(fault.Unavailable, "the server is busy; send the request again"))
		}
	})
}
