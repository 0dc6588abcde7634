package httpserver

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/extraordinary/provisioning/domain/fault"
)

// readAhead is how much of a body is awaited before the request counts as in flight, in bytes: nearly all bodies
// whole. Who sends slowly waits outside, and cannot fill the house by sending nothing.
const readAhead = 64 << 10

// readBody refuses bodies that are encoded or too large for their mount, and bounds the rest.
func readBody(mounts mounts, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		largest := mounts.owner(r).MaxBody
		if r.ContentLength > largest {
			mounts.fail(w, r, tooLarge(largest))
			return
		}
		// Inflating what strangers send is how memory is filled by a kilobyte.
		if encoding := strings.Join(r.Header.Values("Content-Encoding"), ","); encoding != "" && !strings.EqualFold(encoding, "identity") {
			mounts.fail(w, r, fault.New(fault.Media, "the body is encoded; send it without Content-Encoding"))
			return
		}
		if r.ContentLength == 0 {
			next.ServeHTTP(w, r)
			return
		}
		body := http.MaxBytesReader(w, r.Body, largest)
		start, err := io.ReadAll(io.LimitReader(body, readAhead))
		if err != nil {
			mounts.fail(w, r, bodyFault(err))
			return
		}
		r.Body = resumed{io.MultiReader(bytes.NewReader(start), body), body}
		next.ServeHTTP(w, r)
	})
}

// resumed is a body whose start was read already.
type resumed struct {
	io.Reader
	io.Closer
}

func bodyFault(err error) error {
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return tooLarge(large.Limit)
	}
	return fault.New(fault.Syntax, "the body ended early or did not arrive in time; send it again")
}

func tooLarge(largest int64) error {
	if largest == 0 {
		return fault.New(fault.TooLarge, "no body is read here; send none")
	}
	return fault.New(fault.TooLarge, "the body is larger than %d bytes; send less", largest)
}
