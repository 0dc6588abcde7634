package portal

import (
	"net/http"

	"github.com/extraordinary/provisioning/domain/access"
)

// OwnPath is where somebody goes on to after signing in.
var OwnPath = ownPath

// Route is a route as the tests see it.
type Route struct {
	Method, Path string
	Needs        []access.Permission
}

// Routes are all routes, so that the tests of permissions know of each.
func (p *Portal) Routes() (all []Route) {
	for _, r := range p.routes() {
		all = append(all, Route{r.method, r.path, r.needs})
	}
	return all
}

// Mixed is a page that anybody may look at, and only managers may change.
func (p *Portal) Mixed() http.Handler {
	served := func(w http.ResponseWriter, _ *http.Request, _ Visit) error {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return p.page(map[string]route{
		http.MethodGet:  {http.MethodGet, "/mixed", anybody, served},
		http.MethodPost: {http.MethodPost, "/mixed", needs(access.ManageUsers), served},
	})
}
