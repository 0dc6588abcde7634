// Package patch reads PATCH messages and applies their operations to the attributes of a resource (RFC 7644 §3.5.2).
package patch

import (
	"fmt"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

// Op is what an operation does.
type Op string

// The operations.
const (
	Add     Op = "add"
	Replace Op = "replace"
	Remove  Op = "remove"
)

// MaxOperations is how many operations one message may have.
const MaxOperations = 100

const messageURN = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

// Operation is one operation of a PATCH message.
type Operation struct {
	Op    Op
	Path  *scim.PatchPath // nil: the resource itself, of which Value then holds attributes
	Value tree.Value      // nil: null, or none

	// loose marks what was one attribute of many in a Value without a Path.
	loose bool
}

// Read reads a PATCH message. Names and the op are read in any case (Entra writes "Add"); what else the message holds
// is ignored. A message without "schemas" is taken, as nothing else can be meant here; one whose "schemas" name
// something else is not. No operations are no change: Microsoft's validator sends such (entra.md §3).
//
// Faults, at the member to blame: Syntax; InvalidPath and InvalidFilter for a path; Invalid for an operation that
// needs a value and has none; TooLarge for more than MaxOperations.
func Read(message *tree.Object) ([]Operation, error) {
	if err := checkSchemas(message.Get("schemas")); err != nil {
		return nil, err
	}
	list, ok := message.Get("Operations").(tree.List)
	if !ok {
		return nil, fault.New(fault.Syntax, "must be a list of operations").At("Operations")
	}
	if len(list) > MaxOperations {
		return nil, fault.New(fault.TooLarge, "has %d operations; send %d at the most in one request", len(list), MaxOperations).At("Operations")
	}
	operations := make([]Operation, len(list))
	for i, v := range list {
		var err *fault.Error
		if operations[i], err = readOperation(v); err != nil {
			at := fmt.Sprintf("Operations[%d]", i)
			if err.Path != "" {
				at += "." + err.Path
			}
			return nil, err.At(at)
		}
	}
	return operations, nil
}

func checkSchemas(v tree.Value) error {
	if v == nil {
		return nil
	}
	urns, ok := v.(tree.List)
	if !ok {
		urns = tree.List{v}
	}
	for _, urn := range urns {
		if text, _ := urn.(string); tree.SameName(text, messageURN) {
			return nil
		}
	}
	return fault.New(fault.Syntax, "must hold %q, for this is a PATCH", messageURN).At("schemas")
}

func readOperation(v tree.Value) (Operation, *fault.Error) {
	o, ok := v.(*tree.Object)
	if !ok {
		return Operation{}, fault.New(fault.Syntax, `must be an object with "op", "path" and "value"`)
	}
	op, ok := readOp(o.Get("op"))
	if !ok {
		return Operation{}, fault.New(fault.Syntax, `must be "add", "replace" or "remove"`).At("op")
	}
	path, err := readPath(o.Get("path"))
	if err != nil {
		return Operation{}, err.At("path")
	}
	if op != Remove && !o.Has("value") {
		return Operation{}, fault.New(fault.Invalid, "is missing; %q needs one, if only null", op).At("value")
	}
	return Operation{Op: op, Path: path, Value: o.Get("value")}, nil
}

func readOp(v tree.Value) (Op, bool) {
	text, _ := v.(string)
	for _, op := range []Op{Add, Replace, Remove} {
		if tree.SameName(text, string(op)) {
			return op, true
		}
	}
	return "", false
}

// readPath takes an empty path, which some clients' libraries write, for none.
func readPath(v tree.Value) (*scim.PatchPath, *fault.Error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		if v == "" {
			return nil, nil
		}
		path, err := scim.ParsePath(v)
		if err != nil {
			return nil, fault.Of(err)
		}
		return &path, nil
	}
	return nil, fault.New(fault.InvalidPath, "must be a string")
}
