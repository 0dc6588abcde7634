package sqlstore

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

// searchable says where the attributes of a kind of resource are, by their paths. What is named nowhere here is in
// the search document. All of it is SQL of our own, in which r is the resource's row: what a client sends chooses
// among these texts and is an argument of them, and never becomes one.
type searchable struct {
	columns   map[string]string   // single values
	listed    map[string]string   // conditions for "one of many values equals", with organisation and value to fill in
	relations map[string]relation // lists that are tables
}

// relation is a multi-valued attribute whose elements are the rows of a table.
type relation struct {
	from    string            // the tables; m is the first
	own     string            // the column that names the resource
	columns map[string]string // its sub-attributes
}

// conditions renders the filters of one search. A condition may be NULL where it does not hold, which is as good as
// false in a WHERE and below AND and OR; a negation makes the difference.
type conditions struct {
	searchable
	json JSON
	org  organisation.ID
}

var (
	never  = bun.SafeQuery("FALSE")
	always = bun.SafeQuery("TRUE")
	search = bun.SafeQuery("r.search")
)

func (c conditions) of(b scim.Bound) Expression {
	switch b := b.(type) {
	case scim.All:
		return join(" AND ", b, c.of)
	case scim.Any:
		return join(" OR ", b, c.of)
	case scim.Negation:
		return not(c.of(b.Filter))
	case scim.Term:
		return c.term(b)
	case scim.Has:
		return c.has(b.Target)
	case scim.Some:
		return c.some(b)
	case scim.Constant:
		return constant(b)
	}
	return never
}

func join[F any](word string, filters []F, render func(F) Expression) Expression {
	args := make([]any, len(filters))
	for i, f := range filters {
		args[i] = render(f)
	}
	return bun.SafeQuery("("+strings.Repeat(word+"?", len(args))[len(word):]+")", args...)
}

func not(e Expression) Expression { return bun.SafeQuery("(?) IS NOT TRUE", e) }

func constant(c scim.Constant) Expression {
	if c {
		return always
	}
	return never
}

func (c conditions) term(t scim.Term) Expression {
	path := t.Target.Path()
	if column, ok := c.columns[path]; ok {
		return c.compare(bun.SafeQuery(column), t)
	}
	if listed, ok := c.listed[path]; ok && t.Op == scim.Equal {
		return bun.SafeQuery(listed, c.org, t.Value)
	}
	switch path {
	case "meta.created":
		return moment("r.created_at", t)
	case "meta.lastModified":
		return moment("r.modified_at", t)
	case "meta.version":
		return c.compare(bun.SafeQuery(`'W/"' || CAST(r.version AS TEXT) || '"'`), t)
	}
	if relation, ok := c.relations[t.Target.Attribute.Name]; ok && t.Target.Extension == nil {
		return c.related(relation, c.relatedTerm(relation, t))
	}
	return c.within(t.Target, func(element element) Expression { return c.compare(c.value(element, t.Target.Sub), t) })
}

func (c conditions) has(target schema.Target) Expression {
	if column, ok := c.columns[target.Path()]; ok {
		return bun.SafeQuery("? <> ''", bun.SafeQuery(column))
	}
	if target.Attribute == nil {
		return c.json.Filled(search, tree.LowerName(target.Extension.ID))
	}
	if relation, ok := c.relations[target.Attribute.Name]; ok && target.Extension == nil {
		return c.related(relation, relatedHas(relation, target))
	}
	return c.within(target, func(e element) Expression { return c.filled(e, target.Sub) })
}

func (c conditions) some(s scim.Some) Expression {
	if relation, ok := c.relations[s.Target.Attribute.Name]; ok && s.Target.Extension == nil {
		exact := c.related(relation, c.relatedFilter(relation, s.Filter))
		return c.narrowed(s, exact)
	}
	exact := c.within(schema.Target{Extension: s.Target.Extension, Attribute: s.Target.Attribute}, func(e element) Expression {
		return c.elementFilter(e, s.Filter)
	})
	return c.narrowed(s, exact)
}
