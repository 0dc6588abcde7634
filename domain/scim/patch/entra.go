package patch

import (
	"slices"

	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

// What this file holds is not in RFC 7644, or is against its letter: Microsoft Entra sends it, and a server that
// refuses it fails a person. The paragraphs named are those of the dossier on Entra as a client, entra.md.

// clears reports whether v takes a value away: null and the empty list, which mean that there is none (RFC 7643 §2.5),
// and the empty string, by which Entra takes back a manager and by which Microsoft's gallery test (Null_Update) clears
// whatever is optional (§1.3, manager; §1.3, null/empty). What is required refuses it.
func clears(v tree.Value) bool {
	list, isList := v.(tree.List)
	return v == nil || v == "" || isList && len(list) == 0
}

// unwrapped gives the one element of a list where no list belongs: Entra sends the manager, who is one, as
// [{"value": "…"}] (§1.3, manager).
func unwrapped(v tree.Value) tree.Value {
	if list, ok := v.(tree.List); ok && len(list) == 1 {
		return list[0]
	}
	return v
}

// implied gives the element that a filter describes, nil if it describes none: it must say by eq, and by nothing else,
// what the sub-attributes are.
//
// Entra sends "Add" and "Replace" on phoneNumbers[type eq "mobile"].value to people who have no such number, and
// expects one to be made with this type (§1.3, filtered element that does not exist yet). RFC 7644 has "noTarget" for
// that (§3.5.2.3, last item), and that is the answer still
//
//   - if the filter does not describe an element: it has or, not, ne, co …, or the made element would not match it;
//   - to "replace" on addresses[type eq "work"] as a whole, which Entra does not send;
//   - for an attribute of one value.
//
// "add" on the whole element makes it too: "if the target location does not exist, the attribute and value are added"
// (§3.5.2.1).
func implied(f scim.Filter) *tree.Object {
	element := tree.NewObject()
	parts, ok := f.(scim.And)
	if !ok {
		parts = scim.And{f}
	}
	for _, part := range parts {
		equal, ok := part.(scim.Compare)
		if !ok || equal.Op != scim.Equal || equal.Value == nil {
			return nil
		}
		element.Set(equal.Path.Name, equal.Value)
	}
	return element
}

// withoutListed gives now without the elements that value lists: Entra takes members out by
// {"op": "Remove", "path": "members", "value": [{"value": "…"}]} (§1.6, remove). RFC 7644 §3.5.2.2 knows no value here
// and would have all of them removed: servers that took it at its word emptied groups. A list that names nobody
// removes nobody.
func (e *editor) withoutListed(a *schema.Attribute, path string, now, value tree.Value) (tree.Value, error) {
	listed, err := e.check(a, path, value)
	if err != nil {
		return nil, err
	}
	names, _ := listed.(tree.List)
	list, _ := now.(tree.List)
	there := indexOf(a, list)
	var chosen []int
	for _, name := range names {
		key := form(a, name)
		for _, i := range there.candidates(key) {
			if like(there.forms[i], key) != different {
				chosen = append(chosen, i)
			}
		}
	}
	slices.Sort(chosen)
	return without(list, slices.Compact(chosen)), nil
}

// saysNothing reports whether all that is left of an element is what it is for: a mobile number that Entra has cleared
// by replacing phoneNumbers[type eq "mobile"].value with "" (§1.3, null/empty) is no number of the type mobile.
func saysNothing(element *tree.Object) bool {
	for name := range element.All() {
		if name != "type" && name != "primary" {
			return false
		}
	}
	return true
}
