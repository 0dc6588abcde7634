package telemetry

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/extraordinary/provisioning/domain/fault"
)

// ErrorType names the kind of err from a closed set, for error.type: the fault's
// kind (not_found), or what an error says of itself by a method ErrorType() string.
func ErrorType(err error) string {
	var typed interface{ ErrorType() string }
	if errors.As(err, &typed) {
		return typed.ErrorType()
	}
	return strings.ReplaceAll(fault.Of(err).Kind.Error(), " ", "_")
}

// Cause tells what an operator may know of err, and no more: our own words of
// where it happened, then the type and code of what lies at the bottom, such as
// "suspend: save: *pgconn.PgError 40001". Its message is left out, because
// stores quote in theirs what they were sent.
func Cause(err error) string {
	place := ""
	for {
		inner := unwrap(err)
		if inner == nil {
			break
		}
		// A place is plain words; text with anything else in it may be somebody's data.
		if words, ok := strings.CutSuffix(err.Error(), ": "+inner.Error()); ok && plain(words) {
			place += words + ": "
		}
		err = inner
	}
	bottom := fmt.Sprintf("%T", err)
	if code := storeErrorType(err); code != semconv.ErrorTypeOther.Value.AsString() {
		bottom += " " + code
	}
	return place + bottom
}

func unwrap(err error) error {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		list := several.Unwrap()
		if len(list) == 0 {
			return nil
		}
		return list[len(list)-1] // a fault's cause comes after its kind
	}
	return errors.Unwrap(err)
}

func plain(words string) bool {
	for _, r := range words {
		if (r < 'a' || r > 'z') && !strings.ContainsRune(" ',:-", r) {
			return false
		}
	}
	return true
}

// storeErrorType names an error of a database or of Redis: its code, never its
// message.
func storeErrorType(err error) string {
	var state interface{ SQLState() string } // pgconn.PgError
	var coded interface{ Code() int }        // sqlite.Error
	var reply redis.Error
	var network net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "timeout"
	case errors.As(err, &state):
		return state.SQLState()
	case errors.As(err, &coded):
		return "sqlite." + strconv.Itoa(coded.Code())
	case errors.As(err, &reply):
		return replyCode(reply)
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone), network != nil:
		return "connection"
	case errors.Is(err, sql.ErrTxDone):
		return "tx_done"
	}
	return semconv.ErrorTypeOther.Value.AsString()
}

// replyCode returns the first word of a Redis error if it is one of Redis's
// (capitals only): ERR, WRONGTYPE, OOM. The rest may quote arguments.
func replyCode(reply redis.Error) string {
	word, _, _ := strings.Cut(reply.Error(), " ")
	if word == "" || strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return semconv.ErrorTypeOther.Value.AsString()
	}
	return word
}
