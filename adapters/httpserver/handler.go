package httpserver

import "net/http"

// handler puts the chain together, from the inside out. It stands round the routers and not in them, because mux runs
// no middleware where no route matches.
func (s *Server) handler() (http.Handler, error) {
	mounts, err := mountAll(s.options.Mounts)
	if err != nil {
		return nil, err
	}
	h := limitInFlight(mounts, s.options.MaxInFlight, mounts)
	h = readBody(mounts, h)
	h = cleanPath(mounts, h)
	h = s.account(mounts, h)
	h = s.options.Telemetry.Handler(h)
	h = s.probes(h)
	h = resolveClient(s.options.TrustedProxies, h)
	return s.headers(h), nil
}
