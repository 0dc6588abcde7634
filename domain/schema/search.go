package schema

import (
	"strconv"

	"github.com/extraordinary/provisioning/domain/tree"
)

// Search gives the document that filters are evaluated on, in memory and in SQL alike. It has the structure of o, the
// attributes of a resource as Check leaves them, so that equal is equal and the order of two values is the order of
// what they mean:
//
//   - names and the URNs of extensions in lower case;
//   - strings by Fold, unless they are caseExact; references likewise;
//   - times in UTC and of one width, 2006-01-02T15:04:05.000000000Z;
//   - numbers in their shortest form.
//
// "schemas" is in it, as Schemas gives them. "id" and "meta" are not: stores keep them beside it. Nor is what is
// write-only or does not fit its definition. Search of such a document gives the same again.
func (t *ResourceType) Search(o *tree.Object) *tree.Object {
	document := tree.NewObject()
	urns := tree.List{}
	for _, urn := range t.Schemas(o) {
		urns = append(urns, urn)
	}
	document.Set("schemas", find(common, "schemas").search(urns))
	for name, v := range o.All() {
		if extension := t.Extension(name); extension != nil {
			part, _ := v.(*tree.Object)
			if v := searchOf(extension.Attributes, part); v != nil {
				document.Set(tree.LowerName(name), v)
			}
			continue
		}
		switch key := tree.LowerName(name); key {
		case "schemas", "id", "meta":
		default:
			if a := t.attribute(name); a != nil {
				if v := a.search(v); v != nil {
					document.Set(key, v)
				}
			}
		}
	}
	return document
}

func searchOf(attributes []Attribute, o *tree.Object) tree.Value {
	document := tree.NewObject()
	for name, v := range o.All() {
		if a := find(attributes, name); a != nil {
			if v := a.search(v); v != nil {
				document.Set(tree.LowerName(name), v)
			}
		}
	}
	return present(document)
}

// search gives the form of a's value in the document, nil for nothing.
func (a *Attribute) search(v tree.Value) tree.Value {
	if !a.MultiValued {
		return a.searchElement(v)
	}
	elements, _ := v.(tree.List)
	document := make(tree.List, 0, len(elements))
	for _, e := range elements {
		if v := a.searchElement(e); v != nil {
			document = append(document, v)
		}
	}
	if len(document) == 0 {
		return nil
	}
	return document
}

func (a *Attribute) searchElement(v tree.Value) tree.Value {
	if a.Mutability == WriteOnly {
		return nil
	}
	if a.Type == Complex {
		o, _ := v.(*tree.Object)
		return searchOf(a.SubAttributes, o)
	}
	key, _ := a.Key(v)
	return key
}

// Key gives the form that v, as one value of a or as a value to compare a with, has in the document of Search. ok is
// false, and the key nil, if v is no value of a's type; a complex attribute has none.
func (a *Attribute) Key(v tree.Value) (key tree.Value, ok bool) {
	switch a.Type {
	case String, Reference, Binary:
		s, ok := v.(string)
		if !ok {
			return nil, false
		}
		if a.CaseExact || a.Type == Binary {
			return s, true
		}
		return Fold(s), true
	case Boolean:
		if b, ok := truth(v); ok {
			return b, true
		}
	case Integer:
		if i, ok := integer(v); ok {
			return tree.Number(strconv.FormatInt(i, 10)), true
		}
	case Decimal:
		if f, ok := float(v); ok {
			return tree.Number(shortest(f)), true
		}
	case DateTime:
		if t, ok := instant(v); ok {
			return t.UTC().Format(keyTime), true
		}
	case Complex:
	}
	return nil, false
}

// shortest gives the digits that tell f from its neighbours, with an exponent only where many zeros would be.
func shortest(f float64) string {
	if f == 0 {
		return "0" // and not "-0"
	}
	format := byte('f')
	if size := max(f, -f); size < 1e-6 || size >= 1e21 {
		format = 'e'
	}
	return strconv.FormatFloat(f, format, -1, 64)
}
