package ports

import (
	"context"

	"github.com/extraordinary/provisioning/domain/directory"
)

// Members is who belongs to the groups of one organisation: users, and other groups. What one call costs does not depend
// on how many members a group has, but for All and Clear.
type Members interface {
	// Add makes users and groups members of group and gives those that were none before. Faults: Invalid at "members"
	// if one of them is neither a user nor another group of the organisation; NotFound if the group is none.
	Add(ctx context.Context, group directory.ID, members []directory.ID) (added []directory.ID, err error)
	// Remove takes members out of group and gives those that were some.
	Remove(ctx context.Context, group directory.ID, members []directory.ID) (removed []directory.ID, err error)
	// Clear takes everybody out and gives who was a member.
	Clear(ctx context.Context, group directory.ID) (removed []directory.ID, err error)
	// All calls yield with each member of group, users before groups, each in the order of their ids, until it returns
	// an error, which All returns.
	All(ctx context.Context, group directory.ID, yield func(directory.Member) error) error
	// Groups gives the groups that each of the users is a member of, itself or by way of other groups, in the order of
	// the groups' ids; a user in none is not in the map. The Members in it name groups.
	Groups(ctx context.Context, users []directory.ID) (map[directory.ID][]directory.Member, error)
}
