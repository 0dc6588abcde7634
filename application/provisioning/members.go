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

// named is members as a client named them, each id once and in order.
type named struct {
	ids           []directory.ID
	users, groups []directory.ID // those that it says are such
}

// membersOf reads the members of a group that a client sent.
func membersOf(t *schema.ResourceType, input *tree.Object) (named, error) {
	if input.Get("members") == nil {
		return named{}, nil
	}
	clean, _, err := t.Core.Attribute("members").CheckValue("members", input.Get("members"))
	if err != nil {
		return named{}, err
	}
	elements, _ := clean.(tree.List)
	refs := make([]patch.MemberRef, len(elements))
	for i, e := range elements {
		member, _ := e.(*tree.Object)
		refs[i].Value, _ = member.Get("value").(string)
		refs[i].Type, _ = member.Get("type").(string)
	}
	return nameAll(refs)
}

func nameAll(refs []patch.MemberRef) (all named, err error) {
	for _, ref := range refs {
		id, err := directory.ParseID(ref.Value)
		if err != nil {
			return all, fault.New(fault.Invalid, "%q is no id of a user or group here; provision it before making it a member", ref.Value).At("members.value")
		}
		all.ids = append(all.ids, id)
		switch {
		case tree.SameName(ref.Type, directory.IsUser):
			all.users = append(all.users, id)
		case tree.SameName(ref.Type, directory.IsGroup):
			all.groups = append(all.groups, id)
		}
	}
	slices.Sort(all.ids)
	all.ids = slices.Compact(all.ids)
	return all, nil
}

// join adds members to a group, and gives those that were none. Each must be what the client says that it is.
func (s *Service) join(ctx context.Context, tx ports.Tx, group directory.ID, all named) (joined []directory.ID, err error) {
	if joined, err = tx.Members().Add(ctx, group, all.ids); err != nil {
		return nil, err
	}
	if err := noneIn(ctx, tx.Groups().Search, s.groups.definition, all.users); err != nil {
		return nil, err
	}
	return joined, noneIn(ctx, tx.Users().Search, s.users.definition, all.groups)
}

// noneIn holds that no resource of type t has one of ids. A hundred are asked for at once, since a database bounds how
// long a statement may be.
func noneIn(ctx context.Context, search func(context.Context, ports.Query) (ports.Page, error), t *schema.ResourceType, ids []directory.ID) error {
	for some := range slices.Chunk(ids, 100) {
		var anyOf scim.Or
		for _, id := range some {
			anyOf = append(anyOf, scim.Compare{Path: scim.Path{Name: "id"}, Op: scim.Equal, Value: string(id)})
		}
		bound, err := scim.Bind(anyOf, t, nil)
		if err != nil {
			return err
		}
		found, err := search(ctx, ports.Query{Filter: bound, Limit: 1})
		if err != nil {
			return err
		}
		if len(found.Documents) > 0 {
			return fault.New(fault.Invalid, "says what %s is not: it is a %s", found.Documents[0].ID, t.Name).At("members.type")
		}
	}
	return nil
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

// setMembers makes wanted all the members that group has.
func (s *Service) setMembers(ctx context.Context, tx ports.Tx, group directory.ID, wanted named) (changed memberChange, err error) {
	var gone []directory.ID
	err = tx.Members().All(ctx, group, func(m directory.Member) error {
		if _, stays := slices.BinarySearch(wanted.ids, m.ID); !stays {
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
	err = changed.join(s.join(ctx, tx, group, wanted))
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
	all, err := nameAll(c.Members)
	if err != nil {
		return err
	}
	if c.Op == patch.Add {
		return changed.join(s.join(ctx, tx, group, all))
	}
	replaced, err := s.setMembers(ctx, tx, group, all)
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
