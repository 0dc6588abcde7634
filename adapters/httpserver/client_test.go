package httpserver_test

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/extraordinary/provisioning/adapters/httpserver"
)

func TestTheClientIsTheNearestAddressThatNoTrustedProxyHas(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for name, c := range map[string]struct {
		peer      string
		forwarded []string
		want      string
	}{
		"no proxy":                              {"192.0.2.1:5", nil, "192.0.2.1"},
		"a stranger's word":                     {"192.0.2.1:5", []string{"198.51.100.9"}, "192.0.2.1"},
		"one proxy":                             {"10.0.0.1:5", []string{"198.51.100.9"}, "198.51.100.9"},
		"a client that forges":                  {"10.0.0.1:5", []string{"127.0.0.1, 198.51.100.9"}, "198.51.100.9"},
		"a client that forges a trusted one":    {"10.0.0.1:5", []string{"10.9.9.9, 198.51.100.9"}, "198.51.100.9"},
		"a client that forges in its own line":  {"10.0.0.1:5", []string{"127.0.0.1", "198.51.100.9"}, "198.51.100.9"},
		"two proxies":                           {"10.0.0.1:5", []string{"1.1.1.1, 198.51.100.9, 10.0.0.2"}, "198.51.100.9"},
		"a caller inside":                       {"10.0.0.1:5", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		"a proxy that says nothing":             {"10.0.0.1:5", nil, "10.0.0.1"},
		"a proxy that says nonsense":            {"10.0.0.1:5", []string{"unknown"}, "10.0.0.1"},
		"nonsense behind a proxy":               {"10.0.0.1:5", []string{"evil', 10.0.0.2"}, "10.0.0.2"},
		"an address with a port":                {"10.0.0.1:5", []string{"198.51.100.9:1234"}, "198.51.100.9"},
		"version 6":                             {"[fd00::1]:5", []string{"2001:db8::7"}, "2001:db8::7"},
		"version 6 in brackets":                 {"[fd00::1]:5", []string{"[2001:db8::7]"}, "2001:db8::7"},
		"version 6 with a port":                 {"[fd00::1]:5", []string{"[2001:db8::7]:99"}, "2001:db8::7"},
		"version 4 in the clothes of version 6": {"[::ffff:10.0.0.1]:5", []string{"::ffff:198.51.100.9"}, "198.51.100.9"},
		"a zone, which would make many of one":  {"[fd00::1]:5", []string{"fe80::1%eth0"}, "fe80::1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got netip.Addr
			s := newSite(t, func(o *httpserver.Options) { o.TrustedProxies = trusted }, with(func(_ http.ResponseWriter, r *http.Request) {
				got = httpserver.ClientAddress(r)
			}))
			r := from(get("/scim/v2/Users"), c.peer)
			r.Header["X-Forwarded-For"] = c.forwarded
			s.ask(r)
			assert.Equal(t, c.want, got.String())
			assert.Equal(t, c.want, s.lines(t)[0]["client_address"])
		})
	}
}
