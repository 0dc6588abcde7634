package patch

import (
	"slices"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

// MemberRef names a member of a group.
type MemberRef struct {
	Value string // its id, as the client wrote it
	Type  string // "User", "Group", or "" if the client did not say
}

// MemberChange is one change of who is in a group:
//
//	Add      the Members
//	Replace  all members by the Members, of whom there is one at least
//	Remove   All of them, or those Where holds for, or the Members
type MemberChange struct {
	Op      Op
	All     bool
	Where   scim.Filter // of the sub-attributes of members; BindElement accepts it
	Members []MemberRef // each once
}

// Members parts operations on a group, of type t, into those on its members and the rest, both in their order, so
// that a group of 100,000 members is patched without being loaded. Neither has an effect on the other.
//
// Faults: those of Apply; Mutability for what would change a member instead of adding or removing it.
func Members(t *schema.ResourceType, operations []Operation) (rest []Operation, changes []MemberChange, err error) {
	members := t.Core.Attribute("members")
	for _, op := range operations {
		each, err := singles(t, op)
		if err != nil {
			return nil, nil, err
		}
		for _, one := range each {
			target, ok := t.Resolve(one.Path.URN, one.Path.Name, one.Path.Sub)
			if !ok || target.Attribute != members {
				rest = append(rest, one)
				continue
			}
			change, some, err := memberChange(t, target, one)
			if err != nil {
				return nil, nil, err
			}
			if some {
				changes = append(changes, change)
			}
		}
	}
	return rest, changes, nil
}

// memberChange gives the change that op makes; some is false if it is none.
func memberChange(t *schema.ResourceType, target schema.Target, op Operation) (change MemberChange, some bool, err error) {
	switch {
	case target.Sub != nil:
		return change, false, fault.New(fault.Mutability, "cannot be changed; add and remove members as a whole").At(target.Path())
	case op.Path.Filter != nil:
		change, err = membersWhere(t, target, op)
		return change, true, err
	case op.Op == Remove && op.Value == nil:
		return MemberChange{Op: Remove, All: true}, true, nil
	}
	refs, err := memberRefs(target.Attribute, op.Value)
	if err == nil && op.Op == Replace && len(refs) == 0 {
		return MemberChange{Op: Remove, All: true}, true, nil
	}
	return MemberChange{Op: op.Op, Members: refs}, len(refs) > 0, err
}

// membersWhere is members[value eq "…"] and other filters.
func membersWhere(t *schema.ResourceType, target schema.Target, op Operation) (MemberChange, error) {
	if _, err := selector(t, target, op); err != nil {
		return MemberChange{}, err
	}
	if op.Op != Remove && !clears(op.Value) {
		return MemberChange{}, fault.New(fault.Mutability, "cannot be changed by a filter; add and remove members as a whole").At(target.Path())
	}
	if refs := named(op.Path.Filter); refs != nil {
		return MemberChange{Op: Remove, Members: unique(refs)}, nil
	}
	return MemberChange{Op: Remove, Where: op.Path.Filter}, nil
}

// named gives the members that a filter names one by one: value eq "a" or value eq "b"; nil if it does not.
func named(f scim.Filter) []MemberRef {
	alternatives, ok := f.(scim.Or)
	if !ok {
		alternatives = scim.Or{f}
	}
	var refs []MemberRef
	for _, f := range alternatives {
		equal, ok := f.(scim.Compare)
		id, isText := equal.Value.(string)
		if !ok || !isText || equal.Op != scim.Equal || !tree.SameName(equal.Path.Name, "value") {
			return nil
		}
		refs = append(refs, MemberRef{Value: id})
	}
	return refs
}

// memberRefs reads members as a client sends them: [{"value": "…"}], or one, or ids alone.
func memberRefs(a *schema.Attribute, v tree.Value) ([]MemberRef, error) {
	if clears(v) {
		return nil, nil
	}
	clean, _, err := a.CheckValue(a.Name, v)
	if err != nil {
		return nil, err
	}
	list, _ := clean.(tree.List)
	refs := make([]MemberRef, len(list))
	for i, e := range list {
		refs[i].Value, _ = object(e).Get("value").(string)
		refs[i].Type, _ = object(e).Get("type").(string)
		if refs[i].Value == "" {
			return nil, fault.New(fault.Invalid, "is required; send the id of each member").At(a.Name + ".value")
		}
	}
	return unique(refs), nil
}

// unique drops who is named more than once.
func unique(refs []MemberRef) []MemberRef {
	seen := make(map[string]bool, len(refs))
	return slices.DeleteFunc(refs, func(r MemberRef) bool {
		again := seen[r.Value]
		seen[r.Value] = true
		return again
	})
}
