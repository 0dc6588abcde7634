package scim

import (
	"cmp"
	"strings"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
)

// Order says how resources follow each other: by the values of By and, where these are the same, by their ids.
// Resources without a value come last, and descending is the whole of it the other way round (RFC 7644 §3.4.2.3). The
// zero Order is that of the ids.
type Order struct {
	By         schema.Target // without an Attribute: the id
	Descending bool
}

// Position is the place of a resource in an Order. Key is what it is sorted by, in the form that the search document
// has; nil if it has no value.
type Position struct {
	Key tree.Value
	ID  string
}

// ParseOrder reads the parameters sortBy and sortOrder; either may be empty. A complex attribute stands for its
// sub-attribute "value", as in a filter. Faults: Invalid at the parameter to blame.
func ParseOrder(t *schema.ResourceType, sortBy, sortOrder string) (Order, error) {
	descending := tree.SameName(sortOrder, "descending")
	if sortOrder != "" && !descending && !tree.SameName(sortOrder, "ascending") {
		return Order{}, fault.New(fault.Invalid, "can be ascending or descending").At("sortOrder")
	}
	if sortBy == "" {
		return Order{}, nil
	}
	target, err := sortable(t, sortBy)
	if err != nil {
		return Order{}, err.At("sortBy")
	}
	return Order{target, descending}, nil
}

func sortable(t *schema.ResourceType, sortBy string) (schema.Target, *fault.Error) {
	path, err := ParsePath(sortBy)
	if err != nil || path.Filter != nil {
		return schema.Target{}, fault.New(fault.Invalid, "send one attribute name such as userName or name.givenName")
	}
	target, known := t.Resolve(path.URN, path.Name, path.Sub)
	switch {
	case !known:
		return target, fault.New(fault.Invalid, "is no attribute of a %s; those that are there are listed at /Schemas", t.Name)
	case searchable(target) != nil:
		return target, fault.New(fault.Invalid, "cannot be sorted by, as it is never returned")
	case target.Extension == nil && (target.Attribute.Name == "groups" || target.Attribute.Name == "members"):
		return target, fault.New(fault.Invalid, "cannot be sorted by, as memberships have no order")
	}
	if target.Sub == nil && target.Attribute.Type == schema.Complex {
		if target.Sub = target.Attribute.Sub("value"); target.Sub == nil {
			return target, fault.New(fault.Invalid, "is complex; name one of its sub-attributes: %s", subNames(target.Attribute))
		}
	}
	if isOurs(target) {
		return sortableOfOurs(target), nil
	}
	return target, nil
}

// sortableOfOurs takes the id for what follows from it: all resources of a type have the same resourceType, and their
// locations end with the id.
func sortableOfOurs(target schema.Target) schema.Target {
	if target.Sub == nil || target.Sub.Name == "resourceType" || target.Sub.Name == "location" {
		return schema.Target{}
	}
	return target
}

// ByID reports whether o is the order of ids, or its reverse.
func (o Order) ByID() bool { return o.By.Attribute == nil }

// String gives o as one text, which tells it from any other.
func (o Order) String() string {
	if o.Descending {
		return strings.TrimSpace(o.By.Path() + " descending")
	}
	return o.By.Path()
}

// Position gives the place of the resource s.
func (o Order) Position(s Subject) Position {
	if o.ByID() {
		return Position{ID: s.ID}
	}
	if !o.By.Attribute.MultiValued {
		return Position{first(s.value(o.By)), s.ID}
	}
	whole := o.By
	whole.Sub = nil
	elements, _ := s.value(whole).(tree.List)
	return Position{preferred(elements, o.By.Sub), s.ID}
}

// preferred gives the value of the primary element, else that of the first (RFC 7644 §3.4.2.3).
func preferred(elements tree.List, sub *schema.Attribute) tree.Value {
	for _, e := range elements {
		if o, _ := e.(*tree.Object); o.Get("primary") == true {
			if v := first(part(o, sub)); v != nil {
				return v
			}
			break
		}
	}
	if len(elements) == 0 {
		return nil
	}
	return first(part(elements[0], sub))
}

func first(v tree.Value) tree.Value {
	list, many := v.(tree.List)
	switch {
	case !many:
		return v
	case len(list) == 0:
		return nil
	}
	return list[0]
}

// Compare puts two positions in order: it is negative if a comes first.
func (o Order) Compare(a, b Position) int {
	order := cmp.Or(compareKeys(a.Key, b.Key), cmp.Compare(a.ID, b.ID))
	if o.Descending {
		return -order
	}
	return order
}

func compareKeys(a, b tree.Value) int {
	if a == nil || b == nil {
		return cmp.Compare(rank(a == nil), rank(b == nil))
	}
	if x, ok := a.(bool); ok {
		y, _ := b.(bool)
		return cmp.Compare(rank(x), rank(y))
	}
	order, _ := compare(a, b)
	return order
}

func rank(later bool) int {
	if later {
		return 1
	}
	return 0
}
