// Package provisioning lets an identity provider create, change, find and remove the users and groups of its
// organisation (RFC 7644 §3).
package provisioning

import (
	"context"
	"time"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim/patch"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// Service holds the use cases. It is safe for concurrent use.
type Service struct {
	store  ports.Store
	now    func() time.Time
	newID  func() string
	users  collection[*directory.User]
	groups collection[*directory.Group]
	all    *schema.Registry
}

// New makes a Service. newID gives UUIDs of version 7.
func New(store ports.Store, registry *schema.Registry, now func() time.Time, newID func() string) *Service {
	return &Service{
		// Stores keep microseconds, and the answer to a change must say what is read afterwards.
		store: store, now: func() time.Time { return now().Truncate(time.Microsecond) }, newID: newID, all: registry,
		users:  collection[*directory.User]{registry.Type("User"), ports.Tx.Users, directory.NewUser},
		groups: collection[*directory.Group]{registry.Type("Group"), ports.Tx.Groups, directory.NewGroup},
	}
}

// Caller is who asks: the client of one organisation, in one request.
type Caller struct {
	Organisation organisation.ID
	ClientID     string
	Trace        string // of the request, for the journal
	KeyID        string // of the secret that its token was fetched with
	Schemas      int    // how often the organisation's own schemas have changed; 0: it has none
}

// Written is what a change left behind.
type Written struct {
	directory.Document
	Groups []directory.Member // of a user
	// Ignored lists the paths that the client sent and no schema defines; nothing of them is kept.
	Ignored []string
}

// Condition decides on the version a resource has whether it may be changed; it gives the fault if not. A nil
// Condition always agrees.
type Condition func(directory.Document) error

func (c Condition) holds(r resource) error {
	if c == nil {
		return nil
	}
	return c(document(r))
}

// resource is what the use cases need of a user or a group.
type resource interface {
	ID() directory.ID
	Attributes() *tree.Object
	Changed() bool
	Snapshot() directory.Snapshot
	Replace(*schema.ResourceType, *tree.Object, time.Time) ([]string, error)
	Patch(*schema.ResourceType, []patch.Operation, time.Time) ([]string, error)
}

// collection is what users and groups differ in.
type collection[R resource] struct {
	definition *schema.ResourceType
	in         func(ports.Tx) ports.Resources[R]
	make       func(*schema.ResourceType, directory.ID, *tree.Object, time.Time) (R, []string, error)
}

func (c collection[R]) subject(id directory.ID) activity.Subject {
	return activity.Subject{Kind: c.definition.Name, ID: string(id)}
}

// document renders what an entity holds, as the store will give it back.
func document(r resource) directory.Document {
	s := r.Snapshot()
	return directory.Document{ID: s.ID, Version: s.Version, Created: s.Created, Modified: s.Modified, Body: tree.Append(nil, s.Attributes)}
}

// record writes the journal's line of a change into the change's own unit of work.
func (s *Service) record(ctx context.Context, tx ports.Tx, who Caller, action activity.Action, subject activity.Subject, changes []activity.Change) error {
	return tx.Activity().Record(ctx, activity.Event{
		ID: s.newID(), At: s.now(), Actor: activity.Actor{Kind: activity.Client, ID: who.ClientID},
		Action: action, Subject: subject, Changes: changes, Trace: who.Trace,
	})
}
