package passwords_test

import (
	"context"
	"crypto/rand"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/passwords"
	"github.com/extraordinary/provisioning/domain/fault"
)

func TestAPasswordMatchesWhatWasMadeOfItAndNothingElse(t *testing.T) {
	t.Parallel()
	a := passwords.New(rand.Reader, 2)
	made, err := a.Make(t.Context(), "correct horse")
	require.NoError(t, err)
	assert.Regexp(t, regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[^$]{22}\$[^$]{43}$`), made)
	another, err := a.Make(t.Context(), "correct horse")
	require.NoError(t, err)
	assert.NotEqual(t, made, another, "each has a salt of its own")
	for password, want := range map[string]bool{"correct horse": true, "correct horse ": false, "Correct horse": false, "": false} {
		got, err := a.Match(t.Context(), made, password)
		require.NoError(t, err)
		assert.Equal(t, want, got, "%q", password)
	}
}

func TestWhereNoPasswordIsNoneMatches(t *testing.T) {
	t.Parallel()
	a := passwords.New(rand.Reader, 2)
	for _, password := range []string{"", "anything", "\x00"} {
		got, err := a.Match(t.Context(), "", password)
		require.NoError(t, err)
		assert.False(t, got)
	}
	_, err := a.Match(t.Context(), "$2a$10$x", "x")
	require.ErrorIs(t, err, fault.Internal)
}

func TestWhoeverIsGoneWaitsForNoTurn(t *testing.T) {
	t.Parallel()
	a := passwords.New(rand.Reader, 0)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := a.Make(gone, "correct horse")
	require.ErrorIs(t, err, context.Canceled)
}
