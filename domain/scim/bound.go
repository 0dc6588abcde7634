package scim

import (
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
)

// Bound is a filter that was held against the schemas of a resource type: each path is a definition and each value is
// in the form that the search document has (schema.ResourceType.Search). It is a Term, Has, Some, All, Any, Negation
// or Constant. Match evaluates it in memory; a store renders it to a query that finds the same.
//
// Three attributes are in no search document, and a store keeps them beside it: id, meta.created and
// meta.lastModified (a string such as 2026-01-31T23:59:59.000000000Z, like every dateTime), and meta.version (an entity tag).
type Bound interface{ bound() }

// Term holds if one value of the target compares with Value as Op says; it does not hold if there is no value. Within
// a Some, the value is that of the element at hand: of its Target.Sub, or the element itself if Sub is nil.
//
// Op is never NotEqual, which is the Negation of Equal. Value is a string, a bool or a tree.Number, never nil: null
// became a Has. Contains, StartsWith and EndsWith only come with strings, and bool only with Equal.
type Term struct {
	Target schema.Target
	Op     Op
	Value  tree.Value
}

// Has holds if the target has a value that is not empty: neither "" nor an object or list of nothing else. Within a
// Some it asks that of the element at hand, as Term does. Target.Attribute is nil if a whole extension is asked for.
type Has struct{ Target schema.Target }

// Some holds if Filter holds for one and the same element of the target, which is an attribute without a Sub. A
// single value counts as one element. Within Filter there is no other Some.
type Some struct {
	Target schema.Target
	Filter Bound
}

// All holds if all of its filters hold. There are two or more.
type All []Bound

// Any holds if one of its filters holds. There are two or more.
type Any []Bound

// Negation holds if its filter does not.
type Negation struct{ Filter Bound }

// Constant holds for every resource of the type, or for none. Only a whole filter is ever Constant: within others it
// is worked out.
type Constant bool

func (Term) bound()     {}
func (Has) bound()      {}
func (Some) bound()     {}
func (All) bound()      {}
func (Any) bound()      {}
func (Negation) bound() {}
func (Constant) bound() {}

func all(filters []Bound) Bound {
	var kept All
	for _, f := range filters {
		switch f := f.(type) {
		case Constant:
			if !f {
				return f
			}
		case All:
			kept = append(kept, f...)
		default:
			kept = append(kept, f)
		}
	}
	switch len(kept) {
	case 0:
		return Constant(true)
	case 1:
		return kept[0]
	}
	return kept
}

func anyOf(filters []Bound) Bound {
	var kept Any
	for _, f := range filters {
		switch f := f.(type) {
		case Constant:
			if f {
				return f
			}
		case Any:
			kept = append(kept, f...)
		default:
			kept = append(kept, f)
		}
	}
	switch len(kept) {
	case 0:
		return Constant(false)
	case 1:
		return kept[0]
	}
	return kept
}

func negation(f Bound) Bound {
	switch f := f.(type) {
	case Constant:
		return !f
	case Negation:
		return f.Filter
	}
	return Negation{f}
}
