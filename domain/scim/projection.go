package scim

import (
	"slices"
	"strings"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
)

// Projection says which attributes of a resource an answer holds (RFC 7644 §3.9). Its zero value holds all that are
// returned by default.
type Projection struct {
	only, without []schema.Target
	restricted    bool // attributes were named, though perhaps none that exists
	hides         bool // something is returned only to who names it
}

// ParseProjection reads the parameters attributes and excludedAttributes: comma-separated paths, which exclude each
// other. The URN of a schema stands for all attributes in it. A path that no schema knows selects nothing. Faults: Invalid.
func ParseProjection(t *schema.ResourceType, attributes, excluded string) (Projection, error) {
	if attributes != "" && excluded != "" {
		return Projection{}, fault.New(fault.Invalid, "attributes and excludedAttributes exclude each other; send one of them").At("excludedAttributes")
	}
	only, err := targets(t, attributes, "attributes")
	if err != nil {
		return Projection{}, err
	}
	without, err := targets(t, excluded, "excludedAttributes")
	return Projection{only, without, attributes != "", t.ReturnsOnRequest()}, err
}

// Written gives p for the answer to a change, which also holds what is returned to who names it: whoever sends such an
// attribute gets it back (RFC 7643 §7).
func (p Projection) Written() Projection {
	p.hides = false
	return p
}

func targets(t *schema.ResourceType, names, parameter string) (found []schema.Target, err error) {
	if names == "" {
		return nil, nil
	}
	for name := range strings.SplitSeq(names, ",") {
		path, err := ParsePath(strings.TrimSpace(name))
		if err != nil || path.Filter != nil {
			return nil, fault.New(fault.Invalid, "%q is no attribute name; send names such as userName or name.givenName, separated by commas", name).At(parameter)
		}
		if extension := t.Extension(strings.TrimSpace(name)); extension != nil {
			found = append(found, schema.Target{Extension: extension})
		} else if tree.SameName(strings.TrimSpace(name), t.Core.ID) {
			for i := range t.Core.Attributes {
				found = append(found, schema.Target{Attribute: &t.Core.Attributes[i]})
			}
		} else if target, known := t.Resolve(path.Path.URN, path.Path.Name, path.Path.Sub); known {
			found = append(found, target)
		}
	}
	return found, nil
}

// Whole reports whether p holds everything that is returned by default.
func (p Projection) Whole() bool { return !p.restricted && len(p.without) == 0 && !p.hides }

// Omits reports whether p leaves out the whole core attribute called name.
func (p Projection) Omits(name string) bool {
	if p.restricted {
		return !slices.ContainsFunc(p.only, func(t schema.Target) bool { return names(t, name) })
	}
	return slices.ContainsFunc(p.without, func(t schema.Target) bool { return names(t, name) && t.Sub == nil })
}

// WholeBut reports whether p holds everything that is returned by default but the core attribute called name.
func (p Projection) WholeBut(name string) bool {
	return p.Omits(name) && !p.restricted && !p.hides && !slices.ContainsFunc(p.without, func(t schema.Target) bool { return !names(t, name) })
}

func names(t schema.Target, name string) bool {
	return t.Extension == nil && tree.SameName(t.Attribute.Name, name)
}

// Apply gives what p holds of a whole resource o of type t, as it would be answered. What is always returned stays
// (id, schemas).
func (p Projection) Apply(t *schema.ResourceType, o *tree.Object) *tree.Object {
	kept := tree.NewObject()
	for name, value := range o.All() {
		if extension := t.Extension(name); extension != nil {
			if part, _ := value.(*tree.Object); part != nil {
				if v := p.members(extension, part); v.Len() > 0 {
					kept.Set(name, v)
				}
			}
			continue
		}
		target, known := t.Resolve("", name, "")
		if v := p.value(nil, target.Attribute, value); known && v != nil {
			kept.Set(name, v)
		}
	}
	return kept
}

func (p Projection) members(extension *schema.Schema, part *tree.Object) *tree.Object {
	kept := tree.NewObject()
	for name, value := range part.All() {
		if a := extension.Attribute(name); a != nil {
			if v := p.value(extension, a, value); v != nil {
				kept.Set(name, v)
			}
		}
	}
	return kept
}

// value gives what p holds of the value of attribute a; nil for nothing.
func (p Projection) value(extension *schema.Schema, a *schema.Attribute, value tree.Value) tree.Value {
	if a == nil || a.Returned == schema.Never {
		return nil
	}
	if a.Returned == schema.Always {
		return value
	}
	if !p.restricted {
		return p.excluding(extension, a, value)
	}
	var subs []*schema.Attribute
	for _, target := range p.only {
		switch {
		case target.Extension != extension || target.Attribute != nil && target.Attribute != a:
		case target.Sub == nil:
			return value
		default:
			subs = append(subs, target.Sub)
		}
	}
	if subs == nil {
		return nil
	}
	return parts(value, func(name string) bool {
		if sub := a.Sub(name); sub != nil && sub.Returned == schema.Always {
			return true
		}
		return slices.ContainsFunc(subs, func(s *schema.Attribute) bool { return tree.SameName(s.Name, name) })
	})
}

func (p Projection) excluding(extension *schema.Schema, a *schema.Attribute, value tree.Value) tree.Value {
	if a.Returned == schema.Request && p.hides {
		return nil
	}
	if p.hides && slices.ContainsFunc(a.SubAttributes, func(s schema.Attribute) bool { return s.Returned == schema.Request }) {
		value = parts(value, func(name string) bool { sub := a.Sub(name); return sub == nil || sub.Returned != schema.Request })
	}
	for _, target := range p.without {
		switch {
		case target.Extension != extension || target.Attribute != nil && target.Attribute != a:
		case target.Sub == nil:
			return nil
		case target.Sub.Returned != schema.Always:
			value = parts(value, func(name string) bool { return !tree.SameName(target.Sub.Name, name) })
		}
	}
	return value
}

// parts keeps of a complex value, or of each in a list, the sub-attributes that keep wants.
func parts(value tree.Value, keep func(name string) bool) tree.Value {
	switch value := value.(type) {
	case *tree.Object:
		kept := tree.NewObject()
		for name, v := range value.All() {
			if keep(name) {
				kept.Set(name, v)
			}
		}
		if kept.Len() == 0 {
			return nil
		}
		return kept
	case tree.List:
		var kept tree.List
		for _, e := range value {
			if v := parts(e, keep); v != nil {
				kept = append(kept, v)
			}
		}
		if kept == nil {
			return nil
		}
		return kept
	default:
		return nil
	}
}
