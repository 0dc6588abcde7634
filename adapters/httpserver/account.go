package httpserver

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/domain/fault"
)

// account writes the one line that the log has of each request, and answers for handlers that panic. The line holds
// what telemetry.Facts holds, and the address: no path, no query, no header.
func (s *Server) account(mounts mounts, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.options.Now()
		defer func() {
			failure := recover()
			cut := failure == http.ErrAbortHandler //nolint:errorlint // the handler wishes it; net/http compares it so, too
			if cut {
				failure = nil
			} else if failure != nil {
				cut = !s.answerPanic(mounts, w, r)
			}
			s.writeLine(r, s.options.Now().Sub(began), failure)
			if cut {
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// answerPanic sends what a fault of our own is answered by. It cannot if an answer has begun.
func (s *Server) answerPanic(mounts mounts, w http.ResponseWriter, r *http.Request) bool {
	if telemetry.FactsOf(r.Context()).Status != 0 {
		telemetry.Failure(r.Context(), panicked{})
		return false
	}
	clear(w.Header()) // what the handler said of an answer that will not come
	s.setHeaders(w.Header())
	mounts.fail(w, r, fault.Wrap(fault.Internal, panicked{}))
	return true
}

// panicked is the failure of a handler that panicked.
type panicked struct{}

func (panicked) Error() string     { return "panic" }
func (panicked) ErrorType() string { return "panic" }

func (s *Server) writeLine(r *http.Request, took time.Duration, failure any) {
	facts := telemetry.FactsOf(r.Context())
	level := slog.LevelInfo
	fields := []slog.Attr{
		slog.String("method", facts.Method), slog.String("route", facts.Route),
		slog.Int("status", facts.Status), slog.Int64("bytes", facts.Bytes),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000),
		slog.String("client_address", ClientAddress(r).String()),
	}
	for _, optional := range []slog.Attr{
		slog.String("credential_id", facts.Credential), slog.String("outcome", facts.Outcome),
		slog.String("filter_shape", facts.FilterShape), slog.String("error_type", facts.ErrorType),
	} {
		if optional.Value.String() != "" {
			fields = append(fields, optional)
		}
	}
	if facts.Status >= http.StatusInternalServerError || failure != nil {
		level = slog.LevelError
		fields = append(fields, slog.String("cause", facts.Cause))
	}
	if failure != nil {
		fields = append(fields, slog.String("panic", describePanic(failure)), slog.String("stack", string(debug.Stack())))
	}
	s.options.Log.LogAttrs(r.Context(), level, "request", fields...)
}

// describePanic tells the text of Go's own panics alone: any other may quote what it choked on.
func describePanic(failure any) string {
	if err, ok := failure.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", failure)
}

// connectionLog puts what net/http has to say of connections into the log, for http.Server.ErrorLog. Of a panic, which
// net/http would print whole, only the fact gets through.
type connectionLog struct{ slog.Handler }

func (c connectionLog) Handle(ctx context.Context, said slog.Record) error {
	line, _, _ := strings.Cut(said.Message, "\n")
	if strings.HasPrefix(line, "http: panic") {
		line = "http: panic while a failure was answered"
	}
	told := slog.NewRecord(said.Time, said.Level, "connection", 0)
	told.AddAttrs(slog.String("detail", line))
	return c.Handler.Handle(ctx, told)
}
