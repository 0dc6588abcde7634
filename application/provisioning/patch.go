package provisioning

import (
	"context"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/scim/patch"
	"github.com/extraordinary/provisioning/ports"
)

// PatchUser applies operations to a user, all or none (RFC 7644 §3.5.2). Operations that change nothing leave its
// version as it was and write nothing. Faults: NotFound, Invalid, InvalidPath, NoTarget, Mutability, Conflict, what
// may returns.
func (s *Service) PatchUser(ctx context.Context, who Caller, id directory.ID, may Condition, operations []patch.Operation) (written Written, err error) {
	ctx, end := span(ctx, "PatchUser")
	defer end(&err)
	return s.changeUser(ctx, who, id, may, func(u *directory.User) ([]string, error) {
		return u.Patch(s.users.definition, operations, s.now())
	})
}

// PatchGroup applies operations to a group and its members, all or none. It never loads members that no operation
// names, unless an operation selects them by a filter. Faults: as PatchUser.
func (s *Service) PatchGroup(ctx context.Context, who Caller, id directory.ID, may Condition, operations []patch.Operation) (written Written, err error) {
	ctx, end := span(ctx, "PatchGroup")
	defer end(&err)
	rest, changes, err := patch.Members(s.groups.definition, operations)
	if err != nil {
		return Written{}, err
	}
	return change(ctx, s, s.groups, who, id, may, func(ctx context.Context, tx ports.Tx, g *directory.Group) (memberChange, []string, error) {
		ignored, err := g.Patch(s.groups.definition, rest, s.now())
		if err != nil {
			return memberChange{}, nil, err
		}
		changed, err := s.changeMembers(ctx, tx, id, changes)
		if changed.any() {
			g.MembersChanged(s.now())
		}
		return changed, ignored, err
	})
}

// changeUser is change for a user, with the groups that the answer shows.
func (s *Service) changeUser(ctx context.Context, who Caller, id directory.ID, may Condition, edit func(*directory.User) ([]string, error)) (Written, error) {
	var groups map[directory.ID][]directory.Member
	written, err := change(ctx, s, s.users, who, id, may, func(ctx context.Context, tx ports.Tx, u *directory.User) (none memberChange, ignored []string, err error) {
		if ignored, err = edit(u); err != nil {
			return none, nil, err
		}
		groups, err = tx.Members().Groups(ctx, []directory.ID{id})
		return none, ignored, err
	})
	written.Groups = groups[id]
	return written, err
}

// change reads a resource, lets edit change it and saves what became of it with its line in the journal.
func change[R resource](ctx context.Context, s *Service, c collection[R], who Caller, id directory.ID, may Condition,
	edit func(context.Context, ports.Tx, R) (memberChange, []string, error),
) (written Written, err error) {
	err = s.store.Within(ctx, who.Organisation, func(ctx context.Context, tx ports.Tx) error {
		r, err := c.in(tx).Get(ctx, id)
		if err != nil {
			return err
		}
		if err := may.holds(r); err != nil {
			return err
		}
		before := r.Attributes()
		members, ignored, err := edit(ctx, tx, r)
		if err != nil {
			return err
		}
		written = Written{Document: document(r), Ignored: ignored}
		if !r.Changed() {
			return nil
		}
		if err := c.in(tx).Save(ctx, r); err != nil {
			return err
		}
		return s.record(ctx, tx, who, activity.Changed, c.subject(id), members.addTo(activity.Diff(before, r.Attributes())))
	})
	return written, err
}
