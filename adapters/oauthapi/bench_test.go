package oauthapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// BenchmarkGrant is one token request through the router to the store on disk.
func BenchmarkGrant(b *testing.B) {
	w := open(b)
	c := w.credential(b, w.acme, "Entra")
	body := grantForm().Encode()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/oauth2/token", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.SetBasicAuth(c.ClientID, c.Secret)
			recorder := httptest.NewRecorder()
			w.ServeHTTP(recorder, r)
			if recorder.Code != http.StatusOK {
				b.Error(recorder.Body)
			}
		}
	})
}
