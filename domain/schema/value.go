package schema

import (
	"fmt"
	"strings"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/tree"
)

// MaxElements is how many elements one multi-valued attribute may have in one message.
const MaxElements = 1000

// CheckValue checks the whole value that a client sent for a, and gives what is kept of it: of a multi-valued
// attribute a list, even if a single element was sent. clean is nil if nothing is kept: v means absent (RFC 7643
// §2.5), or a is write-only, since nothing could ever read it. Whether the client may write a at all is not asked;
// read-only sub-attributes are dropped in silence. ignored are the paths of sub-attributes that a does not have.
//
// path names a in faults, and its elements are counted from 0: emails[0].value. Faults: Invalid at what is to blame.
func (a *Attribute) CheckValue(path string, v tree.Value) (clean tree.Value, ignored []string, err error) {
	if a.Mutability == WriteOnly || a.none(v) {
		return nil, nil, nil
	}
	if !a.MultiValued {
		return a.CheckElement(path, v)
	}
	elements, ok := v.(tree.List)
	if !ok {
		elements = tree.List{v}
	}
	if len(elements) > MaxElements {
		return nil, nil, fault.New(fault.Invalid, "has %d elements; send %d at the most in one request", len(elements), MaxElements).At(path)
	}
	kept := make(tree.List, 0, len(elements))
	seen := map[string]bool{}
	for i, e := range elements {
		value, unknown, err := a.element(path, fmt.Sprintf("%s[%d]", path, i), e)
		if err != nil {
			return nil, nil, err
		}
		if value != nil {
			kept = append(kept, value)
		}
		for _, u := range unknown {
			if !seen[u] {
				seen[u] = true
				ignored = append(ignored, u)
			}
		}
	}
	if len(kept) == 0 {
		return nil, ignored, nil
	}
	kept = a.Distinct(kept)
	return kept, ignored, onePrimary(path, kept)
}

// none reports whether v means that a has no value: what is absent, and the empty string where no text can be, by which
// Entra takes a manager back and which a PATCH clears everything with (entra.md §1.3). Of a text it is a value.
func (a *Attribute) none(v tree.Value) bool {
	switch a.Type {
	case Boolean, Integer, Decimal, DateTime, Complex:
		return v == "" || absent(v)
	case String, Reference, Binary:
	}
	return absent(v)
}

// CheckElement is CheckValue for one element of a multi-valued attribute, or for a single value.
func (a *Attribute) CheckElement(path string, v tree.Value) (clean tree.Value, ignored []string, err error) {
	return a.element(path, path, v)
}

// element has two paths: the one that names the attribute, for what is ignored, and the one that names this element.
func (a *Attribute) element(path, here string, v tree.Value) (clean tree.Value, ignored []string, err error) {
	if a.Mutability == WriteOnly || a.none(v) {
		return nil, nil, nil
	}
	if a.Type == Complex {
		return a.complexElement(path, here, v)
	}
	clean, err = a.simple(here, v)
	return clean, nil, err
}

func (a *Attribute) complexElement(path, here string, v tree.Value) (clean tree.Value, ignored []string, err error) {
	switch sent := v.(type) {
	case *tree.Object:
		return a.parts(path, here, sent)
	case string:
		if a.Sub("value") != nil { // Entra sends a manager as a bare id
			return a.parts(path, here, tree.NewObject(tree.Member{Name: "value", Value: sent}))
		}
	}
	names := make([]string, len(a.SubAttributes))
	for i := range a.SubAttributes {
		names[i] = a.SubAttributes[i].Name
	}
	return nil, nil, fault.New(fault.Invalid, "must be an object (of %s), but %s was sent", strings.Join(names, ", "), what(v)).At(here)
}

// parts checks the sub-attributes of one complex value.
func (a *Attribute) parts(path, here string, o *tree.Object) (clean tree.Value, ignored []string, err error) {
	kept := tree.NewObject()
	for name, v := range o.All() {
		sub := a.Sub(name)
		if sub == nil {
			ignored = append(ignored, unknown(path+"."+name, v)...)
			continue
		}
		if sub.Mutability == ReadOnly {
			continue
		}
		value, _, err := sub.CheckValue(here+"."+sub.Name, v)
		if err != nil {
			return nil, nil, err
		}
		if value != nil {
			kept.Set(sub.Name, value)
		}
	}
	if kept.Len() > 0 {
		return kept, ignored, nil
	}
	return nil, ignored, a.nobody(here, o)
}

// nobody refuses a value of which nothing is kept, although something was sent and something is required of it, such as a
// member without an id: it would be lost in silence.
func (a *Attribute) nobody(here string, o *tree.Object) error {
	for _, v := range o.All() {
		if absent(v) {
			continue
		}
		for i := range a.SubAttributes {
			if sub := &a.SubAttributes[i]; sub.Required && sub.Mutability != ReadOnly {
				return fault.New(fault.Invalid, "is required; send a value that is not blank").At(here + "." + sub.Name)
			}
		}
	}
	return nil
}

// onePrimary holds RFC 7643 §2.4: "primary" is true no more than once.
func onePrimary(path string, elements tree.List) error {
	count := 0
	for _, e := range elements {
		if o, _ := e.(*tree.Object); o.Get("primary") == true {
			count++
		}
	}
	if count > 1 {
		return fault.New(fault.Invalid, "%d elements are primary; let one be it at the most", count).At(path)
	}
	return nil
}
