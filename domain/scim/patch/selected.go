package patch

import (
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

// selected gives what an operation with a filter makes of now, the value of the attribute that the filter selects
// elements of.
func (e *editor) selected(target schema.Target, now tree.Value, op Operation) (tree.Value, error) {
	a := target.Attribute
	filter, err := selector(e.t, target, op)
	if err != nil {
		return nil, err
	}
	list, _ := now.(tree.List)
	if !a.MultiValued && now != nil {
		list = tree.List{now}
	}
	var chosen []int
	for i, v := range list {
		if scim.MatchElement(filter, form(a, v)) {
			chosen = append(chosen, i)
		}
	}
	next, err := e.change(target, list, chosen, filter, op)
	if err != nil || a.MultiValued {
		return next, err
	}
	if left, _ := next.(tree.List); len(left) > 0 {
		return left[0], nil
	}
	return nil, nil
}

// selector holds the filter of op's path against the attribute that it selects elements of.
func selector(t *schema.ResourceType, target schema.Target, op Operation) (scim.Bound, error) {
	a := target.Attribute
	target.Sub = nil
	if !a.MultiValued && a.Type != schema.Complex {
		return nil, fault.New(fault.InvalidPath, "has one simple value, so that no filter can select from it").At(target.Path())
	}
	return scim.BindElement(op.Path.Filter, t, target)
}

// change does op to those elements of list that chosen counts.
func (e *editor) change(target schema.Target, list tree.List, chosen []int, filter scim.Bound, op Operation) (tree.Value, error) {
	gone := op.Op == Remove || clears(op.Value)
	switch {
	case len(chosen) == 0 && gone:
		// What is not there is removed already: "no changes should be made to the resource, and a success response
		// should be returned" (RFC 7644 §3.5.2.2, of a member). So it is with every other attribute.
		return orNone(list), nil
	case len(chosen) == 0:
		return e.create(target, list, filter, op)
	case target.Sub != nil:
		return e.setParts(target, list, chosen, op)
	case gone:
		return without(list, chosen), nil
	}
	return e.setElements(target, list, chosen, op)
}

// setElements writes one value into the elements of list that chosen counts: "add" merges it with what is there,
// "replace" puts it in the place of that ("all matching record values SHALL be replaced").
func (e *editor) setElements(target schema.Target, list tree.List, chosen []int, op Operation) (tree.Value, error) {
	a, path := target.Attribute, target.Path()
	sent := unwrapped(op.Value)
	clean, ignored, err := a.CheckElement(path, sent)
	if err != nil {
		return nil, err
	}
	e.ignore(ignored...)
	if clean == nil { // nothing was sent but what is ignored
		return list, nil
	}
	for _, i := range chosen {
		switch was := object(list[i]); {
		case was == nil:
			list[i] = clean
		case op.Op == Add:
			if list[i], err = merge(a, path, was, object(clean), object(sent)); err != nil {
				return nil, err
			}
		default:
			if err := changeable(a, path, was, object(clean)); err != nil {
				return nil, err
			}
			list[i] = tree.Clone(clean)
		}
	}
	if err := onePrimary(path, list, chosen); err != nil {
		return nil, err
	}
	return list, nil
}

// create makes the element that a filter looks for in vain, where Entra needs it: see implied.
func (e *editor) create(target schema.Target, list tree.List, filter scim.Bound, op Operation) (tree.Value, error) {
	a := target.Attribute
	nothing := fault.New(fault.NoTarget, "has no value that the filter selects").At(op.Path.Path.String())
	element := implied(op.Path.Filter)
	if !a.MultiValued || a.Type != schema.Complex || element == nil || target.Sub == nil && op.Op == Replace {
		return nil, nothing
	}
	if target.Sub != nil {
		element.Set(target.Sub.Name, op.Value)
	} else {
		sent, ok := unwrapped(op.Value).(*tree.Object)
		if !ok {
			return nil, fault.New(fault.Invalid, "must be an object with sub-attributes").At(target.Path())
		}
		for name, v := range sent.All() {
			element.Set(name, v)
		}
	}
	target.Sub = nil
	clean, ignored, err := a.CheckElement(target.Path(), element)
	if err != nil {
		return nil, err
	}
	e.ignore(ignored...)
	if !scim.MatchElement(filter, form(a, clean)) {
		return nil, nothing
	}
	return added(a, target.Path(), orNone(list), tree.List{clean})
}
