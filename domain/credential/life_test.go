package credential_test

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
)

const day = 24 * time.Hour

func outcome(t *testing.T, c *credential.ClientCredential, text string, now time.Time) credential.Outcome {
	t.Helper()
	_, outcome := c.Verify(text, keysOf(t, "a"), now)
	return outcome
}

func rotate(t *testing.T, c *credential.ClientCredential, overlap time.Duration, now time.Time) (string, error) {
	t.Helper()
	return c.Rotate(2, overlap, keysOf(t, "a"), rand.Reader, now)
}

func TestANewCredentialSignsInUntilItsSecretExpires(t *testing.T) {
	t.Parallel()
	for years := 1; years <= 3; years++ {
		c, text, err := credential.New(acme, "  Entra ", years, keysOf(t, "a"), rand.Reader, start)
		require.NoError(t, err)
		end := start.Truncate(time.Second).AddDate(years, 0, 0)
		assert.Equal(t, end, c.Newest().Expires)
		assert.Equal(t, credential.Right, outcome(t, c, text, end.Add(-time.Second)))
		assert.Equal(t, credential.Expired, outcome(t, c, text, end))
		s := c.Snapshot()
		assert.Equal(t, "Entra", s.Name)
		assert.Equal(t, []credential.Scope{credential.Read, credential.Write}, s.Scopes)
	}
}

func TestNamesAndLivesThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "   ", strings.Repeat("é", 101), "two\nlines", "nul\x00", "bidi\u202e", "bad\xff"} {
		_, _, err := credential.New(acme, name, 1, keysOf(t, "a"), rand.Reader, start)
		require.ErrorIs(t, err, fault.Invalid, "%q", name)
		assert.Equal(t, "name", fault.Of(err).Path)
	}
	_, _, err := credential.New(acme, strings.Repeat("é", 100), 1, keysOf(t, "a"), rand.Reader, start)
	require.NoError(t, err)
	for _, years := range []int{-1, 0, 4} {
		_, _, err := credential.New(acme, "Entra", years, keysOf(t, "a"), rand.Reader, start)
		require.ErrorIs(t, err, fault.Invalid)
		assert.Equal(t, "years", fault.Of(err).Path)
	}
}

func TestTwoSecretsWorkWhileOneIsRotated(t *testing.T) {
	t.Parallel()
	c, old := made(t)
	young, err := rotate(t, c, 7*day, start.Add(day))
	require.NoError(t, err)
	assert.NotEqual(t, old, young)
	assert.Equal(t, credential.Right, outcome(t, c, old, start.Add(8*day-time.Second)))
	assert.Equal(t, credential.Right, outcome(t, c, young, start.Add(8*day-time.Second)))
	assert.Equal(t, credential.Expired, outcome(t, c, old, start.Add(8*day)))
	assert.Equal(t, credential.Right, outcome(t, c, young, start.Add(8*day)))
}

func TestNeverMoreThanTwoSecretsAreLive(t *testing.T) {
	t.Parallel()
	c, _ := made(t)
	_, err := rotate(t, c, 7*day, start)
	require.NoError(t, err)
	before := c.Snapshot()
	_, err = rotate(t, c, day, start.Add(time.Hour))
	require.ErrorIs(t, err, fault.Conflict)
	assert.Contains(t, err.Error(), "2026-12-02T12:00:00Z", "it says when rotating is possible")
	assert.Equal(t, before, c.Snapshot(), "a refused rotation leaves nothing behind")
	_, err = rotate(t, c, day, start.Add(7*day))
	require.NoError(t, err)
}

func TestRotatingWithoutOverlapEndsAllOldSecretsAtOnce(t *testing.T) {
	t.Parallel()
	c, first := made(t)
	second, err := rotate(t, c, 7*day, start)
	require.NoError(t, err)
	third, err := rotate(t, c, 0, start.Add(time.Hour))
	require.NoError(t, err)
	assert.Equal(t, credential.Expired, outcome(t, c, first, start.Add(time.Hour)))
	assert.Equal(t, credential.Expired, outcome(t, c, second, start.Add(time.Hour)))
	assert.Equal(t, credential.Right, outcome(t, c, third, start.Add(time.Hour)))
}

func TestAnOverlapNeverMakesAnOldSecretLiveLonger(t *testing.T) {
	t.Parallel()
	c, old := made(t)
	end := c.Newest().Expires
	_, err := rotate(t, c, 30*day, end.Add(-day))
	require.NoError(t, err)
	assert.Equal(t, credential.Expired, outcome(t, c, old, end))
}

func TestAnOverlapThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	c, _ := made(t)
	for _, overlap := range []time.Duration{-time.Second, credential.LongestOverlap + time.Second} {
		_, err := rotate(t, c, overlap, start)
		require.ErrorIs(t, err, fault.Invalid)
		assert.Equal(t, "overlap", fault.Of(err).Path)
	}
	_, err := c.Rotate(4, 0, keysOf(t, "a"), rand.Reader, start)
	require.ErrorIs(t, err, fault.Invalid)
	assert.True(t, c.Live(start), "a refused rotation ends nothing")
}

func TestARevokedCredentialIsNeverLiveAgain(t *testing.T) {
	t.Parallel()
	c, text := made(t)
	assert.True(t, c.Live(start))
	c.Revoke(start.Add(time.Hour))
	assert.False(t, c.Live(start.Add(time.Hour)))
	assert.Equal(t, credential.Revoked, outcome(t, c, text, start.Add(time.Hour)))
	_, err := rotate(t, c, 0, start.Add(2*time.Hour))
	require.ErrorIs(t, err, fault.Conflict)

	once := c.Snapshot()
	c.Revoke(start.Add(3 * time.Hour))
	assert.Equal(t, once, c.Snapshot(), "twice is as once")
}

func TestAWrongSecretIsWrongWhateverTheCredentialIs(t *testing.T) {
	t.Parallel()
	c, text := made(t)
	_, another := made(t)
	spliced := text[:12] + another[12:] // the key id of one, the bits of another
	for _, wrong := range []string{"", "hunter2", another, spliced, text + "\x00", text[:62]} {
		assert.Equal(t, credential.Wrong, outcome(t, c, wrong, start), "%q", wrong)
	}
	var nobody *credential.ClientCredential
	assert.Equal(t, credential.Wrong, outcome(t, nobody, text, start))
	c.Revoke(start)
	assert.Equal(t, credential.Wrong, outcome(t, c, another, start), "who does not know the secret does not learn that it was revoked")
}

func TestAHashWhoseKeyIsGoneIsNotTheClientsFault(t *testing.T) {
	t.Parallel()
	c, text := made(t)
	_, outcome := c.Verify(text, keysOf(t, "b"), start)
	assert.Equal(t, credential.KeyGone, outcome)
}

func TestASecretMovesToTheKeyThatSigns(t *testing.T) {
	t.Parallel()
	c, text := made(t)
	assert.False(t, c.Rehash(text, keysOf(t, "a")), "there is nothing to move")
	assert.False(t, c.Rehash("wrong", keysOf(t, "ba")))
	require.True(t, c.Rehash(text, keysOf(t, "ba")))
	_, outcome := c.Verify(text, keysOf(t, "b"), start)
	assert.Equal(t, credential.Right, outcome, "the old key may go")
}

func TestWhatIsStoredIsTheSameCredential(t *testing.T) {
	t.Parallel()
	c, text := made(t)
	restored := credential.Restore(c.Snapshot())
	assert.Equal(t, c.Snapshot(), restored.Snapshot())
	assert.Equal(t, credential.Right, outcome(t, restored, text, start))
	restored.Revoke(start)
	assert.True(t, c.Live(start), "a copy shares nothing")
}
