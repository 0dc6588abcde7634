package scim

import (
	"strings"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
)

// Bind holds f against the schemas of t. registry, which may be nil, has the other resource types: an attribute of
// theirs is treated as if it had no value in t (RFC 7644 §3.4.2.1), while one that nobody knows is an error, for who
// asks for it would take the empty answer for "there is no such person" and create another (entra.md §1.2).
//
// Faults, all of them InvalidFilter at the attribute to blame: an unknown attribute, one that cannot be searched, a
// value of another type than the attribute's, an operator that the type does not have, a complex attribute where a
// sub-attribute is needed.
//
// A complex attribute that is compared stands for its sub-attribute "value", if it has one: emails co "example.com"
// (figure 2), manager eq "…", members eq "…" (Entra).
func Bind(f Filter, t *schema.ResourceType, registry *schema.Registry) (Bound, error) {
	b := binder{t: t}
	if registry != nil {
		b.others = registry.Types
	}
	return b.bind(f)
}

// BindElement holds f, a filter such as stands in square brackets, against the sub-attributes of one attribute of t.
// Faults: as Bind.
func BindElement(f Filter, t *schema.ResourceType, attribute schema.Target) (Bound, error) {
	return binder{t: t, within: attribute}.bind(f)
}

type binder struct {
	t      *schema.ResourceType
	others []*schema.ResourceType
	within schema.Target // the attribute whose brackets f is in; else without an Attribute
}

func (b binder) bind(f Filter) (Bound, error) {
	switch f := f.(type) {
	case And:
		return b.join(f, all)
	case Or:
		return b.join(f, anyOf)
	case Not:
		return b.join([]Filter{f.Filter}, func(inner []Bound) Bound { return negation(inner[0]) })
	case Element:
		return b.on(f.Path, func(b binder, target schema.Target) (Bound, error) { return b.element(f, target) })
	case Present:
		return b.on(f.Path, func(_ binder, target schema.Target) (Bound, error) { return has(target) })
	case Compare:
		return b.on(f.Path, func(b binder, target schema.Target) (Bound, error) { return b.compare(f, target) })
	}
	return nil, fault.New(fault.Internal, "%T is no filter", f)
}

func (b binder) join(filters []Filter, how func([]Bound) Bound) (Bound, error) {
	parts := make([]Bound, len(filters))
	for i, f := range filters {
		var err error
		if parts[i], err = b.bind(f); err != nil {
			return nil, err
		}
	}
	return how(parts), nil
}

// on binds what is asked of the attribute that path names.
func (b binder) on(path Path, bind func(binder, schema.Target) (Bound, error)) (Bound, error) {
	if b.within.Attribute != nil {
		target, err := b.inside(path)
		if err != nil {
			return nil, err
		}
		return bind(b, target)
	}
	if target, ok := resolve(b.t, path); ok {
		return bind(b, target)
	}
	for _, other := range b.others {
		target, ok := resolve(other, path)
		if !ok {
			continue
		}
		there, err := bind(binder{t: other}, target)
		if err != nil {
			return nil, err
		}
		return Constant(Match(there, Subject{})), nil
	}
	return nil, fault.New(fault.InvalidFilter, "is an attribute that no schema here has; those that are there are listed at /Schemas").At(path.String())
}

func resolve(t *schema.ResourceType, path Path) (schema.Target, bool) {
	if extension := t.Extension(path.String()); extension != nil {
		return schema.Target{Extension: extension}, true
	}
	return t.Resolve(path.URN, path.Name, path.Sub)
}

// inside finds what a path within brackets names. In those of an attribute that is not complex, "value" is the
// element itself (RFC 7644 §3.5.2.2: "a complex filter is specified comparing a 'value'").
func (b binder) inside(path Path) (schema.Target, error) {
	target := b.within
	if path.URN == "" && path.Sub == "" {
		if target.Sub = target.Attribute.Sub(path.Name); target.Sub != nil {
			return target, nil
		}
		if target.Attribute.Type != schema.Complex && tree.SameName(path.Name, "value") {
			return target, nil
		}
	}
	return target, fault.New(fault.InvalidFilter, "has no sub-attribute %q; within brackets can stand %s", path.String(), subNames(b.within.Attribute)).At(b.within.Path())
}

func subNames(a *schema.Attribute) string {
	if a.Type != schema.Complex {
		return "value"
	}
	names := make([]string, len(a.SubAttributes))
	for i := range a.SubAttributes {
		names[i] = a.SubAttributes[i].Name
	}
	return strings.Join(names, ", ")
}

func (b binder) element(f Element, target schema.Target) (Bound, error) {
	if b.within.Attribute != nil || target.Attribute == nil || target.Sub != nil || !(target.Attribute.MultiValued || target.Attribute.Type == schema.Complex) {
		return nil, fault.New(fault.InvalidFilter, "has no elements to select from; brackets can follow an attribute that is complex or has many values").At(target.Path())
	}
	inner, err := binder{t: b.t, within: target}.bind(f.Filter)
	if err != nil {
		return nil, err
	}
	if isOurs(target) { // every resource has one meta, so that its brackets change nothing
		return inner, nil
	}
	return Some{target, inner}, nil
}

// isOurs reports whether target is of the attributes that every resource has from us: id and meta.
func isOurs(target schema.Target) bool {
	return target.Extension == nil && target.Attribute != nil && (target.Attribute.Name == "id" || target.Attribute.Name == "meta")
}

func has(target schema.Target) (Bound, error) {
	if err := searchable(target); err != nil {
		return nil, err
	}
	if isOurs(target) {
		return Constant(true), nil
	}
	if isAddress(target) { // each of the groups and members has one
		target.Sub = nil
	}
	return Has{target}, nil
}

// isAddress reports whether target is an address that is made when it is shown, and that no store has: meta.location, and
// $ref of groups and members.
func isAddress(target schema.Target) bool {
	if target.Extension != nil || target.Sub == nil {
		return false
	}
	switch target.Attribute.Name {
	case "meta":
		return target.Sub.Name == "location"
	case "groups", "members":
		return target.Sub.Name == "$ref"
	}
	return false
}

// searchable refuses what is never shown, since a search would find it out letter by letter.
func searchable(target schema.Target) error {
	for _, a := range []*schema.Attribute{target.Attribute, target.Sub} {
		if a != nil && (a.Returned == schema.Never || a.Mutability == schema.WriteOnly) {
			return fault.New(fault.InvalidFilter, "cannot be searched, as it is never returned").At(target.Path())
		}
	}
	return nil
}

func (b binder) compare(f Compare, target schema.Target) (Bound, error) {
	if err := searchable(target); err != nil {
		return nil, err
	}
	if f.Value == nil {
		return compareNull(f.Op, target)
	}
	target, err := b.comparable(target)
	if err != nil {
		return nil, err
	}
	a := target.Attribute
	if target.Sub != nil {
		a = target.Sub
	}
	if err := operable(f.Op, a); err != nil {
		return nil, err.At(target.Path())
	}
	key, ok := a.Key(f.Value)
	if !ok {
		return nil, fault.New(fault.InvalidFilter, "%s", mistyped(a.Type)).At(target.Path())
	}
	term := Term{target, f.Op, key}
	if f.Op == NotEqual {
		term.Op = Equal
	}
	bound := b.settle(term)
	if term.Op == Equal && key == false && target.IsPrimary() {
		bound = b.notPrimary(target)
	}
	if f.Op == NotEqual {
		// An attribute without a value is not equal to any value, and one with many is unequal if none of them is
		// equal: "ne" says the same as "not (… eq …)". The RFC says only that the values "are not identical".
		return negation(bound), nil
	}
	return bound, nil
}

// compareNull takes null for what RFC 7643 §2.5 says it is: the state of having no value.
func compareNull(op Op, target schema.Target) (Bound, error) {
	present, err := has(target)
	switch {
	case err != nil:
		return nil, err
	case op == Equal:
		return negation(present), nil
	case op == NotEqual:
		return present, nil
	}
	return nil, fault.New(fault.InvalidFilter, "can be compared with null by eq and ne only").At(target.Path())
}

// comparable gives the attribute whose values are compared: of a complex one its sub-attribute "value".
func (b binder) comparable(target schema.Target) (schema.Target, error) {
	if target.Attribute == nil {
		return target, fault.New(fault.InvalidFilter, "is a schema, which can only be tested by pr; name an attribute of it").At(target.Path())
	}
	if target.Sub == nil && target.Attribute.Type == schema.Complex {
		if target.Sub = target.Attribute.Sub("value"); target.Sub == nil {
			return target, fault.New(fault.InvalidFilter, "is complex; name one of its sub-attributes: %s", subNames(target.Attribute)).At(target.Path())
		}
	}
	if isAddress(target) {
		return target, fault.New(fault.InvalidFilter, "cannot be searched; its last part is the id, so search for that").At(target.Path())
	}
	return target, nil
}

// operable refuses operators that a type does not have (RFC 7644 §3.4.2.2, table 3).
func operable(op Op, a *schema.Attribute) *fault.Error {
	var allowed string
	switch a.Type {
	case schema.String, schema.Reference:
		return nil
	case schema.Boolean, schema.Binary:
		allowed = "eq ne"
	case schema.Decimal, schema.Integer, schema.DateTime:
		allowed = "eq ne gt ge lt le"
	case schema.Complex: // a sub-attribute cannot be
	}
	if strings.Contains(allowed, string(op)) {
		return nil
	}
	return fault.New(fault.InvalidFilter, "is of type %s, which has no operator %s; use one of %s", a.Type, op, allowed)
}

func mistyped(t schema.Type) string {
	switch t {
	case schema.Boolean:
		return "is a boolean: compare it with true or false"
	case schema.Integer:
		return "is a whole number: compare it with one, without quotation marks"
	case schema.Decimal:
		return "is a number: compare it with one, without quotation marks"
	case schema.DateTime:
		return `is a date and time: compare it with one such as "2026-01-31T23:59:59Z"`
	case schema.String, schema.Reference, schema.Binary, schema.Complex:
	}
	return "is a text: put the value in quotation marks"
}

// notPrimary holds for an element that does not say that it is the primary one: where nothing is said, "primary" SHALL be
// assumed to be false (RFC 7643 §2.4).
func (b binder) notPrimary(target schema.Target) Bound {
	not := negation(Term{target, Equal, true})
	if b.within.Attribute != nil {
		return not
	}
	target.Sub = nil
	return Some{target, not}
}

// settle works out what can be known without a resource: of which type it is.
func (b binder) settle(term Term) Bound {
	if isOurs(term.Target) && term.Target.Sub != nil && term.Target.Sub.Name == "resourceType" {
		name, _ := term.Target.Sub.Key(b.t.Name)
		return Constant(term.Op.holds(name, term.Value))
	}
	return term
}
