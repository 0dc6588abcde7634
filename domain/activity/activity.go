// Package activity says who changed what, from which value to which.
package activity

import (
	"time"

	"github.com/extraordinary/provisioning/domain/tree"
)

// Event is one change. It is written in the transaction of the change itself, so that neither is without the other.
type Event struct {
	ID      string // UUID version 7: events sort by it
	At      time.Time
	Actor   Actor
	Action  Action
	Subject Subject
	Changes []Change
	Trace   string // the trace of the request, 32 hex digits; may be empty
	Address string // the network address that a member acted from; empty of others, and where it is not known
}

// Actor is who made a change.
type Actor struct {
	Kind ActorKind
	ID   string // client id, member id; empty for the operator
}

// ActorKind tells the kinds of actors apart.
type ActorKind string

// The kinds of actors.
const (
	Client   ActorKind = "client"   // a machine that signed in with a client credential
	Member   ActorKind = "member"   // a person in the portal
	Operator ActorKind = "operator" // one of us, by the command line
)

// Action is what was done to a subject.
type Action string

// The actions.
const (
	Created   Action = "created"
	Changed   Action = "changed"
	Deleted   Action = "deleted"
	Suspended Action = "suspended"
	Resumed   Action = "resumed"
	Rotated   Action = "rotated"
	Revoked   Action = "revoked"
)

// Subject is what was changed: a "User", "Group", "ClientCredential" or "Organisation".
type Subject struct{ Kind, ID string }

// Change is one attribute's old and new value; nil where there was or is none.
type Change struct {
	Path     string
	From, To tree.Value
}

// Diff lists what differs between two resources, attribute by attribute; complex attributes and extensions are
// looked into, lists are one change each. Either may be nil.
func Diff(before, after *tree.Object) []Change {
	return diff("", before, after, nil)
}

func diff(prefix string, before, after *tree.Object, changes []Change) []Change {
	for name, from := range before.All() {
		changes = compare(prefix+name, from, after.Get(name), changes)
	}
	for name, to := range after.All() {
		if !before.Has(name) {
			changes = compare(prefix+name, nil, to, changes)
		}
	}
	return changes
}

func compare(path string, from, to tree.Value, changes []Change) []Change {
	if tree.Equal(from, to) {
		return changes
	}
	a, aIsObject := from.(*tree.Object)
	b, bIsObject := to.(*tree.Object)
	if (aIsObject || from == nil) && (bIsObject || to == nil) {
		return diff(path+separator(path), a, b, changes)
	}
	return append(changes, Change{path, from, to})
}

// separator is what stands between an attribute and its sub-attribute (a dot), or between a schema's URN and its
// attribute (a colon, RFC 7644 §3.10).
func separator(path string) string {
	if len(path) > 4 && (path[:4] == "urn:" || path[:4] == "URN:") {
		return ":"
	}
	return "."
}
