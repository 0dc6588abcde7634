package provisioning_test

import (
	"context"
	"errors"
	"testing"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/ports"
)

// broken is a store that fails with one fault.
type broken struct{ with error }

func (b broken) Within(context.Context, organisation.ID, func(context.Context, ports.Tx) error) error {
	return b.with
}

func (b broken) View(context.Context, organisation.ID, func(context.Context, ports.Tx) error) error {
	return b.with
}

func TestAUseCasesSpanIsMarkedByOurOwnFaultsAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		with error
		want codes.Code
	}{
		{nil, codes.Unset},
		{fault.New(fault.NotFound, "no"), codes.Unset},
		{fault.New(fault.Conflict, "taken"), codes.Unset},
		{fault.Wrap(fault.Unavailable, errors.New("the disk is full")), codes.Error},
		{errors.New("something that nobody thought of"), codes.Error},
	} {
		recorder := tracetest.NewSpanRecorder()
		provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
		ctx, request := provider.Tracer("test").Start(t.Context(), "request")
		service := provisioning.New(broken{c.with}, schema.Core(), nil, newID)
		_, _, err := service.ReadUser(ctx, provisioning.Caller{Organisation: "o"}, "u", false)
		request.End()
		if !errors.Is(err, c.with) {
			t.Fatalf("%v became %v", c.with, err)
		}
		span := recorder.Ended()[0]
		if span.Name() != "provisioning.ReadUser" || span.Parent().SpanID() != request.SpanContext().SpanID() {
			t.Errorf("%s is below %s", span.Name(), span.Parent().SpanID())
		}
		if got := span.Status(); got.Code != c.want || got.Description != "" {
			t.Errorf("%v leaves the status %v", c.with, got)
		}
	}
}
