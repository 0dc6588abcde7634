package patch

import (
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
)

// KeepImmutable gives next, which a PUT is to put in the place of the attributes now, those immutable values of now that
// it does not name (RFC 7644 §3.5.1, RFC 7643 §7: "SHALL NOT be updated"). Faults: Mutability for one that it changes.
func KeepImmutable(t *schema.ResourceType, now, next *tree.Object) error {
	if err := keep(t.Core.Attributes, "", now, next); err != nil {
		return err
	}
	for _, e := range t.Extensions {
		part := orNew(next.Get(e.ID))
		if err := keep(e.Attributes, e.ID+":", object(now.Get(e.ID)), part); err != nil {
			return err
		}
		put(next, e.ID, present(part))
	}
	return nil
}

// keep leaves the elements of what has many values alone: nothing says which of them is which.
func keep(attributes []schema.Attribute, prefix string, now, next *tree.Object) error {
	for i := range attributes {
		a := &attributes[i]
		was, is := now.Get(a.Name), next.Get(a.Name)
		switch {
		case was == nil:
		case a.Mutability == schema.Immutable && is == nil:
			next.Set(a.Name, tree.Clone(was))
		case a.Mutability == schema.Immutable:
			if err := allowed(a, prefix+a.Name, Replace, was, is); err != nil {
				return err
			}
		case a.Type == schema.Complex && !a.MultiValued:
			part := orNew(is)
			if err := keep(a.SubAttributes, prefix+a.Name+".", object(was), part); err != nil {
				return err
			}
			put(next, a.Name, present(part))
		}
	}
	return nil
}
