package provisioning

import (
	"context"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// find asks for a page. Of a walk it asks for one resource more, which tells whether there is another page.
func find(ctx context.Context, ask func(context.Context, ports.Query) (ports.Page, error), t *schema.ResourceType, q ports.Query, s Search) (found Found, err error) {
	if !s.Walk || q.Limit == 0 {
		found.Page, err = ask(ctx, q)
		return found, err
	}
	q.Limit++
	if found.Page, err = ask(ctx, q); err != nil || len(found.Documents) <= s.Limit {
		return found, err
	}
	found.Documents = found.Documents[:s.Limit]
	last, err := positionOf(t, s.Order, found.Documents[s.Limit-1])
	found.Next = &last
	return found, err
}

// positionOf gives the place of a resource in an order.
func positionOf(t *schema.ResourceType, o scim.Order, d directory.Document) (scim.Position, error) {
	subject := scim.Subject{ID: string(d.ID), Created: d.Created, Modified: d.Modified, Version: d.ETag()}
	if !o.ByID() {
		v, err := tree.Parse(d.Body)
		body, ok := v.(*tree.Object)
		if err != nil || !ok {
			return scim.Position{}, fault.New(fault.Internal, "a stored resource is no JSON object")
		}
		subject.Search = t.Search(body)
	}
	return o.Position(subject), nil
}
