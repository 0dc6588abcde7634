package provisioning

import (
	"context"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/ports"
)

// DeleteUser takes a user away with its memberships (RFC 7644 §3.6). Faults: NotFound, what may returns.
func (s *Service) DeleteUser(ctx context.Context, who Caller, id directory.ID, may Condition) (err error) {
	ctx, end := span(ctx, "DeleteUser")
	defer end(&err)
	return remove(ctx, s, s.users, who, id, may)
}

// DeleteGroup takes a group away; its members stay. Faults: NotFound, what may returns.
func (s *Service) DeleteGroup(ctx context.Context, who Caller, id directory.ID, may Condition) (err error) {
	ctx, end := span(ctx, "DeleteGroup")
	defer end(&err)
	return remove(ctx, s, s.groups, who, id, may)
}

func remove[R resource](ctx context.Context, s *Service, c collection[R], who Caller, id directory.ID, may Condition) error {
	return s.store.Within(ctx, who.Organisation, func(ctx context.Context, tx ports.Tx) error {
		r, err := c.in(tx).Get(ctx, id)
		if err != nil {
			return err
		}
		if err := may.holds(r); err != nil {
			return err
		}
		if err := c.in(tx).Delete(ctx, id); err != nil {
			return err
		}
		return s.record(ctx, tx, who, activity.Deleted, c.subject(id), activity.Diff(r.Attributes(), nil))
	})
}
