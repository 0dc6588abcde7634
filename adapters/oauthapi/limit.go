package oauthapi

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/extraordinary/provisioning/application/credentials"
)

// tellLimit tells who was refused by a limit when to come again (RFC 6585 §4; the RateLimit headers are those of the
// IETF's draft). Who was let in is told nothing, so that all refusals of a client read the same.
func tellLimit(w http.ResponseWriter, err error) {
	var over credentials.Exceeded
	if !errors.As(err, &over) {
		return
	}
	w.Header().Set("RateLimit-Limit", strconv.Itoa(over.Limit))
	w.Header().Set("RateLimit-Remaining", strconv.Itoa(over.Remaining))
	w.Header().Set("RateLimit-Reset", seconds(over.Reset))
	w.Header().Set("Retry-After", seconds(over.RetryAfter))
}

// seconds rounds up: who waits so long does not come too early.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}
