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
	target = attributeOf(target)
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
	clean, err := e.element(a, path, sent)
	if err != nil || clean == nil { // nil: nothing was sent but what is ignored
		return list, err
	}
	for _, i := range chosen {
		was := object(list[i]) // nil if it is simple
		if op.Op == Add && was != nil {
			if list[i], err = merge(a, path, was, object(clean), object(sent)); err != nil {
				return nil, err
			}
			continue
		}
		if err := changeable(a, path, was, object(clean)); err != nil {
			return nil, err
		}
		list[i] = clean
	}
	if err := onePrimary(path, list, chosen); err != nil {
		return nil, err
	}
	return list, nil
}

// create makes the element that a filter looks for in vain, where Entra needs it: see implied.
func (e *editor) create(target schema.Target, list tree.List, filter scim.Bound, op Operation) (tree.Value, error) {
	a := target.Attribute
	nothing := fault.New(fault.NoTarget, "has no value that the filter selects").At(target.Path())
	described := implied(op.Path.Filter)
	if !a.MultiValued || a.Type != schema.Complex || described == nil || target.Sub == nil && op.Op == Replace {
		return nil, nothing
	}
	path := attributeOf(target).Path()
	sent := op.Value
	if target.Sub == nil || !target.Sub.MultiValued {
		sent = unwrapped(sent)
	}
	if target.Sub != nil {
		sent = tree.NewObject(tree.Member{Name: target.Sub.Name, Value: sent})
	}
	said, err := e.element(a, path, sent)
	if err != nil {
		return nil, err
	}
	for name, v := range object(said).All() {
		described.Set(name, v)
	}
	element, err := e.element(a, path, described)
	if err != nil {
		return nil, err
	}
	if !scim.MatchElement(filter, form(a, element)) {
		return nil, nothing
	}
	return added(a, path, orNone(list), tree.List{element})
}
