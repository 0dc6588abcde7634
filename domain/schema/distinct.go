package schema

import "github.com/extraordinary/provisioning/domain/tree"

// Distinct gives list, elements of a, with those merged that are one: the same (type, value) SHOULD NOT be returned more
// than once (RFC 7643 §2.4). What the later one says is added to the first, or replaces what that said, unless it is
// immutable. Elements without a "value", such as addresses, are one if they are equal. list stays as it is.
func (a *Attribute) Distinct(list tree.List) tree.List {
	if len(list) < 2 {
		return list
	}
	distinct := make(tree.List, 0, len(list))
	first := make(map[string]int, len(list))
	for _, e := range list {
		key := string(tree.Append(nil, a.identity(e)))
		i, again := first[key]
		if !again {
			first[key] = len(distinct)
			distinct = append(distinct, e)
			continue
		}
		if o, ok := e.(*tree.Object); ok {
			distinct[i] = a.Merge(distinct[i].(*tree.Object), o)
		}
	}
	return distinct
}

// Merge gives o, an element of a, with what another says, but for immutable sub-attributes that o has. o stays as it is.
func (a *Attribute) Merge(o, another *tree.Object) *tree.Object {
	merged := o.Clone()
	for name, v := range another.All() {
		if sub := a.Sub(name); sub == nil || sub.Mutability != Immutable || !o.Has(name) {
			merged.Set(name, v)
		}
	}
	return merged
}

// identity is what two elements have in common if they are one, in the form in which equal is equal.
func (a *Attribute) identity(element tree.Value) tree.Value {
	key := a.searchElement(element)
	o, ok := key.(*tree.Object)
	if !ok {
		return key
	}
	if o.Has("value") {
		return tree.List{o.Get("type"), o.Get("value")}
	}
	parts := make(tree.List, len(a.SubAttributes)) // in the order of their definitions, for theirs means nothing
	for i := range a.SubAttributes {
		parts[i] = o.Get(a.SubAttributes[i].Name)
	}
	return parts
}
