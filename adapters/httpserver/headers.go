package httpserver

import (
	"net/http"
	"strings"
)

// headers puts on every answer what keeps a browser from doing anything with it. An adapter that serves people may
// say otherwise for its own answers. There is no CORS: no page of another origin has business here.
func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.setHeaders(w.Header())
		next.ServeHTTP(w, r)
	})
}

func (s *Server) setHeaders(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	if strings.HasPrefix(s.options.PublicURL, "https://") {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if s.draining.Load() {
		// Each client leaves with its next answer. http.Server.SetKeepAlivesEnabled(false) would cut idle
		// connections at once, and with them the request that is just on its way.
		h.Set("Connection", "close")
	}
}
