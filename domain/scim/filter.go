package scim

import (
	"strings"

	"github.com/extraordinary/provisioning/domain/tree"
)

// Filter is a filter as it was written (RFC 7644 §3.4.2.2), not yet held against any schema: Compare, Present,
// Element, And, Or or Not. String gives its canonical form, which Parse reads back to the same filter.
type Filter interface {
	String() string
	write(p *printer)
}

// Op is an operator that compares an attribute with a value.
type Op string

// The comparing operators.
const (
	Equal          Op = "eq"
	NotEqual       Op = "ne"
	Contains       Op = "co"
	StartsWith     Op = "sw"
	EndsWith       Op = "ew"
	Greater        Op = "gt"
	GreaterOrEqual Op = "ge"
	Less           Op = "lt"
	LessOrEqual    Op = "le"
)

// Compare holds an attribute against a value: a string, a bool, a tree.Number or nil for null.
type Compare struct {
	Path  Path
	Op    Op
	Value tree.Value
}

// Present asks whether an attribute has a value.
type Present struct{ Path Path }

// Element asks whether any one value of a complex attribute meets the whole Filter, whose paths name its
// sub-attributes.
type Element struct {
	Path   Path
	Filter Filter
}

// And holds if all of its filters hold.
type And []Filter

// Or holds if one of its filters holds.
type Or []Filter

// Not holds if its filter does not.
type Not struct{ Filter Filter }

func (f Compare) String() string { return text(f) }
func (f Present) String() string { return text(f) }
func (f Element) String() string { return text(f) }
func (f And) String() string     { return text(f) }
func (f Or) String() string      { return text(f) }
func (f Not) String() string     { return text(f) }

// Shape gives f with a question mark in place of each value: userName eq ?. It tells one query from another in a
// trace without what was looked for, which is personal. Call it on filters that Bind accepts: an attribute name that
// no schema knows is still whatever the client wrote.
func Shape(f Filter) string {
	p := printer{hideValues: true}
	f.write(&p)
	return p.String()
}

// sameText gives a text that two filters share if they differ only in how the names of attributes are spelt, whose case
// means nothing (RFC 7644 §3.10).
func sameText(f Filter) string {
	p := printer{lowerNames: true}
	f.write(&p)
	return p.String()
}

func text(f Filter) string {
	var p printer
	f.write(&p)
	return p.String()
}

type printer struct {
	strings.Builder
	hideValues, lowerNames bool
}

func (p *printer) path(path Path) {
	name := path.String()
	if p.lowerNames {
		name = tree.LowerName(name)
	}
	p.WriteString(name)
}

func (f Compare) write(p *printer) {
	p.path(f.Path)
	p.WriteString(" " + string(f.Op) + " ")
	if p.hideValues {
		p.WriteByte('?')
		return
	}
	p.Write(tree.Append(nil, f.Value))
}

func (f Present) write(p *printer) {
	p.path(f.Path)
	p.WriteString(" pr")
}

func (f Element) write(p *printer) {
	p.path(f.Path)
	p.group('[', f.Filter, ']')
}

func (f Not) write(p *printer) {
	p.WriteString("not ")
	p.group('(', f.Filter, ')')
}

func (f And) write(p *printer) { p.join(f, " and ") }

func (f Or) write(p *printer) { p.join(f, " or ") }

func (p *printer) group(left byte, f Filter, right byte) {
	p.WriteByte(left)
	f.write(p)
	p.WriteByte(right)
}

func (p *printer) join(filters []Filter, word string) {
	for i, f := range filters {
		if i > 0 {
			p.WriteString(word)
		}
		if _, loose := f.(Or); loose {
			p.group('(', f, ')')
			continue
		}
		f.write(p)
	}
}
