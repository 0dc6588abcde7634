package httpserver_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/httpserver"
)

func TestLargeAnswersAreCompressedForThoseWhoTakeIt(t *testing.T) {
	t.Parallel()
	large, small := strings.Repeat(`{"userName":"mia.chen@kereru.example"}`, 500), `{"id":"7"}`
	answer := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/scim+json")
			_, _ = io.WriteString(w, text)
		}
	}
	for name, c := range map[string]struct {
		text, accept string
		compress     bool
		encoding     string
	}{
		"a large one":                    {large, "gzip, deflate", true, "gzip"},
		"a small one":                    {small, "gzip", true, ""},
		"for one who does not take it":   {large, "", true, ""},
		"for one who refuses it":         {large, "gzip;q=0, identity", true, ""},
		"where the mount does not":       {large, "gzip", false, ""},
		"a large one in the other style": {large, "br, zstd", true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(o *httpserver.Options) {
				mount := scim(answer(c.text))
				mount.Compress = c.compress
				o.Mounts = []httpserver.Mount{mount}
			})
			socket := httptest.NewServer(s.Handler())
			defer socket.Close()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, socket.URL+"/scim/v2/Users", nil)
			require.NoError(t, err)
			r.Header.Set("Accept-Encoding", c.accept) // what is set here the client does not decode by itself
			got, err := socket.Client().Do(r)
			require.NoError(t, err)
			defer got.Body.Close()
			assert.Equal(t, c.encoding, got.Header.Get("Content-Encoding"))
			if c.compress {
				assert.Equal(t, "Accept-Encoding", got.Header.Get("Vary"))
			}
			body := io.Reader(got.Body)
			if c.encoding == "gzip" {
				body, err = gzip.NewReader(got.Body)
				require.NoError(t, err)
			}
			text, err := io.ReadAll(body)
			require.NoError(t, err)
			assert.Equal(t, c.text, string(text))
		})
	}
}
