package patch

import (
	"slices"

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
		case a.Type == schema.Complex && a.MultiValued:
			if err := keepElements(a, prefix+a.Name+".", was, is); err != nil {
				return err
			}
		case a.Type == schema.Complex:
			part := orNew(is)
			if err := keep(a.SubAttributes, prefix+a.Name+".", object(was), part); err != nil {
				return err
			}
			put(next, a.Name, present(part))
		}
	}
	return nil
}

// keepElements is keep for what has many values, which are told apart by their "value": an element that has the value of
// one that was there, and no element that agrees with that one, changes what is immutable. One without a value is known
// by nothing, and one that is not sent goes as a whole.
func keepElements(a *schema.Attribute, prefix string, was, is tree.Value) error {
	before, _ := was.(tree.List)
	after, _ := is.(tree.List)
	there := indexOf(a, before)
	taken := make([]bool, len(before))
	same := func(n int) []int {
		value := significant(form(a, after[n]))
		if value == nil {
			return nil
		}
		return slices.DeleteFunc(slices.Clone(there.byValue[value]), func(i int) bool { return taken[i] })
	}
	var rest []int
	for n := range after {
		agrees := slices.ContainsFunc(same(n), func(i int) bool {
			kept := object(after[n]).Clone()
			if keep(a.SubAttributes, prefix, object(before[i]), kept) != nil {
				return false
			}
			after[n], taken[i] = kept, true
			return true
		})
		if !agrees {
			rest = append(rest, n)
		}
	}
	for _, n := range rest {
		if changed := same(n); len(changed) > 0 {
			return keep(a.SubAttributes, prefix, object(before[changed[0]]), object(after[n]))
		}
	}
	return nil
}
