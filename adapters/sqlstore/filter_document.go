package sqlstore

import (
	"slices"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

// element is a value in JSON whose sub-attributes are asked for: one of the values of an attribute, or its only one.
type element struct {
	json     JSON
	document Expression
	path     []string
}

// inDocument holds if f does for one value of the target's attribute in the search document.
func (r resource) inDocument(target schema.Target, f scim.Bound) Expression {
	document := bun.SafeQuery("r.search")
	var path []string
	if target.Extension != nil {
		path = append(path, tree.LowerName(target.Extension.ID))
	}
	if target.Attribute == nil {
		return r.json.Filled(document, path...)
	}
	path = append(path, tree.LowerName(target.Attribute.Name))
	if target.Attribute.MultiValued {
		each := condition(f, element{json: r.json, document: bun.SafeQuery("e.value")})
		return bun.SafeQuery("EXISTS (SELECT 1 FROM ? AS e WHERE ?)", r.json.Each(document, path...), each)
	}
	return bun.SafeQuery("(? AND ?)", r.json.There(document, path...), condition(f, element{r.json, document, path}))
}

func (e element) term(t scim.Term) Expression {
	path := e.at(t.Target.Sub)
	if t.Target.Sub != nil && t.Target.Sub.MultiValued {
		one := compare(e.json, e.json.Value(bun.SafeQuery("s.value"), t.Value), t)
		return bun.SafeQuery("EXISTS (SELECT 1 FROM ? AS s WHERE ?)", e.json.Each(e.document, path...), one)
	}
	return compare(e.json, e.json.Value(e.document, t.Value, path...), t)
}

func (e element) has(target schema.Target) Expression {
	return e.json.Filled(e.document, e.at(target.Sub)...)
}

func (e element) some(scim.Some) Expression { return never } // within a Some there is no other

func (e element) at(sub *schema.Attribute) []string {
	if sub == nil {
		return e.path
	}
	return append(slices.Clone(e.path), tree.LowerName(sub.Name))
}
