package provisioning

import (
	"context"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// ReplaceUser gives a user the attributes of input in place of its own (RFC 7644 §3.5.1). Faults: NotFound, Invalid,
// Conflict, Mutability, what may returns.
func (s *Service) ReplaceUser(ctx context.Context, who Caller, id directory.ID, may Condition, input *tree.Object) (written Written, err error) {
	ctx, end := span(ctx, "ReplaceUser")
	defer end(&err)
	return s.changeUser(ctx, who, id, may, func(u *directory.User) ([]string, error) {
		return u.Replace(s.users.definition, input, s.now())
	})
}

// ReplaceGroup gives a group the attributes and members of input in place of its own. Faults: as ReplaceUser.
func (s *Service) ReplaceGroup(ctx context.Context, who Caller, id directory.ID, may Condition, input *tree.Object) (written Written, err error) {
	ctx, end := span(ctx, "ReplaceGroup")
	defer end(&err)
	wanted, err := membersOf(s.groups.definition, input)
	if err != nil {
		return Written{}, err
	}
	return change(ctx, s, s.groups, who, id, may, func(ctx context.Context, tx ports.Tx, g *directory.Group) (memberChange, []string, error) {
		ignored, err := g.Replace(s.groups.definition, input, s.now())
		if err != nil {
			return memberChange{}, nil, err
		}
		changed, err := s.setMembers(ctx, tx, id, wanted)
		if changed.any() {
			g.MembersChanged(s.now())
		}
		return changed, ignored, err
	})
}
