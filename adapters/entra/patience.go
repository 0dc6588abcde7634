package entra

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

const (
	mostAttempts = 8
	longestPause = 2 * time.Minute
)

// patiently sends a request, and again as often as the server asks for patience (429, 503), within bounds. newRequest
// makes it afresh each time, because a body can be read once.
func (w *wire) patiently(ctx context.Context, of step, newRequest func() (*http.Request, error)) (answer, error) {
	for attempt := 1; ; attempt++ {
		r, err := newRequest()
		if err != nil {
			return answer{}, err
		}
		a, err := w.once(of, r)
		if err != nil {
			return answer{}, err
		}
		if a.status != http.StatusTooManyRequests && a.status != http.StatusServiceUnavailable || attempt == mostAttempts {
			return a, nil
		}
		d := retryAfter(a.header.Get("Retry-After"), attempt, w.now())
		if d > longestPause {
			return a, nil
		}
		w.release(a)
		w.meter.throttled(of)
		if err := w.wait(ctx, d); err != nil {
			return answer{}, err
		}
	}
}

// retryAfter reads the header, a number of seconds or a date (RFC 9110 §10.2.3). A server that says nothing is given
// twice the time at each attempt.
func retryAfter(header string, attempt int, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(0, date.Sub(now))
	}
	return min(time.Second<<(attempt-1), 30*time.Second)
}
