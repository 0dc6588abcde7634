package sqlstore

import (
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
)

// searchable says where the attributes of a kind of resource are, by their paths. What is named nowhere here is in
// the search document. All of it is SQL of our own, in which r is the resource's row: what a client sends chooses
// among these texts and is an argument in them, and never becomes one.
type searchable struct {
	columns   map[string]string     // single values
	listed    map[string]string     // conditions for "one of many values equals", with organisation and value to fill in
	relations map[string][]relation // lists that are tables, the cheapest way first
}

// relation is a way to find what holds for one value of an attribute that has many, each of which is a row.
type relation struct {
	one     string            // a condition, with the organisation and what is to hold for a row to fill in
	columns map[string]string // the sub-attributes that it knows of
}

// place is where attributes have values: a resource, or one element of an attribute. What it renders may be NULL
// where it does not hold. That is as good as false in a WHERE and below AND and OR, and only a negation must mind.
type place interface {
	term(t scim.Term) Expression
	has(target schema.Target) Expression
	some(s scim.Some) Expression
}

var (
	never  = bun.SafeQuery("FALSE")
	always = bun.SafeQuery("TRUE")
)

// condition renders b so that it holds for what scim.Match holds for.
func condition(b scim.Bound, in place) Expression {
	switch b := b.(type) {
	case scim.All:
		return join(" AND ", b, in)
	case scim.Any:
		return join(" OR ", b, in)
	case scim.Negation:
		return bun.SafeQuery("(?) IS NOT TRUE", condition(b.Filter, in))
	case scim.Term:
		return in.term(b)
	case scim.Has:
		return in.has(b.Target)
	case scim.Some:
		return in.some(b)
	case scim.Constant:
		if b {
			return always
		}
	}
	return never
}

func join(word string, filters []scim.Bound, in place) Expression {
	parts := make([]any, len(filters))
	for i, f := range filters {
		parts[i] = condition(f, in)
	}
	return bun.SafeQuery("("+strings.Repeat(word+"?", len(parts))[len(word):]+")", parts...)
}

// resource is the row of a user or group, by the name of r.
type resource struct {
	searchable
	json JSON
	org  organisation.ID
}

func (r resource) term(t scim.Term) Expression {
	path := t.Target.Path()
	if column, ok := r.columns[path]; ok {
		return compare(r.json, bun.SafeQuery(column), t)
	}
	if t.Op == scim.Equal && r.listed[path] != "" {
		return r.equalsOne(t)
	}
	switch path {
	case "meta.created":
		return compareTime("r.created_at", t)
	case "meta.lastModified":
		return compareTime("r.modified_at", t)
	case "meta.version":
		return compare(r.json, bun.SafeQuery(`'W/"' || CAST(r.version AS TEXT) || '"'`), t)
	}
	return r.each(t.Target, t)
}

func (r resource) has(target schema.Target) Expression {
	if column, ok := r.columns[target.Path()]; ok {
		return bun.SafeQuery("? <> ''", bun.SafeQuery(column))
	}
	return r.each(target, scim.Has{Target: target})
}

func (r resource) some(s scim.Some) Expression {
	found := r.each(s.Target, s.Filter)
	if term, ok := r.required(s.Filter); ok {
		return bun.SafeQuery("(? AND ?)", r.equalsOne(term), found)
	}
	return found
}

// equalsOne asks an index which resources have t's value.
func (r resource) equalsOne(t scim.Term) Expression {
	return bun.SafeQuery(r.listed[t.Target.Path()], r.org, t.Value)
}

// required finds a comparison that an index answers, and that holds wherever b does.
func (r resource) required(b scim.Bound) (term scim.Term, ok bool) {
	switch b := b.(type) {
	case scim.Term:
		return b, b.Op == scim.Equal && r.listed[b.Target.Path()] != ""
	case scim.All:
		for _, f := range b {
			if term, ok := r.required(f); ok {
				return term, true
			}
		}
	}
	return scim.Term{}, false
}

// each holds if f does for one element of the target's attribute.
func (r resource) each(target schema.Target, f scim.Bound) Expression {
	ways := r.relations[schema.Target{Extension: target.Extension, Attribute: target.Attribute}.Path()]
	for i, way := range ways {
		if way.knows(f) || i == len(ways)-1 {
			return bun.SafeQuery(way.one, r.org, condition(f, member{way, r.json}))
		}
	}
	return r.inDocument(target, f)
}

// knows reports whether all that f asks for is among r's columns.
func (r relation) knows(f scim.Bound) bool {
	unknown := func(f scim.Bound) bool { return !r.knows(f) }
	switch f := f.(type) {
	case scim.Term:
		return f.Target.Sub != nil && r.columns[f.Target.Sub.Name] != ""
	case scim.Has:
		return f.Target.Sub == nil || r.columns[f.Target.Sub.Name] != ""
	case scim.All:
		return !slices.ContainsFunc(f, unknown)
	case scim.Any:
		return !slices.ContainsFunc(f, unknown)
	case scim.Negation:
		return r.knows(f.Filter)
	}
	return true
}

// indexed reports whether indexes find what b holds for, so that nothing need be looked at in vain.
func (r resource) indexed(b scim.Bound) bool {
	switch b := b.(type) {
	case scim.Term:
		path := b.Target.Path()
		return b.Op == scim.Equal && (r.columns[path] != "" || r.listed[path] != "")
	case scim.Some:
		_, ok := r.required(b.Filter)
		return ok
	case scim.All:
		for _, f := range b {
			if r.indexed(f) {
				return true
			}
		}
	case scim.Any:
		for _, f := range b {
			if !r.indexed(f) {
				return false
			}
		}
		return true
	}
	return false
}

// member is a row of a relation.
type member struct {
	relation
	json JSON
}

func (m member) term(t scim.Term) Expression {
	if column, ok := m.column(t.Target); ok {
		return compare(m.json, column, t)
	}
	return never
}

func (m member) has(target schema.Target) Expression {
	if target.Sub == nil {
		return always // that there is a row is enough
	}
	if column, ok := m.column(target); ok {
		return bun.SafeQuery("? <> ''", column)
	}
	return never
}

func (m member) some(scim.Some) Expression { return never } // within a Some there is no other

// column is where a sub-attribute is. "$ref" is nowhere: an address is made when it is shown.
func (m member) column(target schema.Target) (column Expression, ok bool) {
	if target.Sub == nil {
		return Expression{}, false
	}
	text, ok := m.columns[target.Sub.Name]
	return bun.SafeQuery(text), ok
}
