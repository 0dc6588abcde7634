package entra

import (
	"encoding/json"
	"fmt"
	"strings"
)

const (
	userSchema       = "urn:ietf:params:scim:schemas:core:2.0:User"
	enterpriseSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	groupSchema      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	// Entra sends this one too, although no RFC knows it (entra.md 1.6).
	microsoftGroupSchema = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
	patchSchema          = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
)

// resource is what Entra looks at in a user or a group that a server returns. A pointer that is nil is an attribute
// that was not returned.
type resource struct {
	ID           string       `json:"id"`
	UserName     *string      `json:"userName"`
	DisplayName  *string      `json:"displayName"`
	ExternalID   *string      `json:"externalId"`
	Active       *activity    `json:"active"`
	Name         fullName     `json:"name"`
	Emails       []typedValue `json:"emails"`
	PhoneNumbers []typedValue `json:"phoneNumbers"`
	Members      []typedValue `json:"members"`
	Enterprise   struct {
		EmployeeNumber *string   `json:"employeeNumber"`
		Department     *string   `json:"department"`
		Manager        reference `json:"manager"`
	} `json:"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`
}

type fullName struct {
	GivenName  *string `json:"givenName,omitempty"`
	FamilyName *string `json:"familyName,omitempty"`
}

type typedValue struct {
	Type  string `json:"type,omitempty"`
	Value string `json:"value"`
}

// listResponse is RFC 7644 §3.4.2's.
type listResponse struct {
	TotalResults *int       `json:"totalResults"`
	Resources    []resource `json:"Resources"`
}

// activity reads the attribute active as a boolean, or as the string that some servers echo.
type activity bool

func (a *activity) UnmarshalJSON(b []byte) error {
	switch strings.ToLower(strings.Trim(string(b), `"`)) {
	case "true":
		*a = true
	case "false":
		*a = false
	default:
		return fmt.Errorf("active is %s, not a boolean", printable(string(b)))
	}
	return nil
}

// String is the value that Entra's mapping of active makes: Switch([IsSoftDeleted], , "False", "True", "True", "False").
func (a activity) String() string {
	if a {
		return "True"
	}
	return "False"
}

// reference reads a manager as RFC 7643 §4.3 has it, or as the bare id that some servers keep.
type reference string

func (r *reference) UnmarshalJSON(b []byte) error {
	var object struct {
		Value string `json:"value"`
	}
	if json.Unmarshal(b, &object) == nil {
		*r = reference(object.Value)
		return nil
	}
	return json.Unmarshal(b, (*string)(r))
}
