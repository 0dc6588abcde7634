package schema

import (
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/tree"
)

// Check turns what a client sent for a whole resource (POST, PUT) into the attributes that are kept: in the order
// of arrival, each name in its canonical spelling, each value as Attribute.CheckValue leaves it. Checking them
// again changes nothing.
//
// Left out are, in silence, what means absent (null, [] and {}: RFC 7643 §2.5), "schemas" (see Schemas), what only
// this service may write (RFC 7644 §3.3), and passwords, which are accepted and never kept. Left out and named in
// ignored are attributes, extensions and schemas that t does not have: no user fails for one mapping too many.
//
// Faults: Invalid at the attribute to blame.
func (t *ResourceType) Check(input *tree.Object) (clean *tree.Object, ignored []string, err error) {
	clean = tree.NewObject()
	for name, v := range input.All() {
		canonical, value, unknown, err := t.member(name, v)
		if err != nil {
			return nil, nil, err
		}
		if value != nil {
			clean.Set(canonical, value)
		}
		ignored = append(ignored, unknown...)
	}
	return clean, ignored, nil
}

// member checks one member of a resource. value is nil if nothing is kept of it.
func (t *ResourceType) member(name string, v tree.Value) (canonical string, value tree.Value, ignored []string, err error) {
	if tree.SameName(name, "schemas") {
		ignored, err = t.foreign(v)
		return "", nil, ignored, err
	}
	if extension := t.Extension(name); extension != nil {
		value, ignored, err = extension.check(v)
		return extension.ID, value, ignored, err
	}
	a := t.attribute(name)
	if a == nil {
		return "", nil, unknown(name, v), nil
	}
	if a.Mutability == ReadOnly {
		return "", nil, nil, nil
	}
	value, ignored, err = a.CheckValue(a.Name, v)
	return a.Name, value, ignored, err
}

// attribute gives the core or common attribute called name, nil if there is none.
func (t *ResourceType) attribute(name string) *Attribute {
	if a := t.Core.Attribute(name); a != nil {
		return a
	}
	return find(common, name)
}

// foreign gives the URNs in a resource's "schemas" that are none of t's.
func (t *ResourceType) foreign(v tree.Value) (urns []string, err error) {
	clean, _, err := find(common, "schemas").CheckValue("schemas", v)
	if err != nil {
		return nil, err
	}
	list, _ := clean.(tree.List)
	for _, e := range list {
		if urn, _ := e.(string); !tree.SameName(urn, t.Core.ID) && t.Extension(urn) == nil {
			urns = append(urns, urn)
		}
	}
	return urns, nil
}

// check is Check for the object of an extension; nil means that nothing is kept.
func (s *Schema) check(v tree.Value) (clean tree.Value, ignored []string, err error) {
	if absent(v) {
		return nil, nil, nil
	}
	input, ok := v.(*tree.Object)
	if !ok {
		return nil, nil, fault.New(fault.Invalid, "must be an object with the attributes of this schema, but %s was sent", what(v)).At(s.ID)
	}
	kept := tree.NewObject()
	for name, v := range input.All() {
		a := s.Attribute(name)
		if a == nil {
			ignored = append(ignored, unknown(s.ID+":"+name, v)...)
			continue
		}
		if a.Mutability == ReadOnly {
			continue
		}
		value, more, err := a.CheckValue(s.ID+":"+a.Name, v)
		if err != nil {
			return nil, nil, err
		}
		if value != nil {
			kept.Set(a.Name, value)
		}
		ignored = append(ignored, more...)
	}
	return present(kept), ignored, nil
}

// unknown gives the path of what no schema has; nothing of what is absent, as nothing is lost by ignoring it.
func unknown(path string, v tree.Value) []string {
	if absent(v) {
		return nil
	}
	return []string{path}
}

// absent reports whether v means that there is no value (RFC 7643 §2.5).
func absent(v tree.Value) bool {
	switch v := v.(type) {
	case nil:
		return true
	case tree.List:
		return len(v) == 0
	case *tree.Object:
		return v.Len() == 0
	}
	return false
}

// present gives o as a value, nil if it is empty.
func present(o *tree.Object) tree.Value {
	if o.Len() == 0 {
		return nil
	}
	return o
}
