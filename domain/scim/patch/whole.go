package patch

import (
	"slices"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
)

// whole gives what an operation without a filter makes of now, the value of a, which is an attribute or a
// sub-attribute.
func (e *editor) whole(a *schema.Attribute, path string, now tree.Value, op Operation) (tree.Value, error) {
	if op.Op == Remove {
		if a.MultiValued && op.Value != nil {
			return e.withoutListed(a, path, now, op.Value)
		}
		return nil, nil
	}
	if clears(op.Value) {
		if a.MultiValued && op.Op == Add {
			return now, nil // nothing is added
		}
		return nil, nil
	}
	sent := op.Value
	if !a.MultiValued {
		sent = unwrapped(sent)
	}
	clean, err := e.check(a, path, sent)
	switch {
	case err != nil:
		return nil, err
	case !a.MultiValued && a.Type == schema.Complex:
		merged, err := merge(a, path, orNew(now), object(clean), object(sent))
		return present(merged), err
	case clean == nil: // nothing was sent but what is ignored
		return now, nil
	case a.MultiValued && op.Op == Add:
		return added(a, path, now, clean)
	case a.MultiValued && a.Type == schema.Complex:
		return clean, keepElements(a, path+".", now, clean)
	}
	return clean, nil
}

func (e *editor) check(a *schema.Attribute, path string, v tree.Value) (tree.Value, error) {
	clean, ignored, err := a.CheckValue(path, v)
	e.ignore(ignored...)
	return clean, err
}

func (e *editor) element(a *schema.Attribute, path string, v tree.Value) (tree.Value, error) {
	clean, ignored, err := a.CheckElement(path, v)
	e.ignore(ignored...)
	return clean, err
}

// part gives what an operation on a sub-attribute, without a filter, makes of now, the value of the attribute.
func (e *editor) part(target schema.Target, now tree.Value, op Operation) (tree.Value, error) {
	a := target.Attribute
	if !a.MultiValued {
		o := orNew(now)
		err := e.setPart(target, o, op)
		return present(o), err
	}
	list, _ := now.(tree.List)
	switch {
	case op.Op != Remove && len(list) > 1:
		// The RFC does not say what is meant: one value for all would make e-mail addresses alike.
		return nil, fault.New(fault.InvalidPath, `names no single value, for there are several; select one by a filter, as in %s[type eq "work"].%s`, a.Name, target.Sub.Name).At(target.Path())
	case op.Op != Remove && len(list) == 0 && !clears(op.Value):
		list = tree.List{tree.NewObject()}
	}
	return e.setParts(target, list, every(len(list)), op)
}

func every(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// setPart does op to one sub-attribute of o.
func (e *editor) setPart(target schema.Target, o *tree.Object, op Operation) error {
	sub, path := target.Sub, target.Path()
	now := o.Get(sub.Name)
	next, err := e.whole(sub, path, now, op)
	if err != nil {
		return err
	}
	if err := allowed(sub, path, op.Op, now, next); err != nil {
		return err
	}
	was := o.Clone()
	put(o, sub.Name, next)
	dropStaleRef(was, o)
	return nil
}

// setParts does op to one sub-attribute of those elements of list that chosen counts.
func (e *editor) setParts(target schema.Target, list tree.List, chosen []int, op Operation) (tree.Value, error) {
	for _, i := range chosen {
		if err := e.setPart(target, object(list[i]), op); err != nil {
			return nil, err
		}
	}
	if err := onePrimary(attributeOf(target).Path(), list, chosen); err != nil {
		return nil, err
	}
	idle := func(o *tree.Object) bool { return o.Len() == 0 } // what was to be made of nothing but what is ignored
	if op.Op == Remove || clears(op.Value) {
		idle = saysNothing
	}
	return without(list, slices.DeleteFunc(chosen, func(i int) bool { return !idle(object(list[i])) })), nil
}

// merge gives o with the sub-attributes in clean; those that are not sent are left unchanged (RFC 7644 §3.5.2.3). sent
// is clean before it was checked, nil if it was no object: a sub-attribute that is null or "" there is taken away.
func merge(a *schema.Attribute, path string, o, clean, sent *tree.Object) (*tree.Object, error) {
	next := o.Clone()
	for name, v := range clean.All() {
		next.Set(name, v)
	}
	for name, v := range sent.All() {
		if clears(v) {
			next.Delete(name)
		}
	}
	if !clean.Has("$ref") {
		dropStaleRef(o, next)
	}
	return next, changeable(a, path, o, next)
}

// changeable holds that next, which is to take the place of the complex value o, keeps the sub-attributes of it that
// are immutable or required.
func changeable(a *schema.Attribute, path string, o, next *tree.Object) error {
	for i := range a.SubAttributes {
		sub := &a.SubAttributes[i]
		if now := o.Get(sub.Name); now != nil {
			if err := allowed(sub, path+"."+sub.Name, Replace, now, next.Get(sub.Name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropStaleRef takes the reference away from a value that has become another: it refers to the old one.
func dropStaleRef(was, is *tree.Object) {
	if !tree.Equal(was.Get("value"), is.Get("value")) {
		is.Delete("$ref")
	}
}

func object(v tree.Value) *tree.Object {
	o, _ := v.(*tree.Object)
	return o
}

func orNew(v tree.Value) *tree.Object {
	if o := object(v); o != nil {
		return o
	}
	return tree.NewObject()
}
