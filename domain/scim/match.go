package scim

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
)

// Subject is what a filter is evaluated on: the search document of a resource (schema.ResourceType.Search) and what
// is kept beside it.
type Subject struct {
	ID                string
	Created, Modified time.Time
	Version           string // as an entity tag
	Search            *tree.Object
}

// Match reports whether b holds for the resource s. It is the meaning of a filter; what a store finds must be the
// same.
//
// Strings compare by code points, since the search document has folded those that are not caseExact. An attribute of
// many values matches if one of them does. Values of different types are never equal and have no order.
func Match(b Bound, s Subject) bool {
	return matches(b, s.value)
}

// MatchElement reports whether b, a filter that BindElement gave, holds for one element of an attribute, in the form
// that it has in a search document.
func MatchElement(b Bound, element tree.Value) bool {
	return matches(b, func(target schema.Target) tree.Value { return part(element, target.Sub) })
}

func matches(b Bound, value func(schema.Target) tree.Value) bool {
	switch b := b.(type) {
	case Constant:
		return bool(b)
	case Negation:
		return !matches(b.Filter, value)
	case All:
		for _, f := range b {
			if !matches(f, value) {
				return false
			}
		}
		return true
	case Any:
		for _, f := range b {
			if matches(f, value) {
				return true
			}
		}
		return false
	case Has:
		return !empty(value(b.Target))
	case Term:
		return one(value(b.Target), func(v tree.Value) bool { return b.Op.holds(v, b.Value) })
	case Some:
		return one(value(b.Target), func(v tree.Value) bool { return MatchElement(b.Filter, v) })
	}
	return false
}

// value gives what the target has in s: nil, one value, or a list of several.
func (s Subject) value(target schema.Target) tree.Value {
	if isOurs(target) {
		return s.ours(target)
	}
	o := s.Search
	if target.Extension != nil {
		o, _ = o.Get(target.Extension.ID).(*tree.Object)
	}
	if target.Attribute == nil {
		return o
	}
	return part(o.Get(target.Attribute.Name), target.Sub)
}

func (s Subject) ours(target schema.Target) tree.Value {
	if target.Sub == nil {
		return s.ID
	}
	switch target.Sub.Name {
	case "created":
		return moment(target.Sub, s.Created)
	case "lastModified":
		return moment(target.Sub, s.Modified)
	default:
		return s.Version
	}
}

func moment(a *schema.Attribute, t time.Time) tree.Value {
	key, _ := a.Key(t.UTC().Format(time.RFC3339Nano))
	return key
}

// part gives the values that sub has in v: in an object, or in each object of a list.
func part(v tree.Value, sub *schema.Attribute) tree.Value {
	if sub == nil {
		return v
	}
	switch v := v.(type) {
	case *tree.Object:
		return v.Get(sub.Name)
	case tree.List:
		parts := make(tree.List, 0, len(v))
		for _, e := range v {
			switch p := part(e, sub).(type) {
			case nil:
			case tree.List:
				parts = append(parts, p...)
			default:
				parts = append(parts, p)
			}
		}
		return parts
	}
	return nil
}

// one reports whether holds is true of v, or of an element if v is a list.
func one(v tree.Value, holds func(tree.Value) bool) bool {
	list, many := v.(tree.List)
	if !many {
		return v != nil && holds(v)
	}
	for _, e := range list {
		if holds(e) {
			return true
		}
	}
	return false
}

// empty reports whether nothing is in v (RFC 7644 §3.4.2.2: "pr" asks for a "non-empty or non-null value", or for a
// "non-empty node").
func empty(v tree.Value) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case tree.List:
		for _, e := range v {
			if !empty(e) {
				return false
			}
		}
		return true
	case *tree.Object:
		for _, m := range v.All() {
			if !empty(m) {
				return false
			}
		}
		return true
	}
	return false
}

// holds compares the value of an attribute with that of a filter.
func (op Op) holds(have, want tree.Value) bool {
	switch op {
	case Equal:
		return tree.Equal(have, want)
	case NotEqual:
		return !tree.Equal(have, want)
	case Contains, StartsWith, EndsWith:
		have, _ := have.(string)
		want, _ := want.(string)
		return op.finds(have, want)
	case Greater, GreaterOrEqual, Less, LessOrEqual:
		order, ok := compare(have, want)
		return ok && op.agrees(order)
	}
	return false
}

func (op Op) finds(have, want string) bool {
	if op == StartsWith {
		return strings.HasPrefix(have, want)
	}
	if op == EndsWith {
		return strings.HasSuffix(have, want)
	}
	return strings.Contains(have, want)
}

func (op Op) agrees(order int) bool {
	return order > 0 && (op == Greater || op == GreaterOrEqual) ||
		order < 0 && (op == Less || op == LessOrEqual) ||
		order == 0 && (op == GreaterOrEqual || op == LessOrEqual)
}

// compare puts two strings or two numbers in order; others have none.
func compare(a, b tree.Value) (order int, ok bool) {
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return cmp.Compare(a, b), ok
	case tree.Number:
		b, ok := b.(tree.Number)
		return compareNumbers(a, b), ok
	}
	return 0, false
}

// compareNumbers takes what Key leaves of numbers: whole ones of 64 bits, which a float64 cannot all hold, or others
// that are float64.
func compareNumbers(a, b tree.Number) int {
	i, first := strconv.ParseInt(string(a), 10, 64)
	j, second := strconv.ParseInt(string(b), 10, 64)
	if first == nil && second == nil {
		return cmp.Compare(i, j)
	}
	x, _ := strconv.ParseFloat(string(a), 64)
	y, _ := strconv.ParseFloat(string(b), 64)
	return cmp.Compare(x, y)
}
