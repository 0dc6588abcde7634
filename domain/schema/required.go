package schema

import (
	"fmt"
	"strings"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/tree"
)

// Required holds that o, as Check or a PATCH leaves it, has every attribute that is required: of the core schema, of
// the extensions that o carries, and in complex values of theirs. Faults: Invalid at the attribute to blame.
func (t *ResourceType) Required(o *tree.Object) error {
	if err := requiredOf(t.Core.Attributes, "", o); err != nil {
		return err
	}
	for _, e := range t.Extensions {
		if part, _ := o.Get(e.ID).(*tree.Object); part.Len() > 0 {
			if err := requiredOf(e.Attributes, e.ID+":", part); err != nil {
				return err
			}
		}
	}
	return nil
}

func requiredOf(attributes []Attribute, prefix string, o *tree.Object) error {
	for i := range attributes {
		a := &attributes[i]
		path, v := prefix+a.Name, o.Get(a.Name)
		if s, isText := v.(string); a.Required && a.Mutability != ReadOnly && (absent(v) || isText && strings.TrimSpace(s) == "") {
			return fault.New(fault.Invalid, "is required; send a value that is not blank").At(path)
		}
		if err := a.requiredIn(path, v); err != nil {
			return err
		}
	}
	return nil
}

func (a *Attribute) requiredIn(path string, v tree.Value) error {
	switch v := v.(type) {
	case *tree.Object:
		return requiredOf(a.SubAttributes, path+".", v)
	case tree.List:
		for i, e := range v {
			if o, ok := e.(*tree.Object); ok {
				if err := requiredOf(a.SubAttributes, fmt.Sprintf("%s[%d].", path, i), o); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Schemas gives the URNs that belong in o's "schemas": the core schema and the extensions of which o has attributes
// (RFC 7643 §3).
func (t *ResourceType) Schemas(o *tree.Object) []string {
	urns := []string{t.Core.ID}
	for _, e := range t.Extensions {
		if !absent(o.Get(e.ID)) {
			urns = append(urns, e.ID)
		}
	}
	return urns
}
