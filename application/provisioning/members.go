package provisioning

import (
	"context"
	"slices"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/scim/patch"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// memberChange is who joined and who left a group in one unit of work.
type memberChange struct{ joined, left []directory.ID }

func (m memberChange) any() bool { return len(m.joined)+len(m.left) > 0 }

func (m *memberChange) join(ids []directory.ID, err error) error {
	m.joined = append(m.joined, ids...)
	return err
}

func (m *memberChange) leave(ids []directory.ID, err error) error {
	m.left = append(m.left, ids...)
	return err
}

func (m memberChange) addTo(changes []activity.Change) []activity.Change {
	if !m.any() {
		return changes
	}
	return append(changes, activity.Change{Path: "members", From: list(m.left), To: list(m.joined)})
}

func list(ids []directory.ID) tree.Value {
	if len(ids) == 0 {
		return nil
	}
	values := make(tree.List, len(ids))
	for i, id := range ids {
		values[i] = string(id)
	}
	return values
}

// membersOf reads the ids in the members of a group that a client sent.
func membersOf(t *schema.ResourceType, input *tree.Object) ([]directory.ID, error) {
	if input.Get("members") == nil {
		return nil, nil
	}
	clean, _, err := t.Core.Attribute("members").CheckValue("members", input.Get("members"))
	if err != nil {
		return nil, err
	}
	elements, _ := clean.(tree.List)
	refs := make([]patch.MemberRef, 0, len(elements))
	for _, e := range elements {
		member, _ := e.(*tree.Object)
		value, _ := member.Get("value").(string)
		refs = append(refs, patch.MemberRef{Value: value})
	}
	return memberIDs(refs)
}

// memberIDs gives the ids that refs name, each once.
func memberIDs(refs []patch.MemberRef) ([]directory.ID, error) {
	ids := make([]directory.ID, 0, len(refs))
	for _, ref := range refs {
		id, err := directory.ParseID(ref.Value)
		if err != nil {
			return nil, fault.New(fault.Invalid, "%q is no id of a user or group here; provision it before making it a member", ref.Value).At("members.value")
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// known drops what is no id at all: nobody of that name can be taken out.
func known(refs []patch.MemberRef) []directory.ID {
	ids := make([]directory.ID, 0, len(refs))
	for _, ref := range refs {
		if id, err := directory.ParseID(ref.Value); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// setMembers makes wanted, which is sorted, all the members that group has.
func setMembers(ctx context.Context, tx ports.Tx, group directory.ID, wanted []directory.ID) (changed memberChange, err error) {
	var gone []directory.ID
	err = tx.Members().All(ctx, group, func(m directory.Member) error {
		if _, stays := slices.BinarySearch(wanted, m.ID); !stays {
			gone = append(gone, m.ID)
		}
		return nil
	})
	if err != nil {
		return changed, err
	}
	if err := changed.leave(tx.Members().Remove(ctx, group, gone)); err != nil {
		return changed, err
	}
	err = changed.join(tx.Members().Add(ctx, group, wanted))
	return changed, err
}

// changeMembers applies the operations of a PATCH that target members, in their order.
func (s *Service) changeMembers(ctx context.Context, tx ports.Tx, group directory.ID, changes []patch.MemberChange) (changed memberChange, err error) {
	for _, c := range changes {
		if err := s.changeMembersOnce(ctx, tx, group, c, &changed); err != nil {
			return changed, err
		}
	}
	return changed, nil
}

func (s *Service) changeMembersOnce(ctx context.Context, tx ports.Tx, group directory.ID, c patch.MemberChange, changed *memberChange) error {
	switch {
	case c.Op == patch.Remove && c.All:
		return changed.leave(tx.Members().Clear(ctx, group))
	case c.Op == patch.Remove && c.Where != nil:
		selected, err := s.selectMembers(ctx, tx, group, c.Where)
		if err != nil {
			return err
		}
		return changed.leave(tx.Members().Remove(ctx, group, selected))
	case c.Op == patch.Remove:
		return changed.leave(tx.Members().Remove(ctx, group, known(c.Members)))
	}
	ids, err := memberIDs(c.Members)
	if err != nil {
		return err
	}
	if c.Op == patch.Add {
		return changed.join(tx.Members().Add(ctx, group, ids))
	}
	replaced, err := setMembers(ctx, tx, group, ids)
	changed.joined = append(changed.joined, replaced.joined...)
	changed.left = append(changed.left, replaced.left...)
	return err
}

// selectMembers reads all members of group and gives those that a filter selects: `members[display sw "A"]`. It is
// the one change that costs more the more members there are.
func (s *Service) selectMembers(ctx context.Context, tx ports.Tx, group directory.ID, where scim.Filter) (selected []directory.ID, err error) {
	bound, err := scim.Bind(scim.Element{Path: scim.Path{Name: "members"}, Filter: where}, s.groups.definition, s.all)
	if err != nil {
		return nil, err
	}
	err = tx.Members().All(ctx, group, func(m directory.Member) error {
		one := tree.NewObject(tree.Member{Name: "members", Value: tree.List{tree.NewObject(
			tree.Member{Name: "value", Value: string(m.ID)},
			tree.Member{Name: "display", Value: m.Display},
			tree.Member{Name: "type", Value: m.Type},
		)}})
		if scim.Match(bound, scim.Subject{Search: s.groups.definition.Search(one)}) {
			selected = append(selected, m.ID)
		}
		return nil
	})
	return selected, err
}
