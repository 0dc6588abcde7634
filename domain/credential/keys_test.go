package credential_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
)

func TestTheFirstKeySignsAndAllVerify(t *testing.T) {
	t.Parallel()
	old, rotated, without := keysOf(t, "a"), keysOf(t, "ba"), keysOf(t, "b")
	hash := old.Hash("secret")
	assert.Regexp(t, `^v[0-9a-f]{8}:[0-9a-f]{64}$`, hash)
	assert.True(t, rotated.Match(hash, "secret"), "a key put in front takes nothing away")
	assert.False(t, rotated.Match(hash, "another"))
	assert.False(t, without.Match(hash, "secret"))
	assert.NotEqual(t, hash, rotated.Hash("secret"))
	assert.True(t, without.Match(rotated.Hash("secret"), "secret"), "it is the first that signs")

	assert.True(t, rotated.Knows(hash))
	assert.False(t, rotated.Current(hash))
	assert.True(t, old.Current(hash))
	assert.False(t, without.Knows(hash))
}

func TestAHashMatchesNothingButItsText(t *testing.T) {
	t.Parallel()
	keys := keysOf(t, "a")
	hash := keys.Hash("secret")
	for _, text := range []string{"", "Secret", "secret ", "secret\x00", hash} {
		assert.False(t, keys.Match(hash, text), "%q", text)
	}
	for _, damaged := range []string{"", hash[:len(hash)-1], hash + "0", hash[10:], "v00000000:" + hash[10:]} {
		assert.False(t, keys.Match(damaged, "secret"), "%q", damaged)
	}
}

func TestNoPartOfAKeyIsInAHash(t *testing.T) {
	t.Parallel()
	assert.NotContains(t, keysOf(t, "a").Hash("secret"), "61616161")
}

func TestKeysThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	for name, masters := range map[string][][]byte{
		"none":     nil,
		"31 bytes": {make([]byte, 31)},
		"33 bytes": {bytes.Repeat([]byte("k"), 33)},
		"second":   {make([]byte, 32), {}},
	} {
		_, err := credential.NewKeys(masters)
		require.ErrorIs(t, err, fault.Invalid, name)
		assert.Equal(t, "secret_keys", fault.Of(err).Path, name)
	}
}
