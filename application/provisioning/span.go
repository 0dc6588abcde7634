package provisioning

import (
	"context"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/extraordinary/provisioning/domain/fault"
)

// span begins the span of a use case; end ends it with the use case's fault. Only a fault of our own marks it: what a
// caller did wrong is an answer like any other.
func span(ctx context.Context, useCase string) (_ context.Context, end func(*error)) {
	tracer := trace.SpanFromContext(ctx).TracerProvider().Tracer("github.com/extraordinary/provisioning")
	ctx, span := tracer.Start(ctx, "provisioning."+useCase)
	return ctx, func(err *error) {
		if *err != nil {
			if kind := fault.Of(*err).Kind; kind == fault.Internal || kind == fault.Unavailable {
				span.SetStatus(codes.Error, "")
			}
		}
		span.End()
	}
}
