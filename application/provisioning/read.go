package provisioning

import (
	"context"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/ports"
)

// Search asks for a page of resources: by its number, or as one of a walk in which each begins behind the one before, so
// that none is lost or seen twice while others are written.
type Search struct {
	Filter scim.Filter // nil: all
	Order  scim.Order
	Offset int
	Limit  int
	Walk   bool           // Next is wanted
	After  *scim.Position // of a walk: where the page before ended; nil: at the beginning
	Alone  bool           // users are wanted without their groups
}

// Found is a page of resources.
type Found struct {
	ports.Page
	Next *scim.Position // of a walk: where this page ended; nil: it is the last
}

// Users is a page of users with the groups that each is a member of.
type Users struct {
	Found
	Groups map[directory.ID][]directory.Member
}

// MembersOf calls yield with each member of a group, until it returns an error. It works only while the function
// that it was given to runs.
type MembersOf func(group directory.ID, yield func(directory.Member) error) error

// ReadUser gives one user (RFC 7644 §3.4.1), alone or with the groups of which it is a member. Faults: NotFound.
func (s *Service) ReadUser(ctx context.Context, who Caller, id directory.ID, alone bool) (user directory.Document, groups []directory.Member, err error) {
	ctx, end := span(ctx, "ReadUser")
	defer end(&err)
	err = s.store.View(ctx, who.Organisation, func(ctx context.Context, tx ports.Tx) error {
		if user, err = tx.Users().Document(ctx, id); err != nil || alone {
			return err
		}
		all, err := tx.Members().Groups(ctx, []directory.ID{id})
		groups = all[id]
		return err
	})
	return user, groups, err
}

// SearchUsers gives the users that match (RFC 7644 §3.4.2). Faults: InvalidFilter, TooMany.
func (s *Service) SearchUsers(ctx context.Context, who Caller, search Search) (users Users, err error) {
	ctx, end := span(ctx, "SearchUsers")
	defer end(&err)
	query, err := s.query(s.users.definition, search)
	if err != nil {
		return Users{}, err
	}
	err = s.store.View(ctx, who.Organisation, func(ctx context.Context, tx ports.Tx) error {
		if users.Found, err = find(ctx, tx.Users().Search, s.users.definition, query, search); err != nil || len(users.Documents) == 0 || search.Alone {
			return err
		}
		ids := make([]directory.ID, len(users.Documents))
		for i, d := range users.Documents {
			ids[i] = d.ID
		}
		users.Groups, err = tx.Members().Groups(ctx, ids)
		return err
	})
	return users, err
}

// ReadGroup shows one group. Its members are read only if see asks for them, one by one, so that a group of any
// size can be written out in little memory. Faults: NotFound, what see returns.
func (s *Service) ReadGroup(ctx context.Context, who Caller, id directory.ID, see func(directory.Document, MembersOf) error) (err error) {
	ctx, end := span(ctx, "ReadGroup")
	defer end(&err)
	return s.store.View(ctx, who.Organisation, func(ctx context.Context, tx ports.Tx) error {
		group, err := tx.Groups().Document(ctx, id)
		if err != nil {
			return err
		}
		return see(group, membersIn(ctx, tx))
	})
}

// SearchGroups shows the groups that match, and their members as ReadGroup does. Faults: InvalidFilter, TooMany,
// what see returns.
func (s *Service) SearchGroups(ctx context.Context, who Caller, search Search, see func(Found, MembersOf) error) (err error) {
	ctx, end := span(ctx, "SearchGroups")
	defer end(&err)
	query, err := s.query(s.groups.definition, search)
	if err != nil {
		return err
	}
	return s.store.View(ctx, who.Organisation, func(ctx context.Context, tx ports.Tx) error {
		page, err := find(ctx, tx.Groups().Search, s.groups.definition, query, search)
		if err != nil {
			return err
		}
		return see(page, membersIn(ctx, tx))
	})
}

func membersIn(ctx context.Context, tx ports.Tx) MembersOf {
	return func(group directory.ID, yield func(directory.Member) error) error {
		return tx.Members().All(ctx, group, yield)
	}
}

func (s *Service) query(t *schema.ResourceType, search Search) (ports.Query, error) {
	query := ports.Query{Order: search.Order, Offset: search.Offset, Limit: search.Limit, After: search.After}
	if search.Filter == nil {
		return query, nil
	}
	var err error
	query.Filter, err = scim.Bind(search.Filter, t, s.all)
	return query, err
}
