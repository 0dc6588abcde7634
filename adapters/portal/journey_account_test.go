package portal_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/browsertest"
)

// authenticator gives the code that a telephone shows (RFC 6238) for a key as the page writes it.
func authenticator(t *testing.T, key string, at time.Time) string {
	t.Helper()
	bits, err := base32.StdEncoding.DecodeString(strings.ReplaceAll(key, " ", ""))
	require.NoError(t, err)
	h := hmac.New(sha1.New, bits)
	require.NoError(t, binary.Write(h, binary.BigEndian, at.Unix()/30))
	sum := h.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[offset:])&0x7fffffff)%1_000_000)
}

func TestASecondStepIsSwitchedOnARecoveryCodeWorksOnceAndOtherSessionsEnd(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, w *world, b *browsertest.Browser) {
		w.signIn(b, "lead")
		b.Visit(w.server.URL + "/account")
		b.Submit("a[href='/account/second-step']")
		key := b.Text("dl.facts code")
		b.Type("#code", "000000")
		b.Submit("button.main")
		assert.Contains(t, b.Text("#errors"), "There is a problem")
		assert.Equal(t, key, b.Text("dl.facts code"), "what the telephone has read still holds")
		b.Type("#code", authenticator(t, key, w.clock.Now()))
		b.Submit("button.main")
		assert.Equal(t, "Your recovery codes", heading(b))
		codes := strings.Fields(b.Text("#codes"))
		require.Len(t, codes, 10)

		other := browsertest.Open(t, browsertest.Look{})
		enter := func(code string) {
			other.Visit(w.server.URL + "/sign-in?next=%2Faccount")
			other.Type("#email", "lead@kereru.example")
			other.Type("#password", password)
			other.Submit("button.main")
			assert.Equal(t, "Enter your code", heading(other))
			other.Type("#code", code)
			other.Submit("button.main")
		}
		enter(codes[0])
		assert.Equal(t, "Your account", heading(other))
		assert.Contains(t, other.Text("#second ~ p"), "9 recovery codes left")
		other.Submit(".who button")
		enter(codes[0])
		assert.Equal(t, "Enter your code", heading(other), "a code works once")
		enter(codes[1])
		assert.Equal(t, "Your account", heading(other))

		b.Visit(w.server.URL + "/account")
		b.Submit("form[action='/account/sessions/end-others'] button")
		assert.Zero(t, b.Count("form[action$='/end']"))
		other.Visit(w.server.URL + "/account")
		assert.Equal(t, "Sign in", heading(other))
	})
}
