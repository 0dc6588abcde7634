// Package tree holds a JSON value as a tree that loses nothing: objects keep the order of their members, numbers
// keep their digits.
package tree

import (
	"iter"
	"slices"
)

// Value is one JSON value: nil, bool, string, Number, List or *Object. Trees are treated as immutable once they
// are shared; whoever changes one works on a Clone.
type Value any

// Number is a JSON number as it was written.
type Number string

// List is a JSON array.
type List []Value

// Object is a JSON object. Names are compared by SameName (RFC 7643 §2.1: attribute names are case insensitive),
// so it never holds two members whose names differ only in case. To read, a nil Object is an empty one.
type Object struct{ members []Member }

// Member is one name with its value.
type Member struct {
	Name  string
	Value Value
}

// NewObject makes an object of members; a later member takes the place of an earlier one of the same name.
func NewObject(members ...Member) *Object {
	o := &Object{members: make([]Member, 0, len(members))}
	for _, m := range members {
		o.Set(m.Name, m.Value)
	}
	return o
}

func (o *Object) index(name string) int {
	return slices.IndexFunc(o.members, func(m Member) bool { return SameName(m.Name, name) })
}

// Get gives the value of the member called name, nil if there is none.
func (o *Object) Get(name string) Value {
	if o == nil {
		return nil
	}
	if i := o.index(name); i >= 0 {
		return o.members[i].Value
	}
	return nil
}

// Has reports whether there is a member called name, even if its value is null.
func (o *Object) Has(name string) bool { return o != nil && o.index(name) >= 0 }

// Set gives the member called name a value: in its place if it exists (its spelling becomes name), else at the end.
func (o *Object) Set(name string, v Value) {
	if i := o.index(name); i >= 0 {
		o.members[i] = Member{name, v}
		return
	}
	o.members = append(o.members, Member{name, v})
}

// Delete takes the member called name away and reports whether it was there.
func (o *Object) Delete(name string) bool {
	if o == nil {
		return false
	}
	i := o.index(name)
	if i >= 0 {
		o.members = slices.Delete(o.members, i, i+1)
	}
	return i >= 0
}

// Len counts the members.
func (o *Object) Len() int {
	if o == nil {
		return 0
	}
	return len(o.members)
}

// All walks the members in their order.
func (o *Object) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if o == nil {
			return
		}
		for _, m := range o.members {
			if !yield(m.Name, m.Value) {
				return
			}
		}
	}
}

// Clone copies v so deeply that a change to the copy is never seen in v.
func Clone(v Value) Value {
	switch v := v.(type) {
	case *Object:
		return v.Clone()
	case List:
		copied := make(List, len(v))
		for i, e := range v {
			copied[i] = Clone(e)
		}
		return copied
	default:
		return v
	}
}

// Clone copies o deeply.
func (o *Object) Clone() *Object {
	if o == nil {
		return nil
	}
	copied := &Object{members: make([]Member, len(o.members))}
	for i, m := range o.members {
		copied.members[i] = Member{m.Name, Clone(m.Value)}
	}
	return copied
}

// Equal reports whether a and b are the same JSON value: the order of members does not count, the order of a
// list does, and numbers are compared by value.
func Equal(a, b Value) bool {
	switch a := a.(type) {
	case *Object:
		b, ok := b.(*Object)
		if !ok || a.Len() != b.Len() {
			return false
		}
		for name, v := range a.All() {
			if !b.Has(name) || !Equal(v, b.Get(name)) {
				return false
			}
		}
		return true
	case List:
		b, ok := b.(List)
		return ok && slices.EqualFunc(a, b, Equal)
	case Number:
		b, ok := b.(Number)
		return ok && a.equal(b)
	default:
		switch b.(type) {
		case *Object, List:
			return false // not comparable with ==
		}
		return a == b
	}
}
