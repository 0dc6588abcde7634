package entra

import (
	"context"
	"net/http"
	"net/url"
)

// setManagers tells the server of the managers that it does not know, now that both users exist (entra.md 1.3).
func (s *service) setManagers(ctx context.Context) error {
	var due []int
	for i := range s.tenant.accounts {
		a := &s.tenant.accounts[i]
		if s.tenant.managed(a) && s.tenant.ready(i) && a.toldManager != s.tenant.accounts[a.manager].id {
			due = append(due, i)
		}
	}
	return s.each(ctx, "managers", len(due), func(ctx context.Context, n int) error {
		a := &s.tenant.accounts[due[n]]
		return a.settle(s.setManager(ctx, a), a.label(), s.tenant.cycle)
	})
}

// managed says whether a has a manager whom the server knows.
func (t *tenant) managed(a *account) bool { return a.manager != nobody && t.ready(a.manager) }

func (s *service) setManager(ctx context.Context, a *account) error {
	manager := s.tenant.accounts[a.manager].id
	known, err := s.has(ctx, s.managerFilter(stepCheckManager, a.id, manager), a.id)
	if err != nil {
		return err
	}
	if !known {
		body := s.job.Dialect.setManager(manager, s.wire.address.base+"/Users/"+url.PathEscape(manager))
		r := s.user(stepSetManager, http.MethodPatch, a.id, body, http.StatusOK, http.StatusNoContent)
		if _, err := s.wire.send(ctx, r, nil); err != nil {
			return err
		}
	}
	a.toldManager = manager
	return nil
}

// managerFilter is Entra's reference check: is manager the manager of the user with that id?
func (s *service) managerFilter(of step, id, manager string) request {
	r := s.userFilter(of)
	r.template = "/Users?filter=id and manager…"
	r.url = s.wire.address.to("/Users", filter(equals("id", id), equals("manager", manager)), "attributes=id")
	return r
}

// has sends a reference check and says whether it found the resource with that id.
func (s *service) has(ctx context.Context, r request, id string) (bool, error) {
	var list listResponse
	if _, err := s.wire.send(ctx, r, &list); err != nil {
		return false, err
	}
	switch {
	case len(list.Resources) == 0:
		return false, nil
	case len(list.Resources) == 1 && list.Resources[0].ID == id:
		return true, nil
	default:
		s.wire.meter.wrong(r.step)
		return false, r.failure(http.StatusOK, "", "a reference check must find the one resource that it asks for, or none")
	}
}
