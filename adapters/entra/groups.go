package entra

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// withoutMembers is on every group that Entra reads: a large one would be slow (entra.md 1.6).
const withoutMembers = "excludedAttributes=members"

// membersAtOnce is the most that Entra was said to send in one PATCH (entra.md 1.6).
const membersAtOnce = 5

// memberCheck stands for the URL of a reference check in messages.
const memberCheck = "/Groups?filter=id and members…"

// provisionGroups sends every group that is due or lacks members.
func (s *service) provisionGroups(ctx context.Context) error {
	var due []*group
	for i := range s.tenant.groups {
		if g := &s.tenant.groups[i]; g.due || len(s.tenant.missing(g)) > 0 {
			due = append(due, g)
		}
	}
	return s.each(ctx, "groups", len(due), func(ctx context.Context, n int) error {
		return due[n].settle(s.provisionGroup(ctx, due[n]), due[n].label(), s.tenant.cycle)
	})
}

func (g *group) label() string { return fmt.Sprintf("group %q", g.name) }

func (s *service) provisionGroup(ctx context.Context, g *group) error {
	found, err := s.locateGroup(ctx, g)
	if err != nil {
		return err
	}
	if found == nil {
		err = s.createGroup(ctx, g)
	} else {
		err = s.updateGroup(ctx, g, found)
	}
	if err != nil {
		return err
	}
	if g.outAndIn != nobody && g.inside[g.outAndIn] && s.tenant.ready(g.outAndIn) {
		if err := s.removeMember(ctx, g, g.outAndIn); err != nil {
			return err
		}
	}
	g.outAndIn = nobody
	return s.addMembers(ctx, g)
}

// locateGroup reads the group by its id, or else matches by displayName and then by externalId: each matching attribute
// is tried in its order (entra.md 1.2), and the second finds a group that a former job has renamed.
func (s *service) locateGroup(ctx context.Context, g *group) (*resource, error) {
	if g.id != "" {
		r := s.group(stepReadGroup, http.MethodGet, g.id, nil, http.StatusOK, http.StatusNotFound)
		r.url = s.wire.address.to("/Groups/"+url.PathEscape(g.id), withoutMembers)
		var found resource
		status, err := s.wire.send(ctx, r, &found)
		if err == nil && status == http.StatusNotFound {
			g.id, g.inside = "", map[int]bool{}
			err = r.failure(status, "", "the server has lost a group that it had given an id")
		}
		return &found, err
	}
	found, err := s.match(ctx, s.groupFilter(stepMatchGroup, equals("displayName", g.name)), pathDisplayName, g.name)
	if found == nil && err == nil {
		found, err = s.match(ctx, s.groupFilter(stepMatchGroup, equals("externalId", g.externalID)), pathExternalID, g.externalID)
	}
	if found != nil {
		g.id = found.ID
	}
	return found, err
}

func (s *service) createGroup(ctx context.Context, g *group) (err error) {
	g.id, err = s.create(ctx, stepCreateGroup, "/Groups", g.creation())
	g.made = err == nil
	return err
}

func (s *service) updateGroup(ctx context.Context, g *group, found *resource) error {
	var changes []change
	for _, want := range g.attributes() {
		if value, _ := found.value(want.path); value != want.value {
			changes = append(changes, change{want, opReplace})
		}
	}
	if len(changes) == 0 {
		return nil
	}
	r := s.group(stepChangeGroup, http.MethodPatch, g.id, s.job.Dialect.patch(changes), http.StatusOK, http.StatusNoContent)
	_, err := s.wire.send(ctx, r, nil)
	return err
}

// attributes are g's values under Entra's default mapping, which takes objectId for the externalId.
func (g *group) attributes() []attribute {
	return []attribute{{pathDisplayName, g.name}, {pathExternalID, g.externalID}}
}

// removeMember takes out one member. A reference check comes first, when a member who was accepted must still be in, and
// another afterwards: the member is about to be put back, so that a removal without effect would not show later.
func (s *service) removeMember(ctx context.Context, g *group, member int) error {
	id := s.tenant.accounts[member].id
	if err := s.checkMember(ctx, g, id, true); err != nil {
		return err
	}
	r := s.group(stepRemoveMembers, http.MethodPatch, g.id, s.job.Dialect.removeMembers([]string{id}), http.StatusOK, http.StatusNoContent)
	if _, err := s.wire.send(ctx, r, nil); err != nil {
		return err
	}
	delete(g.inside, member)
	return s.checkMember(ctx, g, id, false)
}

func (s *service) checkMember(ctx context.Context, g *group, id string, want bool) error {
	in, err := s.has(ctx, s.memberFilter(g.id, id), g.id)
	if err == nil && in != want {
		says := map[bool]string{true: "with " + shown(id, true), false: "without " + shown(id, true)}
		g.differ("members", says[want], says[in], "GET "+memberCheck)
	}
	return err
}

// addMembers adds who is missing, a few at a time. In a group that was there before this job, each is looked for first.
func (s *service) addMembers(ctx context.Context, g *group) error {
	missing := s.tenant.missing(g)
	if !g.made {
		kept := missing[:0]
		for _, m := range missing {
			in, err := s.has(ctx, s.memberFilter(g.id, s.tenant.accounts[m].id), g.id)
			if err != nil {
				return err
			}
			if in {
				g.inside[m] = true
			} else {
				kept = append(kept, m)
			}
		}
		missing = kept
	}
	for batch := range slices.Chunk(missing, membersAtOnce) {
		ids := make([]string, len(batch))
		for i, m := range batch {
			ids[i] = s.tenant.accounts[m].id
		}
		r := s.group(stepAddMembers, http.MethodPatch, g.id, s.job.Dialect.addMembers(ids), http.StatusOK, http.StatusNoContent)
		if _, err := s.wire.send(ctx, r, nil); err != nil {
			return err
		}
		for _, m := range batch {
			g.inside[m] = true
		}
	}
	return nil
}

func (s *service) groupFilter(of step, condition string) request {
	return request{
		step: of, method: http.MethodGet, template: "/Groups?excludedAttributes=members&filter=…",
		url: s.wire.address.to("/Groups", withoutMembers, filter(condition)), expect: []int{http.StatusOK},
	}
}

// memberFilter is Entra's reference check: is the user a member of the group?
func (s *service) memberFilter(groupID, userID string) request {
	return request{
		step: stepCheckMember, method: http.MethodGet, template: memberCheck,
		url:    s.wire.address.to("/Groups", filter(equals("id", groupID), equals("members", userID)), "attributes=id"),
		expect: []int{http.StatusOK},
	}
}

func (s *service) group(of step, method, id string, body any, expect ...int) request {
	return request{
		step: of, method: method, template: "/Groups/{id}",
		url: s.wire.address.to("/Groups/" + url.PathEscape(id)), body: body, expect: expect,
	}
}
