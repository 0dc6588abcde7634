package scimapi

import (
	"context"
	"sync"

	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// views are the API as organisations see it that have schemas of their own (RFC 7643 §3.3). One is as old as the schemas
// that it was made of.
type views struct {
	mu  sync.Mutex
	all map[organisation.ID]view
}

type view struct {
	api     *API
	changes int // of the organisation's schemas, until it was made
}

// of gives the API as the caller's organisation sees it. How often its schemas have changed is known with its token, so
// that a view is made anew after each change, on every replica, and nobody else asks a store for it.
func (a *API) of(ctx context.Context, who provisioning.Caller) (*API, error) {
	if who.Schemas == 0 {
		return a, nil
	}
	a.views.mu.Lock()
	known := a.views.all[who.Organisation]
	a.views.mu.Unlock()
	if known.changes == who.Schemas {
		return known.api, nil
	}
	service, registry, err := a.service.For(ctx, who.Organisation)
	if err != nil {
		return nil, err
	}
	theirs := *a
	theirs.service, theirs.registry, theirs.user, theirs.group = service, registry, registry.Type("User"), registry.Type("Group")
	theirs.handlers = theirs.methods()
	a.views.mu.Lock()
	defer a.views.mu.Unlock()
	a.views.all[who.Organisation] = view{&theirs, who.Schemas}
	return &theirs, nil
}

// methods gives the handlers of every path.
func (a *API) methods() map[string]map[string]handler {
	all := map[string]map[string]handler{}
	for _, r := range a.routes() {
		all[r.path] = r.methods
	}
	return all
}
