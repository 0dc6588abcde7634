package provisioning

import (
	"context"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// CreateUser makes a user (RFC 7644 §3.3). Faults: Invalid, Conflict as ports.Resources.Add.
func (s *Service) CreateUser(ctx context.Context, who Caller, input *tree.Object) (written Written, err error) {
	ctx, end := span(ctx, "CreateUser")
	defer end(&err)
	return create(ctx, s, s.users, who, input, named{})
}

// CreateGroup makes a group with the members that input names. Faults: Invalid, Conflict as ports.Resources.Add.
func (s *Service) CreateGroup(ctx context.Context, who Caller, input *tree.Object) (written Written, err error) {
	ctx, end := span(ctx, "CreateGroup")
	defer end(&err)
	members, err := membersOf(s.groups.definition, input)
	if err != nil {
		return Written{}, err
	}
	return create(ctx, s, s.groups, who, input, members)
}

func create[R resource](ctx context.Context, s *Service, c collection[R], who Caller, input *tree.Object, members named) (written Written, err error) {
	r, ignored, err := c.make(c.definition, directory.ID(s.newID()), input, s.now())
	if err != nil {
		return Written{}, err
	}
	changes := activity.Diff(nil, r.Attributes())
	if len(members.ids) > 0 {
		changes = append(changes, activity.Change{Path: "members", To: list(members.ids)})
	}
	err = s.store.Within(ctx, who.Organisation, func(ctx context.Context, tx ports.Tx) error {
		if err := c.in(tx).Add(ctx, r); err != nil {
			return err
		}
		if len(members.ids) > 0 {
			if _, err := s.join(ctx, tx, r.ID(), members); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, who, activity.Created, c.subject(r.ID()), changes)
	})
	if err != nil {
		return Written{}, err
	}
	return Written{Document: document(r), Ignored: ignored}, nil
}
