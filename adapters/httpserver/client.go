package httpserver

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// resolveClient finds out who sent the request, past the proxies that are trusted, and writes it to RemoteAddr: what
// stands there is the client for all that comes after.
func resolveClient(trusted []netip.Prefix, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if peer := ClientAddress(r); among(trusted, peer) {
			r.RemoteAddr = netip.AddrPortFrom(behind(trusted, peer, r.Header.Values("X-Forwarded-For")), 0).String()
		}
		next.ServeHTTP(w, r)
	})
}

// behind returns the nearest address that no trusted proxy has. Every proxy adds on the right whom it spoke with, so
// that all to the left of the first stranger is the stranger's own word.
func behind(trusted []netip.Prefix, peer netip.Addr, forwarded []string) netip.Addr {
	client := peer
	for _, hop := range slices.Backward(strings.Split(strings.Join(forwarded, ","), ",")) {
		address, ok := parseHop(hop)
		if !ok {
			return client
		}
		client = address
		if !among(trusted, client) {
			return client
		}
	}
	return client
}

// parseHop reads an address as proxies write it: bare, in brackets, or with a port (Azure's gateways add one).
func parseHop(hop string) (netip.Addr, bool) {
	hop = strings.TrimSpace(hop)
	if both, err := netip.ParseAddrPort(hop); err == nil {
		return plainAddress(both.Addr()), true
	}
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(hop, "["), "]"))
	return plainAddress(address), err == nil
}

// ClientAddress returns the address of r's client. It is the zero Addr if r did not come over the network.
func ClientAddress(r *http.Request) netip.Addr {
	both, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return plainAddress(both.Addr())
}

// plainAddress takes off what would make one client look like two.
func plainAddress(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

func among(networks []netip.Prefix, address netip.Addr) bool {
	return slices.ContainsFunc(networks, func(network netip.Prefix) bool { return network.Contains(address) })
}
