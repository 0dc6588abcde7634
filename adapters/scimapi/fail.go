package scimapi

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
)

const errorURN = "urn:ietf:params:scim:api:messages:2.0:Error"

// answer is the whole of our error mapping (RFC 7644 §3.12, table 9; RFC 9865 §3). The exhaustive linter refuses a
// new kind that is not named here.
func answer(k fault.Kind) (status int, scimType string) {
	switch k {
	case fault.Invalid:
		return http.StatusBadRequest, "invalidValue"
	case fault.Syntax:
		return http.StatusBadRequest, "invalidSyntax"
	case fault.InvalidFilter:
		return http.StatusBadRequest, "invalidFilter"
	case fault.InvalidPath:
		return http.StatusBadRequest, "invalidPath"
	case fault.NoTarget:
		return http.StatusBadRequest, "noTarget"
	case fault.Mutability:
		return http.StatusBadRequest, "mutability"
	case fault.TooMany:
		return http.StatusBadRequest, "tooMany"
	case fault.InvalidCursor:
		return http.StatusBadRequest, "invalidCursor"
	case fault.ExpiredCursor:
		return http.StatusBadRequest, "expiredCursor"
	case fault.InvalidCount:
		return http.StatusBadRequest, "invalidCount"
	case fault.Unauthorised:
		return http.StatusUnauthorized, ""
	case fault.Forbidden:
		return http.StatusForbidden, ""
	case fault.NotFound:
		return http.StatusNotFound, ""
	case fault.NotAllowed:
		return http.StatusMethodNotAllowed, ""
	case fault.Conflict:
		return http.StatusConflict, "uniqueness"
	case fault.Unresolved:
		return http.StatusConflict, ""
	case fault.Stale:
		return http.StatusPreconditionFailed, ""
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge, ""
	case fault.Media:
		return http.StatusUnsupportedMediaType, ""
	case fault.Limited:
		return http.StatusTooManyRequests, ""
	case fault.Unsupported:
		return http.StatusNotImplemented, ""
	case fault.Unavailable:
		return http.StatusServiceUnavailable, ""
	case fault.Internal:
	}
	return http.StatusInternalServerError, ""
}

// Fail renders err in SCIM's form. Of a fault of our own the caller sees a correlation id and nothing else; the
// cause goes to the request's line in the log.
func (a *API) Fail(w http.ResponseWriter, r *http.Request, err error) {
	f := fault.Of(err)
	status, scimType := answer(f.Kind)
	detail := f.Detail
	if status >= http.StatusInternalServerError && f.Kind != fault.Unsupported && !errors.Is(err, errPaused) { // what is not offered, or not wished, has not failed
		telemetry.Failure(r.Context(), err)
	}
	switch {
	case f.Kind == fault.Internal:
		detail = "this is our fault; tell us the traceId and we find out what happened"
	case f.Kind == fault.Unavailable:
		if w.Header().Get("Retry-After") == "" {
			w.Header().Set("Retry-After", "5")
		}
		if detail == "" {
			detail = "our system could not answer; it is our fault and passes. Send the request again"
		}
	case f.Path != "":
		detail = f.Path + ": " + detail
	}
	telemetry.Refused(r.Context(), scimType, blamed(f.Path))
	message := tree.NewObject(
		tree.Member{Name: "schemas", Value: tree.List{errorURN}},
		tree.Member{Name: "status", Value: strconv.Itoa(status)},
	)
	if scimType != "" {
		message.Set("scimType", scimType)
	}
	message.Set("detail", detail)
	if trace := telemetry.TraceID(r.Context()); trace != "" {
		message.Set("traceId", trace)
	}
	send(w, status, tree.Append(nil, message))
}

// blamed is the attribute that a fault's path begins with, as our own schemas spell it; empty if they have none of that name,
// so that nothing which a client has made up gets into a trace.
func blamed(path string) string {
	registry, urn, name := schema.Core(), "", path
	for _, s := range registry.Schemas() {
		if n := len(s.ID); len(path) > n && strings.EqualFold(path[:n], s.ID) && path[n] == ':' {
			urn, name = s.ID, path[n+1:]
		}
	}
	if i := strings.IndexAny(name, ".[: "); i >= 0 {
		name = name[:i]
	}
	for _, of := range []string{"User", "Group"} {
		if target, ok := registry.Type(of).Resolve(urn, name, ""); ok {
			return target.Attribute.Name
		}
	}
	return ""
}
