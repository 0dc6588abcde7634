package telemetry

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// Facts is what became known of one request while it was served: what its span
// and its line in the log say. None of it is personal.
type Facts struct {
	Method       string // an HTTP method, or _OTHER
	Route        string // template, such as /scim/v2/Users/{id}; empty if nothing matched
	Status       int    // of the answer; 0 if there is none yet
	Bytes        int64  // of the answer's body
	Organisation string // id
	Credential   string // id
	ResourceType string // User, Group …
	FilterShape  string // userName eq ?
	Outcome      string // a word of the protocol's: granted, bad_client …
	Provisioning bool   // a provisioning service asks: Entra
	ErrorType    string // see ErrorType; empty if nothing failed
	Cause        string // see Cause
}

// record gathers Facts. Any goroutine that has the request's context may add.
type record struct {
	telemetry *Telemetry
	span      trace.Span // the server span; the context may hold a child of it

	mu    sync.Mutex
	facts Facts
}

type recordKey struct{}

func recordOf(ctx context.Context) *record {
	r, _ := ctx.Value(recordKey{}).(*record)
	return r
}

// FactsOf returns what is known of ctx's request so far.
func FactsOf(ctx context.Context) Facts {
	r := recordOf(ctx)
	if r == nil {
		return Facts{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.facts
}

// The following add a fact to ctx's request. Outside a request they do nothing.

// Organisation notes whose request it is. id must be proven, never only what a
// stranger claims: it becomes a label of a metric.
func Organisation(ctx context.Context, id string) {
	note(ctx, "extraordinary.organisation.id", id, func(f *Facts) { f.Organisation = id })
}

// Provisioning notes that a provisioning service asks, whose successes tell that its organisation is up to date.
func Provisioning(ctx context.Context) {
	if r := recordOf(ctx); r != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.facts.Provisioning = true
	}
}

// Credential notes the id of the client credential that was used.
func Credential(ctx context.Context, id string) {
	note(ctx, "extraordinary.credential.id", id, func(f *Facts) { f.Credential = id })
}

// ResourceType notes the SCIM resource type that is asked for.
func ResourceType(ctx context.Context, name string) {
	note(ctx, "extraordinary.scim.resource_type", name, func(f *Facts) { f.ResourceType = name })
}

// Refused notes why a SCIM request was refused: the scimType (RFC 7644 §3.12) and the attribute that is to blame, as the schema
// spells it; either may be empty. What the client wrote is in neither.
func Refused(ctx context.Context, scimType, attributeName string) {
	if r := recordOf(ctx); r != nil && scimType != "" {
		r.span.SetAttributes(attribute.String("extraordinary.scim.type", scimType))
		if attributeName != "" {
			r.span.SetAttributes(attribute.String("extraordinary.scim.attribute", attributeName))
		}
	}
}

// FilterShape notes a filter with its values left out (userName eq ?): the
// values are people.
func FilterShape(ctx context.Context, shape string) {
	note(ctx, "extraordinary.scim.filter_shape", shape, func(f *Facts) { f.FilterShape = shape })
}

// BulkOperations notes how many operations a bulk request holds.
func BulkOperations(ctx context.Context, n int) {
	if r := recordOf(ctx); r != nil {
		r.span.SetAttributes(attribute.Int("extraordinary.bulk.operations", n))
	}
}

// outcomeKey is ok, client, throttled or server where no word of the protocol's says more.
const outcomeKey = attribute.Key("extraordinary.outcome")

// Outcome notes how the request ended, as a word of a closed set.
func Outcome(ctx context.Context, word string) {
	note(ctx, outcomeKey, word, func(f *Facts) { f.Outcome = word })
}

// Failure notes why the request failed. The first reason stays. The text of err
// goes nowhere: see ErrorType and Cause for what is kept of it.
func Failure(ctx context.Context, err error) {
	r := recordOf(ctx)
	if r == nil || err == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.facts.ErrorType == "" {
		r.facts.ErrorType, r.facts.Cause = ErrorType(err), Cause(err)
	}
}

func note(ctx context.Context, key attribute.Key, value string, set func(*Facts)) {
	r := recordOf(ctx)
	if r == nil {
		return
	}
	r.span.SetAttributes(key.String(value))
	r.mu.Lock()
	defer r.mu.Unlock()
	set(&r.facts)
}

// TraceID returns the id, in hex, by which the request of ctx is found in logs
// and traces: the correlation id that error bodies show. It is empty outside a
// request.
func TraceID(ctx context.Context) string {
	if c := trace.SpanContextFromContext(ctx); c.HasTraceID() {
		return c.TraceID().String()
	}
	return ""
}
