package telemetry_test

import (
	"context"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/mail"
)

// post answers to every mail with one error.
type post struct{ with error }

func (p post) Send(context.Context, mail.Message) error { return p.with }

func TestAMailsSpanLinksToTheRequestThatQueuedItAndToNothingElse(t *testing.T) {
	t.Parallel()
	const trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	refused := fault.Wrap(fault.Unavailable, errors.New("mailbox canary@example.com is full"))
	for _, c := range []struct {
		letter mail.Message
		with   error
		links  []string
	}{
		{mail.Message{To: "canary@example.com", Trace: trace, Span: span}, nil, []string{trace + span}},
		{mail.Message{To: "canary@example.com", Trace: trace, Span: span}, refused, []string{trace + span}},
		{mail.Message{To: "canary@example.com"}, nil, nil}, // as the clock queues them
		{mail.Message{To: "canary@example.com", Trace: "canary", Span: span}, nil, nil},
	} {
		p, receiver := exporting(t)
		within := oteltrace.ContextWithSpanContext(t.Context(), oteltrace.NewSpanContext(oteltrace.SpanContextConfig{TraceID: oteltrace.TraceID{1}, SpanID: oteltrace.SpanID{1}, TraceFlags: oteltrace.FlagsSampled}))
		require.ErrorIs(t, p.Mailer(post{c.with}).Send(within, c.letter), c.with)
		sent := p.stop(t, receiver)
		require.Len(t, sent, 1)
		var links []string
		for _, l := range sent[0].Links {
			links = append(links, hex.EncodeToString([]byte(l)))
		}
		assert.Equal(t, c.links, links)
		assert.Empty(t, sent[0].Parent, "it is a trace of its own")
		assert.NotEqual(t, trace, hex.EncodeToString([]byte(sent[0].TraceID)))
		assert.Equal(t, c.with != nil, sent[0].Failed)
		assert.NotContains(t, receiver.Text(), "canary")
	}
}
