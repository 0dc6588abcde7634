// Package fault is the one vocabulary of failures: what went wrong, where, and what the reader can do.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what sort of failure it is. Each protocol adapter maps kinds to its own answers in one switch. A
// Kind is itself an error, so that errors.Is(err, fault.NotFound) reads as it should.
type Kind int

// The kinds. Those named after a scimType are defined by RFC 7644 §3.12, table 9, or RFC 9865 §3.
const (
	// Internal is our own fault; nothing of it is shown but a correlation id. It is the zero Kind, so that a
	// forgotten Kind is never the caller's fault.
	Internal      Kind = iota
	Unavailable        // our own fault, which passes: a store is down or busy; worth trying again
	NotFound           // no such thing, or not for this caller
	NotAllowed         // the address exists, the method does not
	Unauthorised       // the caller did not prove who they are
	Forbidden          // the caller is known and may not do this
	Conflict           // the thing exists already (scimType uniqueness)
	Unresolved         // the message refers to what could not be made (RFC 7644 §3.7.1)
	Stale              // the version named is not the current one
	Invalid            // a value is not acceptable (scimType invalidValue)
	Syntax             // the message cannot be read (scimType invalidSyntax)
	InvalidFilter      // a filter cannot be read or asked of the attribute
	InvalidPath        // a PATCH path cannot be read
	NoTarget           // a PATCH path selects nothing to change
	Mutability         // the attribute cannot be changed so
	TooMany            // the answer would be larger or dearer than is allowed (scimType tooMany)
	TooLarge           // the message is larger than is allowed
	Media              // the message is of a media type or encoding that is not read
	Limited            // the caller sends more than its share
	Unsupported        // the protocol knows it, this service does not
	InvalidCursor      // a paging cursor is not one of ours (RFC 9865)
	ExpiredCursor      // a paging cursor is too old (RFC 9865)
	InvalidCount       // a page size does not fit its cursor (RFC 9865)
)

var names = [...]string{
	Internal: "internal error", Unavailable: "unavailable", NotFound: "not found", NotAllowed: "method not allowed",
	Unauthorised: "not authorised", Forbidden: "forbidden", Conflict: "already exists", Unresolved: "unresolved reference", Stale: "stale version",
	Invalid: "invalid value", Syntax: "invalid syntax", InvalidFilter: "invalid filter", InvalidPath: "invalid path",
	NoTarget: "no target", Mutability: "not changeable", TooMany: "too many", TooLarge: "too large",
	Media: "unsupported media type", Limited: "too many requests", Unsupported: "not supported",
	InvalidCursor: "invalid cursor", ExpiredCursor: "expired cursor", InvalidCount: "invalid count",
}

func (k Kind) Error() string { return names[k] }

// Error is one failure: its Kind for the protocol, the Path of the attribute or setting to blame (may be empty),
// and a Detail that tells the reader what to do. The cause, if any, is for our log only.
type Error struct {
	Kind         Kind
	Path, Detail string
	cause        error
}

// New makes a failure with a detail for the caller's eyes. Nothing secret or internal may go into it.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Detail: fmt.Sprintf(format, args...)}
}

// Wrap makes a failure out of an error of some library; its text stays in the log and is never shown.
func Wrap(kind Kind, cause error) *Error { return &Error{Kind: kind, cause: cause} }

// At names the attribute or setting to blame.
func (e *Error) At(path string) *Error {
	copied := *e
	copied.Path = path
	return &copied
}

func (e *Error) Error() string {
	text := e.Kind.Error()
	if e.Path != "" {
		text += " at " + e.Path
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

func (e *Error) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.cause}
}

// Of gives the outermost failure in err's chain. An error of nobody's is an Internal one with err as its cause;
// so is a bare Kind, with itself as the kind.
func Of(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	var k Kind
	if errors.As(err, &k) {
		return &Error{Kind: k}
	}
	return &Error{Kind: Internal, cause: err}
}
