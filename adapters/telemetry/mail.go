package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/extraordinary/provisioning/domain/mail"
	"github.com/extraordinary/provisioning/ports"
)

// Mailer traces what to sends: each try is a trace of its own, since it may come hours after the request that queued the
// mail, and links to that request.
func (t *Telemetry) Mailer(to ports.Mailer) ports.Mailer { return mailer{t.tracer, to} }

type mailer struct {
	tracer trace.Tracer
	to     ports.Mailer
}

func (m mailer) Send(ctx context.Context, letter mail.Message) error {
	how := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindConsumer), trace.WithNewRoot()}
	if cause := causeOf(letter); cause.IsValid() {
		how = append(how, trace.WithLinks(trace.Link{SpanContext: cause}))
	}
	ctx, span := m.tracer.Start(ctx, "mailing.Send", how...)
	defer span.End()
	err := m.to.Send(ctx, letter)
	if err != nil {
		span.SetAttributes(semconv.ErrorTypeKey.String(ErrorType(err)))
		span.SetStatus(codes.Error, "")
	}
	return err
}

// causeOf is the span that queued a mail; ids that are none give none.
func causeOf(letter mail.Message) trace.SpanContext {
	id, _ := trace.TraceIDFromHex(letter.Trace)
	span, _ := trace.SpanIDFromHex(letter.Span)
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: span, TraceFlags: trace.FlagsSampled, Remote: true})
}
