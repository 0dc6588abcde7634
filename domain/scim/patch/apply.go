package patch

import (
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
)

// Result is what became of a resource's attributes.
type Result struct {
	Attributes *tree.Object
	// Ignored are the paths of attributes that were sent and that no schema has.
	Ignored []string
}

// Apply applies operations in their order to the attributes of a resource of type t, which are as
// schema.ResourceType.Check leaves them; so are those of the result. It never changes what it is given. Whether all that
// is required is there in the end is for schema.ResourceType.Required to say.
//
// What t does not have is ignored and named in the result, since no user shall fail for one mapping too many.
// Attributes that only this service may write are refused if a path names them (Mutability), and left out in silence
// if they stand in a value without a path: such a value is like the body of a POST, where RFC 7644 §3.3 has them
// ignored, and clients send back there what they have read. "schemas" follows from the other attributes, so that
// writing it changes nothing.
//
// Faults, at the attribute to blame: InvalidFilter for the filter of a path; NoTarget for a filter that selects
// nothing (entra.go says when not); Mutability; Invalid for a value that the attribute cannot have.
func Apply(t *schema.ResourceType, attributes *tree.Object, operations []Operation) (Result, error) {
	e := editor{t: t, attributes: orNew(attributes.Clone()), seen: map[string]bool{}}
	for _, op := range operations {
		each, err := singles(t, op)
		if err != nil {
			return Result{}, err
		}
		for _, one := range each {
			if err := e.apply(one); err != nil {
				return Result{}, err
			}
		}
	}
	return Result{e.attributes, e.ignored}, nil
}

// editor is the resource in the making. Its attributes are a copy, which is changed in place.
type editor struct {
	t          *schema.ResourceType
	attributes *tree.Object
	ignored    []string
	seen       map[string]bool // whether a path is in ignored: a message may have 100,000 that are
}

func (e *editor) ignore(paths ...string) {
	for _, path := range paths {
		if !e.seen[path] {
			e.seen[path] = true
			e.ignored = append(e.ignored, path)
		}
	}
}

func (e *editor) apply(op Operation) error {
	if extension := e.t.Extension(op.Path.Path.String()); extension != nil && op.Path.Filter == nil {
		e.attributes.Delete(extension.ID)
		return nil
	}
	target, ok := e.t.Resolve(op.Path.URN, op.Path.Name, op.Path.Sub)
	if !ok {
		if op.Op != Remove && !clears(op.Value) {
			e.ignore(op.Path.Path.String())
		}
		return nil
	}
	if skip, err := writable(target, op); skip || err != nil {
		return err
	}
	o := e.attributes
	if target.Extension != nil {
		var carried bool
		if o, carried = o.Get(target.Extension.ID).(*tree.Object); !carried {
			o = tree.NewObject()
		}
	}
	a := target.Attribute
	now := o.Get(a.Name)
	next, err := e.next(target, tree.Clone(now), op) // which changes it in place, while allowed compares the two
	if err != nil {
		return err
	}
	if err := allowed(a, attributeOf(target).Path(), op.Op, now, next); err != nil {
		return err
	}
	if list, many := next.(tree.List); many {
		next = a.Distinct(list) // two may have become alike by a change of their parts
	}
	put(o, a.Name, next)
	if target.Extension != nil {
		put(e.attributes, target.Extension.ID, present(o))
	}
	return nil
}

// next gives what becomes of the whole value of the target's attribute, nil for none.
func (e *editor) next(target schema.Target, now tree.Value, op Operation) (tree.Value, error) {
	switch {
	case op.Path.Filter != nil:
		return e.selected(target, now, op)
	case target.Sub != nil:
		return e.part(target, now, op)
	}
	return e.whole(target.Attribute, target.Path(), now, op)
}

// attributeOf gives the attribute of which target may be a part.
func attributeOf(target schema.Target) schema.Target {
	target.Sub = nil
	return target
}

// writable refuses what only this service may write. skip is true if the operation has no effect and is no error.
func writable(target schema.Target, op Operation) (skip bool, err error) {
	if target.Extension == nil && target.Attribute.Name == "schemas" {
		if op.Op == Remove && op.Path.Filter == nil {
			return false, fault.New(fault.Mutability, "is required and cannot be removed").At("schemas")
		}
		return true, nil
	}
	for _, a := range []*schema.Attribute{target.Attribute, target.Sub} {
		switch {
		case a == nil:
		case a.Mutability == schema.WriteOnly: // accepted and never kept
			return true, nil
		case a.Mutability == schema.ReadOnly && !op.loose:
			return false, fault.New(fault.Mutability, "is read-only").At(target.Path())
		case a.Mutability == schema.ReadOnly:
			return true, nil
		}
	}
	return false, nil
}

// allowed refuses to take a required value away (RFC 7644 §3.5.2.2) and to change an immutable one that is there
// (§3.5.2).
func allowed(a *schema.Attribute, path string, op Op, now, next tree.Value) error {
	switch {
	case a.Mutability == schema.Immutable && now != nil && !tree.Equal(form(a, now), form(a, next)):
		return fault.New(fault.Mutability, "cannot be changed once it has a value").At(path)
	case !a.Required || next != nil:
		return nil
	case op == Remove:
		return fault.New(fault.Mutability, "is required and cannot be removed").At(path)
	}
	return fault.New(fault.Invalid, "is required; send a value that is not blank").At(path)
}

func put(o *tree.Object, name string, v tree.Value) {
	if v == nil {
		o.Delete(name)
		return
	}
	o.Set(name, v)
}

// present gives o as a value, nil if nothing is in it.
func present(o *tree.Object) tree.Value {
	if o.Len() == 0 {
		return nil
	}
	return o
}
