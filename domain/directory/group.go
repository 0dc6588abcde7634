package directory

import (
	"time"

	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim/patch"
	"github.com/extraordinary/provisioning/domain/tree"
)

// Group is a provisioned group. Its members are not among its attributes: there may be 100,000 of them, and adding
// one must not cost more for that. They are rows of their own, and each change of them is a new version of the group.
//
// Invariant: it has a displayName.
type Group struct{ Resource }

// NewGroup makes a group of what a client sent, without its members. Faults: Invalid at the attribute to blame.
func NewGroup(t *schema.ResourceType, id ID, input *tree.Object, now time.Time) (group *Group, ignored []string, err error) {
	r, ignored, err := newResource(t, id, without(input, "members"), now)
	if err != nil {
		return nil, nil, err
	}
	return &Group{r}, ignored, nil
}

// RestoreGroup makes the group that s was taken of.
func RestoreGroup(s Snapshot) *Group { return &Group{restore(s)} }

// Replace gives g the attributes of input in place of its own; members stay as they are.
func (g *Group) Replace(t *schema.ResourceType, input *tree.Object, now time.Time) (ignored []string, err error) {
	return g.replace(t, without(input, "members"), now)
}

// Patch applies operations that do not target members (see patch.Members), all or none.
func (g *Group) Patch(t *schema.ResourceType, operations []patch.Operation, now time.Time) (ignored []string, err error) {
	return g.patch(t, operations, now)
}

// MembersChanged makes g a new version, since its members are others than before.
func (g *Group) MembersChanged(now time.Time) { g.touch(now) }

// Member is a member of a group, or a group that a user is in, as it is read.
type Member struct {
	ID      ID
	Display string // the displayName; may be empty
	Type    string // one of the below
}

// The types of a group's members (RFC 7643 §4.2), and of a user's groups (§4.1.2).
const (
	IsUser   = "User"
	IsGroup  = "Group"
	Direct   = "direct"
	Indirect = "indirect" // a group of which a group of the user's is a member
)

func without(o *tree.Object, name string) *tree.Object {
	if !o.Has(name) {
		return o
	}
	o = o.Clone()
	o.Delete(name)
	return o
}
