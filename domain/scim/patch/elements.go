package patch

import (
	"slices"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
)

// added gives the list now with elements at its end. Those that are there already change nothing (RFC 7644 §3.5.2.1);
// one that has the value and type of another is merged into that, since no two elements should have both alike (RFC
// 7643 §2.4).
func added(a *schema.Attribute, path string, now, elements tree.Value) (tree.Value, error) {
	list, _ := now.(tree.List)
	there := indexOf(a, list)
	var written []int
	sent, _ := elements.(tree.List)
	for _, element := range sent {
		key := form(a, element)
		switch i, found := there.find(key); {
		case found == contained:
		case found == alike:
			list[i] = a.Merge(object(list[i]), object(element))
			there.forms[i] = form(a, list[i])
			written = append(written, i)
		default:
			written = append(written, len(list))
			list = append(list, element)
			there.add(key)
		}
	}
	if len(list) > schema.MaxElements {
		return nil, fault.New(fault.Invalid, "would have %d elements; at the most %d are kept", len(list), schema.MaxElements).At(path)
	}
	if err := onePrimary(path, list, written); err != nil {
		return nil, err
	}
	return orNone(list), nil
}

// index finds elements of a list in the form in which equal is equal.
type index struct {
	forms   []tree.Value
	byValue map[tree.Value][]int // of "value" or of a simple element; nil for those that have none
}

// likeness says how an element that is sent relates to one that is there.
type likeness int

const (
	different likeness = iota
	alike              // the same value, and no other type
	contained          // all that is sent is there
)

func indexOf(a *schema.Attribute, list tree.List) *index {
	x := &index{byValue: map[tree.Value][]int{}}
	for _, v := range list {
		x.add(form(a, v))
	}
	return x
}

func (x *index) add(key tree.Value) {
	value := significant(key)
	x.byValue[value] = append(x.byValue[value], len(x.forms))
	x.forms = append(x.forms, key)
}

// candidates gives the places of those elements that can be like key: with its value, or all if key has none, such as
// an address.
func (x *index) candidates(key tree.Value) []int {
	if value := significant(key); value != nil {
		return x.byValue[value]
	}
	return every(len(x.forms))
}

// find gives the place of an element that is like key: one that contains it, else the first that is alike.
func (x *index) find(key tree.Value) (place int, how likeness) {
	for _, i := range x.candidates(key) {
		switch is := like(x.forms[i], key); {
		case is == contained:
			return i, contained
		case is == alike && how == different:
			place, how = i, alike
		}
	}
	return place, how
}

// significant gives what two elements must have in common to be the same one: the sub-attribute "value" (RFC 7643
// §2.4: "the attribute's significant value"), or the element itself if it is simple.
func significant(key tree.Value) tree.Value {
	v := key
	if o := object(key); o != nil {
		v = o.Get("value")
	}
	switch v.(type) {
	case *tree.Object, tree.List: // cannot be the key of a map
		return nil
	}
	return v
}

// like compares forms of elements.
func like(have, sent tree.Value) likeness {
	x, y := object(have), object(sent)
	if x == nil || y == nil {
		if tree.Equal(have, sent) {
			return contained
		}
		return different
	}
	all := true
	for name, v := range y.All() {
		all = all && tree.Equal(x.Get(name), v)
	}
	switch {
	case all:
		return contained
	case y.Has("value") && tree.Equal(x.Get("value"), y.Get("value")) && (!x.Has("type") || !y.Has("type") || tree.Equal(x.Get("type"), y.Get("type"))):
		return alike
	}
	return different
}

// form gives v, a value of a or a list of such, in the form in which equal is equal: schema.Attribute.Key of all that
// is in it.
func form(a *schema.Attribute, v tree.Value) tree.Value {
	switch v := v.(type) {
	case tree.List:
		forms := make(tree.List, len(v))
		for i, e := range v {
			forms[i] = form(a, e)
		}
		return forms
	case *tree.Object:
		forms := tree.NewObject()
		for name, part := range v.All() {
			if sub := a.Sub(name); sub != nil {
				forms.Set(sub.Name, form(sub, part))
			}
		}
		return forms
	}
	key, _ := a.Key(v)
	return key
}

// onePrimary makes every element of list not primary but the one that was written so, if there is one (RFC 7644
// §3.5.2). written counts the elements that an operation has written to.
func onePrimary(path string, list tree.List, written []int) error {
	primary := slices.DeleteFunc(slices.Clone(written), func(i int) bool { return object(list[i]).Get("primary") != true })
	slices.Sort(primary)
	primary = slices.Compact(primary)
	switch len(primary) {
	case 0:
		return nil
	case 1:
		for i, v := range list {
			if o := object(v); i != primary[0] && o.Get("primary") == true {
				o.Set("primary", false)
			}
		}
		return nil
	}
	return fault.New(fault.Invalid, "%d elements are primary; let one be it at the most", len(primary)).At(path)
}

// without gives list without the elements that chosen counts, which are in order.
func without(list tree.List, chosen []int) tree.Value {
	kept := make(tree.List, 0, len(list))
	for i, v := range list {
		if _, gone := slices.BinarySearch(chosen, i); !gone {
			kept = append(kept, v)
		}
	}
	return orNone(kept)
}

// orNone gives list as a value, nil if it is empty (RFC 7643 §2.5: an empty list is no value).
func orNone(list tree.List) tree.Value {
	if len(list) == 0 {
		return nil
	}
	return list
}
