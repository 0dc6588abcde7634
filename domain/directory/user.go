package directory

import (
	"time"

	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim/patch"
	"github.com/extraordinary/provisioning/domain/tree"
)

// User is one provisioned person. It has nothing to do with the members of the portal.
//
// Invariant: it has a userName that is not blank.
type User struct{ Resource }

// NewUser makes a user of what a client sent (RFC 7644 §3.3). ignored lists the paths of attributes that no schema
// of t defines: they are left out, and never fail a user. Faults: Invalid at the attribute to blame.
func NewUser(t *schema.ResourceType, id ID, input *tree.Object, now time.Time) (user *User, ignored []string, err error) {
	r, ignored, err := newResource(t, id, input, now)
	if err != nil {
		return nil, nil, err
	}
	return &User{r}, ignored, nil
}

// RestoreUser makes the user that s was taken of.
func RestoreUser(s Snapshot) *User { return &User{restore(s)} }

// Replace gives u the attributes of input in place of its own (RFC 7644 §3.5.1).
func (u *User) Replace(t *schema.ResourceType, input *tree.Object, now time.Time) (ignored []string, err error) {
	return u.replace(t, input, now)
}

// Patch applies operations in their order, all or none (RFC 7644 §3.5.2).
func (u *User) Patch(t *schema.ResourceType, operations []patch.Operation, now time.Time) (ignored []string, err error) {
	return u.patch(t, operations, now)
}
