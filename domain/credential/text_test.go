package credential_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

const acme organisation.ID = "0192f3a4-5b6c-7d8e-9fa0-b1c2d3e4f506"

var start = time.Date(2026, 11, 25, 12, 0, 0, 700, time.UTC)

func keysOf(t *testing.T, letters string) credential.Keys {
	t.Helper()
	var masters [][]byte
	for _, letter := range letters {
		masters = append(masters, bytes.Repeat([]byte{byte(letter)}, 32))
	}
	keys, err := credential.NewKeys(masters)
	require.NoError(t, err)
	return keys
}

func made(t *testing.T) (*credential.ClientCredential, string) {
	t.Helper()
	c, text, err := credential.New(acme, "Entra", 2, keysOf(t, "a"), rand.Reader, start)
	require.NoError(t, err)
	return c, text
}

func TestASecretTellsItsKeyIDAndNothingElseOfTheCredential(t *testing.T) {
	t.Parallel()
	c, text := made(t)
	assert.Regexp(t, `^scs_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$`, text)
	keyID, err := credential.ParseSecret(text)
	require.NoError(t, err)
	assert.Equal(t, c.Newest().KeyID, keyID)
	assert.NotContains(t, c.Newest().Hash, text[13:56])
}

func TestASecretThatWasCutOffOrChangedIsToldFromOneThatIsNotOurs(t *testing.T) {
	t.Parallel()
	_, text := made(t)
	for name, damaged := range map[string]string{
		"the last character missing": text[:len(text)-1],
		"the end missing":            text[:20],
		"the prefix alone":           "scs_",
		"one character changed":      text[:20] + flip(text[20]) + text[21:],
		"the key id changed":         text[:4] + flip(text[4]) + text[5:],
		"the checksum changed":       text[:62] + flip(text[62]),
		"a blank at the end":         text + " ",
		"a NUL at the end":           text + "\x00",
		"a new line at the end":      text + "\n",
	} {
		_, err := credential.ParseSecret(damaged)
		require.ErrorIs(t, err, fault.Invalid, name)
		assert.Contains(t, err.Error(), "cut off or changed", name)
		assert.NotContains(t, err.Error(), text[13:20], name)
	}
	for _, foreign := range []string{"", "hunter2", "SCS_" + text[4:], " " + text, "ghp_" + text[4:], "sat_x"} {
		_, err := credential.ParseSecret(foreign)
		require.ErrorIs(t, err, fault.Invalid)
		assert.Contains(t, err.Error(), "no client secret of ours")
	}
}

func flip(c byte) string {
	if c == 'x' {
		return "y"
	}
	return "x"
}

func TestATokenIsKnownByItsDigestOnly(t *testing.T) {
	t.Parallel()
	text, err := credential.NewToken(rand.Reader)
	require.NoError(t, err)
	assert.Regexp(t, `^sat_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$`, text)
	digest, err := credential.ParseToken(text)
	require.NoError(t, err)
	again, err := credential.ParseToken(text)
	require.NoError(t, err)
	assert.Equal(t, digest, again)
	for i := range text {
		_, err := credential.ParseToken(text[:i] + flip(text[i]) + text[i+1:])
		require.ErrorIs(t, err, fault.Unauthorised, "character %d changed", i)
	}
}

func TestScopesOfATokenAreComparedWhole(t *testing.T) {
	t.Parallel()
	token := credential.Token{Scopes: []credential.Scope{"scim.*", credential.Read}}
	assert.True(t, token.Allows(credential.Read))
	assert.False(t, token.Allows(credential.Write))
	assert.False(t, token.Allows("scim"))
	assert.False(t, token.Allows(""))
}

func TestTheSmallestAndTheLargestRandomBitsMakeTextsOfOneForm(t *testing.T) {
	t.Parallel()
	for _, bits := range []byte{0x00, 0xff} {
		text, err := credential.NewToken(bytes.NewReader(bytes.Repeat([]byte{bits}, 32)))
		require.NoError(t, err)
		_, err = credential.ParseToken(text)
		assert.NoError(t, err, text)
	}
}

func TestAClientIdentifierSaysWhichOrganisationItBelongsTo(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^c_[0-9A-Za-z]{22}_[0-9A-Za-z]{10}$`)
	for _, org := range []organisation.ID{acme, "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"} {
		c, _, err := credential.New(org, "Entra", 1, keysOf(t, "a"), rand.Reader, start)
		require.NoError(t, err)
		id := c.Snapshot().ClientID
		assert.True(t, form.MatchString(id), id)
		found, err := credential.OrganisationOf(id)
		require.NoError(t, err)
		assert.Equal(t, org, found)
	}
}

func TestAClientIdentifierThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		"", "c_", "c__", "client", "c_" + strings.Repeat("z", 22) + "_0123456789", // more than 128 bits
		"c_" + strings.Repeat("0", 21) + "-_0123456789", "c_" + strings.Repeat("0", 22) + "_012345678",
		"c_+" + strings.Repeat("0", 21) + "_0123456789", "C_" + strings.Repeat("0", 22) + "_0123456789",
		"c_" + strings.Repeat("0", 22) + "_0123456789\n",
	} {
		_, err := credential.OrganisationOf(id)
		assert.ErrorIs(t, err, fault.Invalid, "%q", id)
	}
}

func TestAnOrganisationWithoutAUUIDIsOurOwnFault(t *testing.T) {
	t.Parallel()
	_, _, err := credential.New("acme", "Entra", 1, keysOf(t, "a"), rand.Reader, start)
	assert.ErrorIs(t, err, fault.Internal)
}

func TestWithoutRandomnessNothingIsMade(t *testing.T) {
	t.Parallel()
	broken := iotest.ErrReader(errors.New("no entropy"))
	_, err := credential.NewToken(broken)
	require.ErrorIs(t, err, fault.Internal)
	_, _, err = credential.New(acme, "Entra", 1, keysOf(t, "a"), broken, start)
	require.ErrorIs(t, err, fault.Internal)
	_, err = credential.NewToken(bytes.NewReader(make([]byte, 31)))
	require.ErrorIs(t, err, fault.Internal, "31 bytes are not enough")
}

func FuzzTextsAreReadWithoutPanicAndOnlyOneWay(f *testing.F) {
	keys, err := credential.NewKeys([][]byte{make([]byte, 32)})
	if err != nil {
		f.Fatal(err)
	}
	c, secret, err := credential.New(acme, "Entra", 1, keys, rand.Reader, start)
	if err != nil {
		f.Fatal(err)
	}
	token, err := credential.NewToken(rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", secret, token, c.Snapshot().ClientID, "scs_", "c_é_0", "sat_\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if keyID, err := credential.ParseSecret(text); err == nil && (len(text) != 63 || text[4:12] != keyID) {
			t.Errorf("%q passed as a secret with the key id %q", text, keyID)
		}
		if _, err := credential.ParseToken(text); err == nil && len(text) != 54 {
			t.Errorf("%q passed as a token", text)
		}
		if org, err := credential.OrganisationOf(text); err == nil && (len(text) != 35 || len(org) != 36) {
			t.Errorf("%q passed as a client of %q", text, org)
		}
		if _, outcome := c.Verify(text, keys, start); outcome == credential.Right && text != secret {
			t.Errorf("%q passed as %q", text, secret)
		}
	})
}
