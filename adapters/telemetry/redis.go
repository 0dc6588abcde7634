package telemetry

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/dbconv"
	"go.opentelemetry.io/otel/trace"
)

// Redis returns a hook that traces and measures commands of a client that was
// made with o. It tells the command's name, never a key or an argument.
func (t *Telemetry) Redis(o *redis.Options) redis.Hook {
	server := []attribute.KeyValue{
		semconv.DBSystemNameKey.String(string(dbconv.SystemNameRedis)), semconv.DBNamespace(strconv.Itoa(o.DB)),
	}
	if host, port, err := net.SplitHostPort(o.Addr); err == nil {
		number, _ := strconv.Atoi(port)
		server = append(server, semconv.ServerAddress(host), semconv.ServerPort(number))
	}
	return commands{t, server}
}

type commands struct {
	*Telemetry
	server []attribute.KeyValue
}

func (c commands) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c commands) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		return c.run(ctx, commandName(cmd), 0, func(ctx context.Context) error { return next(ctx, cmd) })
	}
}

func (c commands) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		return c.run(ctx, "PIPELINE", len(cmds), func(ctx context.Context) error { return next(ctx, cmds) })
	}
}

func (c commands) run(ctx context.Context, name string, batch int, do func(context.Context) error) error {
	began := c.now()
	span := trace.Span(nil)
	if trace.SpanFromContext(ctx).IsRecording() {
		ctx, span = c.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(c.server...))
	}
	err := do(ctx)
	labels := []attribute.KeyValue{semconv.DBOperationName(name)}
	failed := err != nil && !errors.Is(err, redis.Nil) && !noScript(err)
	if failed {
		labels = append(labels, semconv.ErrorTypeKey.String(storeErrorType(err)))
	}
	c.instruments.queries.Record(ctx, c.now().Sub(began).Seconds(), dbconv.SystemNameRedis, labels...)
	if span == nil {
		return err
	}
	span.SetAttributes(labels...)
	if batch > 0 {
		span.SetAttributes(semconv.DBOperationBatchSize(batch))
	}
	if failed {
		span.SetStatus(codes.Error, "")
	}
	span.End()
	return err
}

// noScript tells the answer of a server that has not seen a script yet; the
// client sends the script itself next.
func noScript(err error) bool { return redis.HasErrorPrefix(err, "NOSCRIPT") }

// commandName returns the command if it looks like one.
func commandName(cmd redis.Cmder) string {
	name := strings.ToUpper(cmd.Name())
	if name == "" || len(name) > 20 || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "OTHER"
	}
	return name
}
