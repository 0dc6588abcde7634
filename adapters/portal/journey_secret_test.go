package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/browsertest"
)

func TestAWrongSecretIsExplainedAndMended(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, w *world, b *browsertest.Browser) {
		w.signIn(b, "lead")
		c := w.connect()
		w.clock.advance(time.Minute)
		assert.Equal(t, http.StatusUnauthorized, c.fetch(c.id, "not the secret", ""))
		w.recorded()
		b.Visit(w.server.URL + "/")
		assert.Contains(t, b.Text("main"), "Entra's last attempt to sign in was refused.")
		b.Submit("a[href='/settings/scim/log?problem=secret-wrong']")
		b.Submit("tbody a[href^='/settings/scim/log/']")
		assert.Contains(t, b.Text("main"), "Entra signed in with a client secret that is not one of yours.")
		assert.Contains(t, b.Text("main"), "paste the Client Secret again")
		w.clock.advance(time.Minute)
		require.Equal(t, http.StatusOK, c.fetch(c.id, c.secret, ""))
		w.recorded()
		b.Visit(w.server.URL + "/")
		assert.NotContains(t, b.Text("main"), "was refused.")
	})
}

func TestASecretIsRotatedWithNoRefusedRequestAndRevokedWhenSafe(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, w *world, b *browsertest.Browser) {
		c := w.connect()
		w.clock.advance(time.Minute)
		w.signIn(b, "lead")
		b.Visit(w.server.URL + "/settings/scim")
		b.Submit("form[action='/settings/scim/secrets'] button")
		renewed := secretText.FindString(b.Text("main"))
		require.NotEqual(t, c.secret, renewed)
		assert.Contains(t, b.Text("main"), "Two secrets work. Paste the new one into Entra, press Test connection, then revoke the old one below.")

		works := func(secret string) {
			require.Equal(t, http.StatusOK, c.fetch(c.id, secret, ""))
			require.Equal(t, http.StatusOK, c.call(http.MethodGet, "/Users", "").StatusCode)
			w.recorded()
		}
		works(c.secret)
		b.Visit(w.server.URL + "/settings/scim")
		assert.Contains(t, b.Text("main"), "Entra still uses the old secret (last 26 Nov, 14:04).")
		for range 5 {
			w.clock.advance(25 * time.Minute)
			works(renewed)
			b.Visit(w.server.URL + "/settings/scim")
		}
		assert.Contains(t, b.Text("main"), ": not used for 2 hours, the new one 5 times.")
		b.Submit("a[href='/settings/scim/secrets/" + c.secret[4:12] + "/revoke']")
		b.Type("#typed", "Entra")
		b.Submit("button.danger")
		b.Type("#confirm-password", password)
		b.Submit("button.main")
		assert.Contains(t, b.Text(".note.info"), "is revoked.")
		works(renewed)
		assert.Equal(t, http.StatusUnauthorized, c.fetch(c.id, c.secret, ""))
		b.Visit(w.server.URL + "/settings/scim/log?outcome=refused")
		assert.Contains(t, b.Text("main"), "No request matches.", "nothing was refused on the way")
	})
}

// requests are the rows of the log.
const requests = "tbody td:first-child a[href^='/settings/scim/log/']"

func TestTheLogIsFollowedFilteredSharedAndExported(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.connect()
	c.create("tom@kereru.example", whole)
	w.recorded()
	b := browsertest.Open(t, browsertest.Look{})
	w.signIn(b, "lead")
	b.Visit(w.server.URL + "/settings/scim/log")
	b.Press("#follow")
	b.Submit(".filters button")
	rows := b.Count(requests)
	c.call(http.MethodPost, "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"TOM@kereru.example"}`)
	w.recorded()
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(b.Text("#news"), "1 new request") && time.Now().Before(deadline); {
		time.Sleep(200 * time.Millisecond)
	}
	assert.Equal(t, rows, b.Count(requests), "no row moves under the reader's eyes")
	b.Visit(browsertest.Eval[string](b, "document.querySelector('#news a').href")) // a press might meet the moment in which the part is swapped
	assert.Equal(t, rows+1, b.Count(requests))

	b.Type("#q", "TOM@")
	b.Submit(".filters button")
	b.Type("#q", "tom@") // in any case
	shared := b.Address()
	other := browsertest.Open(t, browsertest.Look{})
	w.signIn(other, "owner")
	other.Visit(shared)
	assert.Equal(t, b.Count(requests), other.Count(requests), "an address shows everybody the same")
	file := w.get("owner", strings.TrimPrefix(browsertest.Eval[string](other, "document.querySelector(\"a[href*='log.csv']\").href"), w.server.URL))
	assert.Equal(t, 1+other.Count(requests), strings.Count(file.body, "\n"), "what is shown, and its head")
	assert.Empty(t, b.Complaints())
	assert.Empty(t, other.Complaints())
}
