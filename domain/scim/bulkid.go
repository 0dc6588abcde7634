package scim

import (
	"regexp"
	"slices"
	"strings"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/tree"
)

// A reference is a whole string in an operation's data, the last part of its path, or a text in quotation marks in the
// path of a PATCH (RFC 7644 §3.7.2). Which attribute holds it does not matter: extensions have references of their own.
const bulkReference = "bulkId:"

var quotedReference = regexp.MustCompile(`"` + bulkReference + `[^"\\]+"`)

// Makes reports whether o makes the resource that its BulkID stands for.
func (o BulkOperation) Makes() bool { return o.Method == "POST" && o.BulkID != "" }

// References lists the bulkIds that o refers to, each once, in the order in which they stand.
func (o BulkOperation) References() (ids []string) {
	o.replace(func(id string) string {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
		return id
	})
	return ids
}

// Resolve gives o with the ids of resources in place of the bulkIds that stand for them. Faults: Unresolved if made lacks
// one that b makes, Invalid if nothing in b makes it.
func (b Bulk) Resolve(o BulkOperation, made map[string]string) (BulkOperation, error) {
	for _, id := range o.References() {
		switch {
		case made[id] != "":
		case slices.ContainsFunc(b.Operations, func(other BulkOperation) bool { return other.Makes() && other.BulkID == id }):
			return o, fault.New(fault.Unresolved, "it refers to bulkId:%s, which was not made; see what became of that operation", id)
		default:
			return o, fault.New(fault.Invalid, "it refers to bulkId:%s, and no POST of this request has that bulkId", id)
		}
	}
	return o.replace(func(id string) string { return made[id] }), nil
}

// replace gives o with by(id) in place of each reference to a bulkId. What o holds itself stays as it is.
func (o BulkOperation) replace(by func(id string) string) BulkOperation {
	if before, id, found := strings.Cut(o.Path, "/"+bulkReference); found && id != "" {
		o.Path = before + "/" + by(id)
	}
	if o.Data != nil {
		o.Data, _ = replaceIn(o.Data, by, o.Method == "PATCH").(*tree.Object)
	}
	return o
}

func replaceIn(v tree.Value, by func(id string) string, patch bool) tree.Value {
	switch v := v.(type) {
	case string:
		if id, is := referenced(v); is {
			return by(id)
		}
		return v
	case tree.List:
		replaced := make(tree.List, len(v))
		for i, e := range v {
			replaced[i] = replaceIn(e, by, patch)
		}
		return replaced
	case *tree.Object:
		return v.Map(func(name string, e tree.Value) (tree.Value, bool) {
			if path, isText := e.(string); isText && patch && tree.SameName(name, "path") {
				return quotedReference.ReplaceAllStringFunc(path, func(quoted string) string {
					id, _ := referenced(strings.Trim(quoted, `"`))
					return `"` + by(id) + `"`
				}), true
			}
			return replaceIn(e, by, patch), true
		})
	default:
		return v
	}
}

func referenced(text string) (id string, is bool) {
	id, is = strings.CutPrefix(text, bulkReference)
	return id, is && id != ""
}

// Divide gives the data of a POST in two parts: what can be made at once, and what can be added when the resources that
// are pending exist. An element of a list is never divided.
func Divide(data *tree.Object, pending func(id string) bool) (now, later *tree.Object) {
	return divided(data, pending, false), divided(data, pending, true)
}

// divided is what of o waits for a pending resource, or what does not.
func divided(o *tree.Object, pending func(id string) bool, waits bool) *tree.Object {
	return o.Map(func(_ string, v tree.Value) (tree.Value, bool) {
		switch v := v.(type) {
		case tree.List:
			chosen := slices.DeleteFunc(slices.Clone(v), func(e tree.Value) bool { return refersTo(e, pending) != waits })
			return chosen, len(chosen) > 0 || len(v) == 0 && !waits
		case *tree.Object:
			chosen := divided(v, pending, waits)
			return chosen, chosen.Len() > 0 || v.Len() == 0 && !waits
		default:
			return v, refersTo(v, pending) == waits
		}
	})
}

func refersTo(v tree.Value, pending func(id string) bool) (refers bool) {
	replaceIn(v, func(id string) string {
		refers = refers || pending(id)
		return id
	}, false)
	return refers
}
