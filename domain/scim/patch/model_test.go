package patch_test

import (
	"maps"
	"reflect"
	"slices"
)

// This file is RFC 7644 §3.5.2 once more, in plain maps, written from its prose and not from our code: a paragraph, and
// below it the lines that do what it says.

// model is a resource: texts, complex values as maps and multi-valued ones as lists. "primary" is there only while it is
// true, since a value that is not primary is one that does not say so.
type model map[string]any

// verdict is how an operation ends.
type verdict string

const (
	success    verdict = ""
	noTarget   verdict = "noTarget"
	mutability verdict = "mutability"
	badPath    verdict = "invalidPath"
	badValue   verdict = "invalidValue"

	// The prose does not say, or ARCHITECTURE.md says that we differ and why.
	unspecified verdict = "unspecified"
)

// target is the path of an operation.
type target struct {
	attribute string
	where     *where // nil: no filter
	sub       string
}

// where is a filter of elements. One that describes an element says by eq what is in it, and nothing else.
type where struct {
	text      string
	holds     func(element map[string]any) bool
	describes bool
}

// What the schemas say of the attributes that are drawn.
var (
	isComplex   = map[string]bool{"name": true, "emails": true}
	isMany      = map[string]bool{"emails": true, "PAY:tags": true}
	isRequired  = map[string]bool{"userName": true}
	isReadOnly  = map[string]bool{"id": true, "groups": true}
	isImmutable = map[string]bool{"PAY:hired": true}
)

// do does one operation with a path; value is nil for a remove.
func (m model) do(op string, at target, value any) verdict {
	// "a client MUST NOT modify an attribute that has mutability "readOnly" or "immutable"."
	if isReadOnly[at.attribute] {
		return mutability
	}
	// "The "valuePath" rule allows specific values of a complex multi-valued attribute to be selected."
	if at.where != nil && !isMany[at.attribute] {
		return badPath
	}
	// "An operation that is not compatible with an attribute's … schema SHALL return" an error.
	if op != "remove" && !fits(at, value) {
		if at.where != nil {
			return unspecified // which of two errors is told, if nothing is selected either
		}
		return badValue
	}
	switch {
	case at.where != nil:
		return m.selected(op, at, value)
	case op == "remove":
		return m.remove(at)
	case at.sub != "":
		m.merge(at.attribute, map[string]any{at.sub: value})
	case isMany[at.attribute]:
		return m.addOrReplaceMany(op, at.attribute, value.([]any))
	case isComplex[at.attribute]:
		// "a set of sub-attributes SHALL be specified in the "value" parameter, which replaces any existing values or adds
		// where an attribute did not previously exist. Sub-attributes that are not specified … are left unchanged."
		m.merge(at.attribute, value.(map[string]any))
	default:
		// "a client MAY "add" a value to an "immutable" attribute if the attribute had no previous value."
		if now := m[at.attribute]; isImmutable[at.attribute] && now != nil && now != value {
			return mutability
		}
		// "the attributes value is replaced"; "treat the operation as an "add""; "the attribute is added".
		m[at.attribute] = value
	}
	return success
}

func fits(at target, value any) bool {
	one := value
	if list, ok := value.([]any); ok && at.where == nil && at.sub == "" && isMany[at.attribute] {
		one = list[0]
	}
	_, complexValue := one.(map[string]any)
	return complexValue == (isComplex[at.attribute] && at.sub == "")
}

func (m model) merge(attribute string, parts map[string]any) {
	now, _ := m[attribute].(map[string]any)
	merged := maps.Clone(now)
	if merged == nil {
		merged = map[string]any{}
	}
	maps.Copy(merged, parts)
	m[attribute] = merged
}

// "If the target location is a single-value attribute, the attribute and its associated value is removed"; "is a
// multi-valued attribute and no filter is specified, the attribute and all values are removed".
func (m model) remove(at target) verdict {
	// "If an attribute is removed or becomes unassigned and is defined as a required attribute … "mutability"."
	if isRequired[at.attribute] || isImmutable[at.attribute] && m[at.attribute] != nil {
		return mutability
	}
	if parts, ok := m[at.attribute].(map[string]any); ok && at.sub != "" {
		left := maps.Clone(parts)
		delete(left, at.sub)
		m[at.attribute] = left
		if len(left) > 0 {
			return success
		}
	}
	delete(m, at.attribute)
	return success
}

// "a new value is added to the attribute"; "If the target location already contains the value specified, no changes
// SHOULD be made"; "the attribute and all values are replaced".
func (m model) addOrReplaceMany(op, attribute string, sent []any) verdict {
	switch {
	case alike(sent):
		return unspecified
	case primaries(sent) > 1:
		return badValue // RFC 7643 §2.4: true "MUST appear no more than once"
	}
	list, _ := m[attribute].([]any)
	if op == "replace" {
		list = nil
	}
	list = slices.Clone(list)
	var written []int
	for _, element := range sent {
		if slices.ContainsFunc(list, func(e any) bool { return reflect.DeepEqual(e, element) }) {
			continue
		}
		written = append(written, len(list))
		list = append(list, element)
	}
	return m.put(attribute, list, written)
}

// selected is what the three sections say of a "valuePath".
func (m model) selected(op string, at target, value any) verdict {
	var list []any
	var written []int
	found := 0
	now, _ := m[at.attribute].([]any)
	for _, e := range now {
		if !at.where.holds(element(e)) {
			list = append(list, e)
			continue
		}
		found++
		next := value
		switch {
		case op == "remove" && at.sub == "":
			continue // "the values matched by the filter are removed"
		case op == "remove":
			left := maps.Clone(element(e))
			delete(left, at.sub)
			if _, said := left["value"]; !said && left["display"] == nil {
				return unspecified // Entra: what says no more than what it is for goes (entra.go)
			}
			next = left
		case at.sub != "":
			// "the matching sub-attribute of all matching records is replaced"
			next = with(e, map[string]any{at.sub: value})
		case op == "add" && isComplex[at.attribute]:
			next = with(e, value.(map[string]any))
		}
		written = append(written, len(list))
		list = append(list, next) // "all matching record values SHALL be replaced"
	}
	switch {
	case found > 0:
		return m.put(at.attribute, list, written)
	case op == "remove":
		return success // "no changes should be made to the resource, and a success response should be returned"
	case isComplex[at.attribute] && at.where.describes && (at.sub != "" || op == "add"):
		return unspecified // Entra: the element is made (entra.go)
	}
	// "no record match was made, the service provider SHALL indicate failure by … "noTarget"."
	return noTarget
}

// put makes list the attribute's values, of which those written are new. "a PATCH operation that sets a value's "primary"
// sub-attribute to "true" SHALL cause the server to automatically set "primary" to "false" for any other values".
func (m model) put(attribute string, list []any, written []int) verdict {
	if alike(list) {
		return unspecified // RFC 7643 §2.4: such "SHOULD NOT" be; the prose of PATCH does not say what becomes of them
	}
	var primary []int
	for _, i := range written {
		if isComplex[attribute] && element(list[i])["primary"] == true {
			primary = append(primary, i)
		}
	}
	if len(primary) > 1 {
		return badValue
	}
	for i, e := range list {
		if len(primary) == 1 && i != primary[0] {
			list[i] = with(e, map[string]any{"primary": false})
		}
	}
	m[attribute] = list
	if len(list) == 0 {
		delete(m, attribute) // "the attribute SHALL be considered unassigned"
	}
	return success
}

// alike tells whether two elements are for the same value and, if both say it, the same type, or one is part of another.
func alike(list []any) bool {
	for i, a := range list {
		for _, b := range list[:i] {
			x, y := element(a), element(b)
			sameType := x["type"] == nil || y["type"] == nil || x["type"] == y["type"]
			if x["value"] == y["value"] && x["value"] != nil && sameType || within(x, y) || within(y, x) {
				return true
			}
		}
	}
	return false
}

func within(x, y map[string]any) bool {
	for name, v := range x {
		if y[name] != v {
			return false
		}
	}
	return true
}

// element gives an element as a complex value; a simple one is its own "value" (§3.4.2.2).
func element(e any) map[string]any {
	if parts, ok := e.(map[string]any); ok {
		return parts
	}
	return map[string]any{"value": e}
}

// with gives a complex value with parts in it.
func with(e any, parts map[string]any) map[string]any {
	next := maps.Clone(element(e))
	maps.Copy(next, parts)
	return plain(next)
}

// plain drops a "primary" that is false.
func plain(parts map[string]any) map[string]any {
	if parts["primary"] == false {
		delete(parts, "primary")
	}
	return parts
}
