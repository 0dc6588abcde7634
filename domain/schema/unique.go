package schema

import (
	"cmp"
	"slices"

	"github.com/extraordinary/provisioning/domain/tree"
)

// UniqueValue is a value that one resource of an organisation may have and no other.
type UniqueValue struct {
	Path string // of the attribute, in its canonical spelling; it begins with the URN of the extension
	Key  string // the value as Attribute.Key gives it, in JSON
}

// Unique gives the values of o, the attributes of a resource as Check leaves them, that the extensions of t declare to be
// unique (RFC 7643 §7): each once, in an order that is the same for all resources. The core schemas' own, userName and
// displayName, are not among them: stores know them by name. Nor is the empty string, by which clients say that there is
// nothing.
func (t *ResourceType) Unique(o *tree.Object) (values []UniqueValue) {
	for _, e := range t.Extensions {
		part, carried := o.Get(e.ID).(*tree.Object)
		if !carried {
			continue
		}
		for i := range e.Attributes {
			a := &e.Attributes[i]
			values = append(values, holds(Target{e, a, nil}, a, part)...)
			for j := range a.SubAttributes {
				sub := &a.SubAttributes[j]
				for _, element := range elementsOf(part.Get(a.Name)) {
					object, _ := element.(*tree.Object)
					values = append(values, holds(Target{e, a, sub}, sub, object)...)
				}
			}
		}
	}
	slices.SortFunc(values, func(a, b UniqueValue) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Key, b.Key))
	})
	return slices.Compact(values)
}

// holds gives the values that o has of a, none unless they must be unique. target is where a is.
func holds(target Target, a *Attribute, o *tree.Object) (values []UniqueValue) {
	if a.Uniqueness != Server {
		return nil
	}
	for _, v := range elementsOf(o.Get(a.Name)) {
		if key, ok := a.Key(v); ok && key != "" {
			values = append(values, UniqueValue{target.Path(), string(tree.Append(nil, key))})
		}
	}
	return values
}

// elementsOf gives the values of an attribute, be they one or many.
func elementsOf(v tree.Value) tree.List {
	if list, ok := v.(tree.List); ok {
		return list
	}
	return tree.List{v}
}
