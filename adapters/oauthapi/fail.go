package oauthapi

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/domain/fault"
)

// answer is the whole of our error mapping: RFC 6749 §5.2, and for our own faults the two codes of §4.1.2.1, which
// RFC 7009 §2.2.1 uses with 503 as well. A limit has no code of its own; others answer 429 with temporarily_unavailable
// too. The exhaustive linter refuses a new kind that is not named here.
func answer(k fault.Kind) (status int, code string) {
	switch k {
	case fault.Unauthorised:
		return http.StatusUnauthorized, "invalid_client"
	case fault.Unsupported:
		return http.StatusBadRequest, "unsupported_grant_type"
	case fault.Forbidden:
		return http.StatusBadRequest, "invalid_scope"
	case fault.NotFound:
		return http.StatusNotFound, "invalid_request"
	case fault.NotAllowed:
		return http.StatusMethodNotAllowed, "invalid_request"
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge, "invalid_request"
	case fault.Media:
		return http.StatusUnsupportedMediaType, "invalid_request"
	case fault.Limited:
		return http.StatusTooManyRequests, "temporarily_unavailable"
	case fault.Unavailable:
		return http.StatusServiceUnavailable, "temporarily_unavailable"
	case fault.Syntax, fault.Invalid, fault.Conflict, fault.Unresolved, fault.Stale, fault.Mutability, fault.TooMany, fault.NoTarget,
		fault.InvalidFilter, fault.InvalidPath, fault.InvalidCursor, fault.ExpiredCursor, fault.InvalidCount:
		return http.StatusBadRequest, "invalid_request"
	case fault.Internal:
	}
	return http.StatusInternalServerError, "server_error"
}

// failure is the body of an error. Only a fault of our own has a trace id: what a caller did wrong reads the same each
// time, so that nothing can be learnt from comparing answers.
type failure struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
	TraceID     string `json:"trace_id,omitempty"`
}

// Fail renders err in OAuth's form. Of a fault of our own the caller sees a correlation id and nothing else; the cause
// goes to the request's line in the log.
func (a *API) Fail(w http.ResponseWriter, r *http.Request, err error) {
	f := fault.Of(err)
	status, code := answer(f.Kind)
	body := failure{Code: code, Description: f.Detail, TraceID: telemetry.TraceID(r.Context())}
	switch f.Kind { //nolint:exhaustive // the others say all in their detail
	case fault.Unavailable:
		if w.Header().Get("Retry-After") == "" {
			w.Header().Set("Retry-After", "5")
		}
		body.Description = "our system could not answer; it is our fault and passes. Send the request again"
	case fault.Internal:
		body.Description = "this is our fault; tell us the trace_id and we find out what happened"
	case fault.Unauthorised:
		w.Header().Set("WWW-Authenticate", `Basic realm="oauth2"`)
	case fault.Limited:
		tellLimit(w, err)
	}
	if status >= http.StatusInternalServerError {
		telemetry.Failure(r.Context(), err)
	}
	body.Description = strings.Map(describing, body.Description)
	send(w, status, body)
}

// describing keeps what an error_description may hold (RFC 6749 §5.2): printable ASCII but for the quotation mark
// and the backslash.
func describing(r rune) rune {
	switch {
	case r == '"':
		return '\''
	case r == '\n':
		return ' '
	case r < ' ' || r > '~' || r == '\\':
		return -1
	}
	return r
}

// send writes a JSON answer that nobody may keep (RFC 6749 §5.1). What cannot be delivered is nobody's business any
// more: the connection is gone.
func send(w http.ResponseWriter, status int, body any) {
	h := w.Header()
	h.Set("Content-Type", "application/json;charset=UTF-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
