package schema

import (
	"regexp"
	"slices"
	"strings"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/tree"
)

// Extension is a schema of an organisation's own, that resources of one type may carry (RFC 7643 §3.3).
type Extension struct {
	Of         string // the name of the resource type: "User" or "Group"
	Schema     *Schema
	Definition *tree.Object // what Schema was read of
}

// NewExtension reads the definition of an extension. Faults: as ReadSchema.
func NewExtension(of string, definition *tree.Object) (Extension, error) {
	s, err := ReadSchema(definition)
	return Extension{of, s, definition}, err
}

// The bounds of an extension. A hundred attributes are more than RFC 7643 has for a user.
const (
	mostAttributes  = 100
	longestText     = 500
	longestURN      = 200
	mostValuesNamed = 100 // canonicalValues of one attribute
)

var (
	urnForm  = regexp.MustCompile(`^(?i:urn):[A-Za-z0-9][A-Za-z0-9-]{0,31}(:[A-Za-z0-9._~!$&'()*+,;=@%/-]+)+$`) // RFC 8141 §2, without r-, q- and f-components
	nameForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)                                              // RFC 7643 §2.1
)

// ReadSchema reads a schema as RFC 7643 §7 writes it, and as /Schemas gives it. What is not said is §2.2's default.
// Faults: Invalid at the member to blame.
func ReadSchema(o *tree.Object) (*Schema, error) {
	r := definitions{}
	s := &Schema{ID: r.text(o, "", "id"), Name: r.text(o, "", "name"), Description: r.text(o, "", "description")}
	switch {
	case !urnForm.MatchString(s.ID) || len(s.ID) > longestURN:
		r.fail("id", "a schema is named by a URN such as urn:ietf:params:scim:schemas:extension:kereru:2.0:User")
	case s.Name == "":
		r.fail("name", "is required; people read it")
	}
	s.Attributes = r.attributes(o, "", true)
	r.only(o, "", "schemas", "id", "name", "description", "attributes", "meta")
	if r.err != nil {
		return nil, r.err
	}
	return s, nil
}

// With gives r with more extensions. r stays as it is. Faults: Invalid; Conflict at "id" for a schema that is there.
func (r *Registry) With(extensions ...Extension) (*Registry, error) {
	all := &Registry{}
	for _, t := range r.Types {
		copied := *t
		copied.Extensions = slices.Clone(t.Extensions)
		all.Types = append(all.Types, &copied)
	}
	for _, e := range extensions {
		t := all.Type(e.Of)
		switch {
		case t == nil:
			return nil, fault.New(fault.Invalid, "there is no resource type %q; an extension is of User or of Group", e.Of).At("resourceType")
		case all.Schema(e.Schema.ID) != nil:
			return nil, fault.New(fault.Conflict, "there is a schema %s already", e.Schema.ID).At("id")
		}
		t.Extensions = append(t.Extensions, e.Schema)
	}
	return all, nil
}

// definitions reads the JSON of definitions and keeps the first fault.
type definitions struct{ err error }

func (r *definitions) fail(path, format string, args ...any) {
	if r.err == nil {
		r.err = fault.New(fault.Invalid, format, args...).At(path)
	}
}

// only refuses members of other names: a misspelt characteristic must not be its default in silence.
func (r *definitions) only(o *tree.Object, path string, names ...string) {
	for name := range o.All() {
		if !slices.ContainsFunc(names, func(known string) bool { return tree.SameName(known, name) }) {
			r.fail(path+name, "is no member of a definition (RFC 7643 §7); it may have %s", strings.Join(names, ", "))
		}
	}
}

func (r *definitions) attributes(o *tree.Object, path string, top bool) (all []Attribute) {
	member := "attributes"
	if !top {
		member = "subAttributes"
	}
	list, _ := o.Get(member).(tree.List)
	if len(list) == 0 || len(list) > mostAttributes {
		r.fail(path+member, "is a list of 1 to %d definitions", mostAttributes)
	}
	for _, e := range list {
		definition, ok := e.(*tree.Object)
		if !ok {
			r.fail(path+member, "is a list of objects")
			return nil
		}
		a := r.attribute(definition, path, top)
		if find(all, a.Name) != nil {
			r.fail(path+a.Name, "is defined twice")
		}
		all = append(all, a)
	}
	return all
}

func (r *definitions) attribute(o *tree.Object, path string, top bool) Attribute {
	a := Attribute{Name: r.text(o, path, "name")}
	if !nameForm.MatchString(a.Name) && (top || a.Name != "$ref") {
		r.fail(path+"name", "%q is no name of an attribute: up to 64 letters, figures, hyphens and underlines, beginning with a letter", a.Name)
	}
	path += a.Name + "."
	a.Description = r.text(o, path, "description")
	a.Type = oneOf(r, o, path, "type", String, Boolean, Decimal, Integer, DateTime, Reference, Binary, Complex)
	a.MultiValued = r.truth(o, path, "multiValued")
	a.Required = r.truth(o, path, "required")
	a.CaseExact = r.truth(o, path, "caseExact") || a.Type == Binary || a.Type == Reference && !o.Has("caseExact")
	a.CanonicalValues = r.texts(o, path, "canonicalValues")
	a.ReferenceTypes = r.texts(o, path, "referenceTypes")
	a.Mutability = oneOf(r, o, path, "mutability", ReadWrite, ReadOnly, Immutable, WriteOnly)
	a.Returned = oneOf(r, o, path, "returned", Default, Always, Never, Request)
	if a.Uniqueness = oneOf(r, o, path, "uniqueness", None, Server, "global"); a.Uniqueness != None {
		a.Uniqueness = Server // organisations do not see each other, so that no value is held across them
		r.distinguishes(a, path+"uniqueness")
	}
	known := []string{"name", "description", "type", "multiValued", "required", "caseExact", "canonicalValues", "referenceTypes", "mutability", "returned", "uniqueness"}
	if a.Type == Complex {
		if top {
			a.SubAttributes = r.attributes(o, path, false)
			known = append(known, "subAttributes")
		} else {
			r.fail(path+"type", "a sub-attribute is not complex (RFC 7643 §2.3.8)")
		}
	}
	switch {
	case a.Mutability == ReadOnly:
		r.fail(path+"mutability", "nobody would ever write it: no value comes from this service")
	case a.Mutability == WriteOnly && a.Returned != Never:
		r.fail(path+"returned", "must be never for what is writeOnly (RFC 7643 §7)")
	case a.Type == Boolean && len(a.CanonicalValues) > 0:
		r.fail(path+"canonicalValues", "a boolean has none")
	}
	r.only(o, path, known...)
	return a
}

// distinguishes holds that the values of a, which is to be unique, can be held against each other.
func (r *definitions) distinguishes(a Attribute, path string) {
	switch {
	case a.Type == Boolean || a.Type == DateTime || a.Type == Binary || a.Type == Complex:
		r.fail(path, "must be none: values of type %s are not held against each other (RFC 7643 §2.3)", a.Type)
	case a.Mutability == WriteOnly:
		r.fail(path, "must be none for what is writeOnly: it is not kept")
	}
}

// oneOf reads a word out of a fixed set, whose first is the default.
func oneOf[T ~string](r *definitions, o *tree.Object, path, name string, allowed ...T) T {
	if !o.Has(name) {
		return allowed[0]
	}
	word, _ := o.Get(name).(string)
	if !slices.Contains(allowed, T(word)) {
		words := make([]string, len(allowed))
		for i, a := range allowed {
			words[i] = string(a)
		}
		r.fail(path+name, "must be %s", strings.Join(words, ", "))
	}
	return T(word)
}

func (r *definitions) text(o *tree.Object, path, name string) string {
	text, ok := o.Get(name).(string)
	if o.Has(name) && !ok || len(text) > longestText || strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		r.fail(path+name, "must be a line of text of at most %d bytes", longestText)
	}
	return strings.TrimSpace(text)
}

func (r *definitions) truth(o *tree.Object, path, name string) bool {
	b, ok := o.Get(name).(bool)
	if o.Has(name) && !ok {
		r.fail(path+name, "must be true or false")
	}
	return b
}

func (r *definitions) texts(o *tree.Object, path, name string) (all []string) {
	list, ok := o.Get(name).(tree.List)
	if o.Has(name) && !ok || len(list) > mostValuesNamed {
		r.fail(path+name, "must be a list of at most %d texts", mostValuesNamed)
		return nil
	}
	for _, e := range list {
		text, ok := e.(string)
		if !ok || text == "" || len(text) > longestText {
			r.fail(path+name, "must be a list of texts")
			return nil
		}
		all = append(all, text)
	}
	return all
}
