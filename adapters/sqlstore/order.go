package sqlstore

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

// sorting is an Order in SQL: a key of each resource, and what such a key is compared with.
type sorting struct {
	scim.Order
	key     Expression
	literal func(tree.Value) Expression
	indexed bool // an index has the resources in this order
}

func (r resource) sorting(o scim.Order) sorting {
	s := sorting{Order: o, literal: r.json.Literal}
	if o.ByID() {
		s.indexed = true
		return s
	}
	path := o.By.Path()
	if column, ok := r.columns[path]; ok {
		s.key, s.indexed = bun.SafeQuery(column), true
		return s
	}
	switch path {
	case "meta.created":
		s.key, s.literal = bun.SafeQuery("r.created_at"), literalTime
	case "meta.lastModified":
		s.key, s.literal = bun.SafeQuery("r.modified_at"), literalTime
	case "meta.version":
		s.key = bun.SafeQuery(`'W/"' || CAST(r.version AS TEXT) || '"'`)
	default:
		s.key = r.preferred(o.By)
	}
	return s
}

func literalTime(v tree.Value) Expression {
	text, _ := v.(string)
	at, _ := time.Parse(time.RFC3339Nano, text) // a key of ours
	return bun.SafeQuery("?", micros(at))
}

// preferred is the value by which a resource is sorted: of many, that of the primary element, else of the first. A
// list in JSON is read in its order.
func (r resource) preferred(target schema.Target) Expression {
	var path []string
	if target.Extension != nil {
		path = append(path, tree.LowerName(target.Extension.ID))
	}
	path = append(path, tree.LowerName(target.Attribute.Name))
	document, like := bun.SafeQuery("r.search"), like(target)
	if !target.Attribute.MultiValued {
		return element{r.json, document, path}.first(target.Sub, like)
	}
	each := bun.SafeQuery("e.value")
	value, from := element{json: r.json, document: each}.first(target.Sub, like), r.json.Each(document, path...)
	first := bun.SafeQuery("(SELECT ? FROM ? AS e LIMIT 1)", value, from)
	if target.Attribute.Sub("primary") == nil {
		return first
	}
	return bun.SafeQuery("coalesce((SELECT ? FROM ? AS e WHERE ? LIMIT 1), ?)", value, from, r.json.Value(each, true, "primary"), first)
}

// first is the value of sub, the first one if it has many.
func (e element) first(sub *schema.Attribute, like tree.Value) Expression {
	path := e.at(sub)
	if sub != nil && sub.MultiValued {
		return bun.SafeQuery("(SELECT ? FROM ? AS s LIMIT 1)", e.json.Value(bun.SafeQuery("s.value"), like), e.json.Each(e.document, path...))
	}
	return e.json.Value(e.document, like, path...)
}

// like gives a value of the target's type.
func like(target schema.Target) tree.Value {
	a := target.Attribute
	if target.Sub != nil {
		a = target.Sub
	}
	switch a.Type {
	case schema.Boolean:
		return true
	case schema.Integer, schema.Decimal:
		return tree.Number("0")
	case schema.String, schema.Reference, schema.Binary, schema.DateTime, schema.Complex:
	}
	return ""
}

// order puts q in order. What has no value is last, or first if descending, on every database.
func (s sorting) order(q *bun.SelectQuery) *bun.SelectQuery {
	byKey, byID := "? ASC NULLS LAST", "r.id"
	if s.Descending {
		byKey, byID = "? DESC NULLS FIRST", "r.id DESC"
	}
	if !s.ByID() {
		q = q.OrderExpr(byKey, s.key)
	}
	return q.OrderExpr(byID)
}

// behind gives conditions for what comes behind p: all that the first holds for is before what the next does. Each is one
// stretch of an index, which is why they are not joined by OR.
func (s sorting) behind(p scim.Position) []Expression {
	sign := ">"
	if s.Descending {
		sign = "<"
	}
	beyond := func(key Expression, value any) Expression { return bun.SafeQuery("? "+sign+" ?", key, value) }
	id := beyond(bun.SafeQuery("r.id"), p.ID)
	if s.ByID() {
		return []Expression{id}
	}
	absent := bun.SafeQuery("? IS NULL", s.key)
	if p.Key == nil {
		if others := bun.SafeQuery("? IS NOT NULL", s.key); s.Descending {
			return []Expression{bun.SafeQuery("? AND ?", absent, id), others}
		}
		return []Expression{bun.SafeQuery("? AND ?", absent, id)}
	}
	literal := s.literal(p.Key)
	stretch := bun.SafeQuery("? "+sign+"= ? AND (? OR ?)", s.key, literal, beyond(s.key, literal), id)
	if s.Descending {
		return []Expression{stretch}
	}
	return []Expression{stretch, absent}
}
