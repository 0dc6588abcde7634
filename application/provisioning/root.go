package provisioning

import (
	"context"
	"strings"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/ports"
)

// Everything is a page of the resources of all types: users before groups, each in the order of their ids.
type Everything struct {
	Total  int
	Users  Users
	Groups ports.Page
	Next   *scim.Position // as Found.Next; its ID begins with the resource type
}

// SearchAll shows the resources of every type that match (RFC 7644 §3.4.2.1). An attribute that a type does not have has
// no value in its resources. search has no Order but that of the ids. Faults: as SearchGroups.
func (s *Service) SearchAll(ctx context.Context, who Caller, search Search, see func(Everything, MembersOf) error) (err error) {
	ctx, end := span(ctx, "SearchAll")
	defer end(&err)
	users, err := s.query(s.users.definition, search)
	if err != nil {
		return err
	}
	groups, err := s.query(s.groups.definition, search)
	if err != nil {
		return err
	}
	if search.Walk && search.Limit > 0 {
		users.Limit++ // which tells whether there is another page
		groups.Limit++
	}
	if search.After != nil {
		users.After, groups.After = nil, nil
		if kind, id, _ := strings.Cut(search.After.ID, "/"); kind == s.groups.definition.Name {
			users.Limit, groups.After = 0, &scim.Position{ID: id}
		} else {
			users.After = &scim.Position{ID: id}
		}
	}
	return s.store.View(ctx, who.Organisation, func(ctx context.Context, tx ports.Tx) error {
		all, err := everything(ctx, tx, users, groups)
		if err != nil {
			return err
		}
		if search.Walk {
			s.end(&all, search.Limit)
		}
		ids := make([]directory.ID, len(all.Users.Documents))
		for i, d := range all.Users.Documents {
			ids[i] = d.ID
		}
		if all.Users.Groups, err = tx.Members().Groups(ctx, ids); err != nil {
			return err
		}
		return see(all, membersIn(ctx, tx))
	})
}

// everything asks for users, and for so many groups as there is still room for.
func everything(ctx context.Context, tx ports.Tx, users, groups ports.Query) (all Everything, err error) {
	if all.Users.Page, err = tx.Users().Search(ctx, users); err != nil {
		return all, err
	}
	groups.Limit -= len(all.Users.Documents)
	if groups.After == nil {
		groups.Offset = max(groups.Offset-all.Users.Total, 0)
	}
	all.Groups, err = tx.Groups().Search(ctx, groups)
	all.Total = all.Users.Total + all.Groups.Total
	return all, err
}

// end cuts a page of a walk down to its size, and says where it ended if there is another.
func (s *Service) end(all *Everything, limit int) {
	users, groups := all.Users.Documents, all.Groups.Documents
	if limit == 0 || len(users)+len(groups) <= limit {
		return
	}
	ended := func(t *schema.ResourceType, d directory.Document) {
		all.Next = &scim.Position{ID: t.Name + "/" + string(d.ID)}
	}
	if len(users) >= limit {
		all.Users.Documents, all.Groups.Documents = users[:limit], nil
		ended(s.users.definition, users[limit-1])
		return
	}
	all.Groups.Documents = groups[:limit-len(users)]
	ended(s.groups.definition, groups[limit-len(users)-1])
}
