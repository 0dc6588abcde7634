package portal

import "github.com/extraordinary/provisioning/domain/access"

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
