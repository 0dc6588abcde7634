package directory

import (
	"strings"
	"time"

	"github.com/extraordinary/provisioning/domain/tree"
)

// Name is what a person with the attributes is called: the displayName, else the given and the family name, else the
// userName.
func Name(attributes *tree.Object) string {
	text := func(o *tree.Object, name string) string {
		s, _ := o.Get(name).(string)
		return strings.TrimSpace(s)
	}
	if name := text(attributes, "displayName"); name != "" {
		return name
	}
	parts, _ := attributes.Get("name").(*tree.Object)
	if name := strings.TrimSpace(text(parts, "givenName") + " " + text(parts, "familyName")); name != "" {
		return name
	}
	return text(attributes, "userName")
}

// Active reports whether a person with the attributes may use what the organisation gives them: they may unless "active"
// says otherwise (RFC 7643 §4.1.1).
func Active(attributes *tree.Object) bool { return attributes.Get("active") != false }

// Person is what lists say of a user.
type Person struct {
	ID                         ID
	Name, UserName, EmployeeID string
	OffSince                   time.Time // zero while active
	Created, Modified          time.Time
}

// Active reports whether p is.
func (p Person) Active() bool { return p.OffSince.IsZero() }
