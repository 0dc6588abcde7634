package scimapi

import (
	"net/http"
	"strconv"
	"time"

	"github.com/extraordinary/provisioning/ports"
)

// tellShare tells a client what is left of its organisation's requests, and when it may ask again if nothing is
// (RFC 6585 §4; the RateLimit headers are those of the IETF's draft).
func tellShare(w http.ResponseWriter, d ports.Decision) {
	if d.Limit == 0 {
		return
	}
	w.Header().Set("RateLimit-Limit", strconv.Itoa(d.Limit))
	w.Header().Set("RateLimit-Remaining", strconv.Itoa(d.Remaining))
	w.Header().Set("RateLimit-Reset", seconds(d.Reset))
	if !d.Allowed {
		w.Header().Set("Retry-After", seconds(max(d.RetryAfter, time.Second)))
	}
}

// seconds rounds up: who waits so long does not come too early.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}
