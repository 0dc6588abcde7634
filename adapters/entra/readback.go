package entra

import (
	"context"
	"fmt"
	"net/http"
)

// readBack reads all that the job left behind, by id and by filter, and notes what is not as Entra left it.
func (s *service) readBack(ctx context.Context) error {
	accounts := s.tenant.accounts
	err := s.each(ctx, "users", len(accounts), func(ctx context.Context, i int) error {
		a := &accounts[i]
		if !s.tenant.inScope(a) {
			return nil
		}
		return a.seen(s.readBackUser(ctx, a), a.label(), s.tenant.cycle)
	})
	if err != nil {
		return err
	}
	return s.each(ctx, "groups", len(s.tenant.groups), func(ctx context.Context, i int) error {
		g := &s.tenant.groups[i]
		return g.seen(s.readBackGroup(ctx, g), g.label(), s.tenant.cycle)
	})
}

// seen keeps the outcome of reading an object back. Unlike settle it leaves former failures as they are: that a value
// arrived does not make the answer right that said otherwise.
func (h *history) seen(err error, object string, cycle int) error {
	if err == nil {
		return nil
	}
	return h.settle(err, object, cycle)
}

// cause is the reason, for a reader, why an object was never made.
func (h *history) cause() string {
	if len(h.failures) == 0 {
		return "it was never created"
	}
	last := h.failures[len(h.failures)-1]
	last.Object = ""
	return last.Error()
}

func (s *service) readBackUser(ctx context.Context, a *account) error {
	if a.id == "" {
		if a.active {
			a.differ("", present, absent, a.cause())
		}
		return nil
	}
	const seen = "GET /Users/{id}"
	var found resource
	status, err := s.wire.send(ctx, s.user(stepReadBackUser, http.MethodGet, a.id, nil, http.StatusOK, http.StatusNotFound), &found)
	if err != nil {
		return err
	}
	switch there := status == http.StatusOK; {
	case there && a.purged:
		a.differ("", absent, present, seen)
	case !there && !a.purged:
		a.differ("", present, absent, seen)
	case there:
		s.compareUser(a, &found, seen)
	}
	match, err := s.match(ctx, s.userFilter(stepReadBackUser, equals("userName", a.UserPrincipalName)), pathUserName, a.UserPrincipalName)
	if err != nil {
		return err
	}
	// A disabled user is still found by the filter; only a deleted one is not (entra.md 1.2).
	if want, got := shown(a.id, !a.purged), shown(match.id(), match != nil); want != got {
		a.differ("id", want, got, "GET /Users?filter=userName…")
	}
	if a.purged || !s.tenant.managed(a) {
		return nil
	}
	manager := s.tenant.accounts[a.manager].id
	has, err := s.has(ctx, s.managerFilter(stepReadBackManager, a.id, manager), a.id)
	if err == nil && !has {
		// Entra would send the manager again in each cycle (entra.md 1.3).
		a.differ("manager", shown(manager, true), "no match", "GET /Users?filter=id and manager…")
	}
	return err
}

// compareUser notes which of a's attributes the server holds otherwise. What Entra never sent is the server's affair.
func (s *service) compareUser(a *account, found *resource, seen string) {
	if found.ID != a.id {
		a.differ("id", shown(a.id, true), shown(found.ID, found.ID != ""), seen)
		return
	}
	for _, want := range a.attributes() {
		if value, there := found.value(want.path); !there || value != want.value {
			a.differ(want.path, shown(want.value, true), shown(value, there), seen)
		}
	}
	if !s.tenant.managed(a) {
		return
	}
	if manager, got := s.tenant.accounts[a.manager].id, string(found.Enterprise.Manager); manager != got {
		a.differ("manager", shown(manager, true), shown(got, got != ""), seen)
	}
}

func (s *service) readBackGroup(ctx context.Context, g *group) error {
	if g.id == "" {
		g.differ("", present, absent, g.cause())
		return nil
	}
	const seen = "GET /Groups/{id}"
	var found resource
	status, err := s.wire.send(ctx, s.group(stepReadBackGroup, http.MethodGet, g.id, nil, http.StatusOK, http.StatusNotFound), &found)
	if err != nil {
		return err
	}
	if status == http.StatusNotFound {
		g.differ("", present, absent, seen)
		return nil
	}
	for _, want := range g.attributes() {
		if value, there := found.value(want.path); !there || value != want.value {
			g.differ(want.path, shown(want.value, true), shown(value, there), seen)
		}
	}
	s.compareMembers(g, found.Members, seen)
	match, err := s.match(ctx, s.groupFilter(stepReadBackGroup, equals("displayName", g.name)), pathDisplayName, g.name)
	if err == nil && match.id() != g.id {
		g.differ("id", shown(g.id, true), shown(match.id(), match != nil), "GET /Groups?filter=displayName…")
	}
	return err
}

// compareMembers looks for everybody whom Entra added. Others are wrong only in a group that this job has made.
func (s *service) compareMembers(g *group, found []typedValue, seen string) {
	left := make(map[string]bool, len(found))
	for _, m := range found {
		left[m.Value] = true
	}
	lost, first := 0, ""
	for _, m := range g.members {
		if !s.tenant.ready(m) {
			continue
		}
		id := s.tenant.accounts[m].id
		if !left[id] {
			if lost++; lost == 1 {
				first = id
			}
		}
		delete(left, id)
	}
	if lost > 0 {
		g.differ("members", shown(first, true)+" among them", fmt.Sprintf("%d of them without it, %d missing in all", len(found), lost), seen)
	}
	if !g.made {
		return
	}
	for _, m := range found {
		if left[m.Value] {
			g.differ("members", fmt.Sprintf("without %s", shown(m.Value, true)), fmt.Sprintf("%d of them with it, %d too many in all", len(found), len(left)), seen)
			return
		}
	}
}

func (r *resource) id() string {
	if r == nil {
		return ""
	}
	return r.ID
}
