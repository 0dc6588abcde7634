package entra

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// provisionUsers sends every user that is due.
func (s *service) provisionUsers(ctx context.Context) error {
	var due []int
	for i := range s.tenant.accounts {
		if a := &s.tenant.accounts[i]; a.due && s.tenant.inScope(a) {
			due = append(due, i)
		}
	}
	return s.each(ctx, "users", len(due), func(ctx context.Context, n int) error {
		a := &s.tenant.accounts[due[n]]
		return a.settle(s.provisionUser(ctx, a, due[n]), a.label(), s.tenant.cycle)
	})
}

func (a *account) label() string { return fmt.Sprintf("user %q", a.UserPrincipalName) }

func (s *service) provisionUser(ctx context.Context, a *account, position int) error {
	if a.purged {
		return s.deleteUser(ctx, a)
	}
	found, err := s.locateUser(ctx, a)
	switch {
	case err != nil:
		return err
	case found != nil:
		return s.updateUser(ctx, a, found, position%2 == 1)
	case a.active:
		return s.createUser(ctx, a)
	default:
		return nil // Entra creates nobody who is disabled (entra.md 1.2)
	}
}

// locateUser reads the user by the id that Entra keeps, or else matches by userName. It returns nil if there is none.
func (s *service) locateUser(ctx context.Context, a *account) (*resource, error) {
	if a.id == "" {
		found, err := s.match(ctx, s.userFilter(stepMatchUser, equals("userName", a.UserPrincipalName)), pathUserName, a.UserPrincipalName)
		if found != nil {
			a.id = found.ID
		}
		return found, err
	}
	r := s.user(stepReadUser, http.MethodGet, a.id, nil, http.StatusOK, http.StatusNotFound)
	var found resource
	status, err := s.wire.send(ctx, r, &found)
	if err == nil && status == http.StatusNotFound {
		a.id = "" // so that the next cycle matches, and creates
		err = r.failure(status, "", "the server has lost a user that it had given an id")
	}
	return &found, err
}

// match sends a filter that one resource at most can satisfy, and returns it or nil. A server that ignores filters
// would hand out somebody else, so the value is compared.
func (s *service) match(ctx context.Context, r request, path, value string) (*resource, error) {
	var list listResponse
	if _, err := s.wire.send(ctx, r, &list); err != nil {
		return nil, err
	}
	detail := ""
	switch {
	case list.TotalResults == nil:
		detail = "the answer is no ListResponse with totalResults"
	case *list.TotalResults == 0 && len(list.Resources) == 0:
		return nil, nil
	case *list.TotalResults != 1 || len(list.Resources) != 1:
		detail = fmt.Sprintf("totalResults %d and %d Resources, where at most one can match", *list.TotalResults, len(list.Resources))
	case list.Resources[0].ID == "":
		detail = "the resource has no id"
	default:
		if found, _ := list.Resources[0].value(path); fold(found) == fold(value) {
			return &list.Resources[0], nil
		}
		detail = "the resource does not satisfy the filter"
	}
	s.wire.meter.wrong(r.step)
	return nil, r.failure(http.StatusOK, "", detail)
}

func (s *service) createUser(ctx context.Context, a *account) (err error) {
	a.id, err = s.create(ctx, stepCreateUser, "/Users", a.creation())
	return err
}

// updateUser sends what differs. An answer with the resource must hold what was just sent: a stale one was reported as
// a defect of other servers (entra.md 1.3).
func (s *service) updateUser(ctx context.Context, a *account, found *resource, replaceTyped bool) error {
	changes := a.changes(found, replaceTyped)
	if len(changes) == 0 {
		return nil
	}
	of := stepChangeUser
	for _, c := range changes {
		if c.path == pathActive {
			of = stepRestoreUser
			if !a.active {
				of = stepDisableUser
			}
		}
	}
	r := s.user(of, http.MethodPatch, a.id, s.job.Dialect.patch(changes), http.StatusOK, http.StatusNoContent)
	var answer resource
	if _, err := s.wire.send(ctx, r, &answer); err != nil {
		return err
	}
	for _, c := range changes {
		if value, present := answer.value(c.path); present && value != c.value {
			a.differ(c.path, shown(c.value, true), shown(value, true), "answer to PATCH /Users/{id}")
		}
	}
	return nil
}

func (s *service) deleteUser(ctx context.Context, a *account) error {
	_, err := s.wire.send(ctx, s.user(stepDeleteUser, http.MethodDelete, a.id, nil, http.StatusNoContent), nil)
	if err != nil {
		return err
	}
	a.deleted = true
	return nil
}

// userFilter is GET /Users with a filter of conditions that all hold.
func (s *service) userFilter(of step, conditions ...string) request {
	return request{
		step: of, method: http.MethodGet, template: "/Users?filter=…",
		url: s.wire.address.to("/Users", filter(conditions...)), expect: []int{http.StatusOK},
	}
}

func (s *service) user(of step, method, id string, body any, expect ...int) request {
	return request{
		step: of, method: method, template: "/Users/{id}",
		url: s.wire.address.to("/Users/" + url.PathEscape(id)), body: body, expect: expect,
	}
}
