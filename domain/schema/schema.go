// Package schema defines what a resource may hold: the attribute definitions of RFC 7643 §7 and the checks that
// follow from them.
package schema

import (
	"slices"

	"github.com/extraordinary/provisioning/domain/tree"
)

// Type is the data type of an attribute (RFC 7643 §2.3).
type Type string

// The data types.
const (
	String    Type = "string"
	Boolean   Type = "boolean"
	Decimal   Type = "decimal"
	Integer   Type = "integer"
	DateTime  Type = "dateTime"
	Reference Type = "reference"
	Binary    Type = "binary"
	Complex   Type = "complex"
)

// Mutability says who may change an attribute, and when (RFC 7643 §7).
type Mutability string

// The mutabilities.
const (
	ReadWrite Mutability = "readWrite"
	ReadOnly  Mutability = "readOnly"
	Immutable Mutability = "immutable"
	WriteOnly Mutability = "writeOnly"
)

// Returned says when an attribute is in an answer (RFC 7643 §7).
type Returned string

// When an attribute is returned.
const (
	Default Returned = "default"
	Always  Returned = "always"
	Never   Returned = "never"
	Request Returned = "request"
)

// Uniqueness says how far a value must be unique (RFC 7643 §7). "global" is never promised: organisations do not
// see each other, and a schema that asks for it gets "server".
type Uniqueness string

// The uniquenesses.
const (
	None   Uniqueness = "none"
	Server Uniqueness = "server"
)

// Attribute defines one attribute or sub-attribute. The zero values are RFC 7643 §7's defaults only for the
// booleans; a table of definitions says the rest.
type Attribute struct {
	Name            string
	Description     string
	Type            Type
	MultiValued     bool
	Required        bool
	CaseExact       bool
	CanonicalValues []string
	Mutability      Mutability
	Returned        Returned
	Uniqueness      Uniqueness
	ReferenceTypes  []string
	SubAttributes   []Attribute

	// legible refuses characters that nobody sees or that turn the direction of reading: a name that an
	// administrator is shown must be the name that it seems to be.
	legible bool
}

// Sub gives the sub-attribute called name (in any case), nil if there is none.
func (a *Attribute) Sub(name string) *Attribute { return find(a.SubAttributes, name) }

// Schema is a set of attributes under a URN.
type Schema struct {
	ID, Name, Description string
	Attributes            []Attribute
}

// Attribute gives the attribute called name (in any case), nil if there is none.
func (s *Schema) Attribute(name string) *Attribute { return find(s.Attributes, name) }

// ResourceType is one kind of resource: its core schema and the extensions that a resource of it may carry.
// Every extension is optional (RFC 7643 §6, schemaExtensions.required is false).
type ResourceType struct {
	Name        string // "User"
	Endpoint    string // "/Users"
	Description string
	Core        *Schema
	Extensions  []*Schema
}

// Extension gives the extension whose URN is id (in any case), nil if there is none.
func (t *ResourceType) Extension(id string) *Schema {
	for _, e := range t.Extensions {
		if tree.SameName(e.ID, id) {
			return e
		}
	}
	return nil
}

// ReturnsOnRequest reports whether t has an attribute that is returned only to who names it.
func (t *ResourceType) ReturnsOnRequest() bool {
	if onRequest(t.Core.Attributes) {
		return true
	}
	return slices.ContainsFunc(t.Extensions, func(e *Schema) bool { return onRequest(e.Attributes) })
}

func onRequest(attributes []Attribute) bool {
	return slices.ContainsFunc(attributes, func(a Attribute) bool { return a.Returned == Request || onRequest(a.SubAttributes) })
}

func find(attributes []Attribute, name string) *Attribute {
	for i := range attributes {
		if tree.SameName(attributes[i].Name, name) {
			return &attributes[i]
		}
	}
	return nil
}
