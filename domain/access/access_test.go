package access_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base32"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

var now = time.Date(2026, 11, 26, 14, 3, 0, 0, time.UTC)

func TestEachRoleOpensWhatItIsFor(t *testing.T) {
	t.Parallel()
	for _, r := range access.Roles {
		assert.True(t, access.Allows([]access.Role{r}, access.Portal), r)
	}
	for p, roles := range map[access.Permission][]access.Role{
		access.ManageUsers: {access.Manager}, access.ManageAllocations: {access.Accountant}, access.ManagePlans: {access.Accountant},
		access.StaffManagement: {access.Lead}, access.ManageIntegrations: {access.Lead},
	} {
		for _, r := range access.Roles {
			assert.Equal(t, r == roles[0], access.Allows([]access.Role{r}, p), "%s, %s", r, p)
		}
		assert.True(t, access.Allows(access.Roles, p), "roles add up")
		assert.False(t, access.Allows(nil, p))
		assert.False(t, access.Allows([]access.Role{"admin"}, p))
	}
}

func TestAPasswordThatIsGuessedFirstIsRefused(t *testing.T) {
	t.Parallel()
	for _, password := range []string{
		"", "short", "elevenchars", "qwerty123456", "1QAZ2wsx3edc", "aaaaaaaaaaaa", "abcabcabcabc", "passpasspasspass", "123456789012", "0987654321098",
		"abcdefghijklmn", "mia.chen@kereru.example", "Mia.Chen@kereru.example1", "KereruHoldings1", strings.Repeat("long ", 26), "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	} {
		err := access.CheckPassword(password, "mia.chen@kereru.example", "Mia Chen", "KereruHoldings")
		require.ErrorIs(t, err, fault.Invalid, password)
		assert.Equal(t, "password", fault.Of(err).Path)
	}
	for _, password := range []string{
		"correct horse battery", "Zażółć gęślą", "ünïcödé wörds", "password for kereru holdings", "aaaabbbbccccdddde", "qwerty ate my homework", "mia likes 7 old trams",
		"!?%&/()=+*#-", "three were powerless", "as we op rt ui hj",
	} {
		require.NoError(t, access.CheckPassword(password, "mia.chen@kereru.example", "Mia Chen", ""), password)
	}
	for why, passwords := range map[string][]string{
		"among the first": {"Pa55word1234", "c0unterstr1ke", "Counterstrike2026", "!!peanutbutter!!"},
		"pattern":         {"aaaaaaaaaaab", "passpasspass1", "qwertzuiop2026", "asdfghqwerty", "lkjhgfdsa4321", "abcd1234efgh", "5tgb6yhn7ujm", "azertyuiop!!", "asd-jkl-fgh-ert"},
		"name that others know": {
			"MiaChen2026!", "m1a_ch3n_2026", "Chen-Mia-Kereru", "Kereru2026!!", "K3r3ruH0ld1ngs", "HoldingsKereru1", "Extraordinary1", "Extr40rd1n4ry!", "PortalPassword9", "Mïa Chén 2026", "M-i-a-C-h-e-n",
		},
	} {
		for _, password := range passwords {
			require.ErrorContains(t, access.CheckPassword(password, "mia.chen@kereru.example", "Mia Chen", "Mïa Chén", "KereruHoldings", "Kereru Holdings"), why, password)
		}
	}
	assert.Equal(t, access.Normal("Ångström"), access.Normal("A\u030angstro\u0308m"))
}

// The vectors of RFC 6238, appendix B, by their last six figures.
func TestCodesAreThoseOfTheRFC(t *testing.T) {
	t.Parallel()
	secret := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	for seconds, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		at := time.Unix(seconds, 0)
		assert.Equal(t, seconds/30, access.CodeStep(secret, code, at))
		assert.Equal(t, seconds/30, access.CodeStep(secret, code[:3]+" "+code[3:], at.Add(30*time.Second)), "clocks differ")
		assert.Zero(t, access.CodeStep(secret, code, at.Add(90*time.Second)))
		assert.Zero(t, access.CodeStep(secret, code, at.Add(-90*time.Second)))
	}
	assert.Zero(t, access.CodeStep(secret, "", now))
	assert.Zero(t, access.CodeStep("no base32!", "000000", now))
}

func TestACodeIsAcceptedOnceAndSoIsARecoveryCode(t *testing.T) {
	t.Parallel()
	secret := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	codes, digests, err := access.NewRecoveryCodes(rand.Reader)
	require.NoError(t, err)
	require.Len(t, codes, 10)
	m, err := access.Invite("id", "ann@example.com", []access.Role{access.Lead}, now)
	require.NoError(t, err)
	m.SetSecondStep("sealed", 0, digests)
	at := time.Unix(1111111109, 0)
	assert.True(t, m.Accept(secret, "081804", at))
	assert.False(t, m.Accept(secret, "081804", at), "twice")
	assert.True(t, m.Accept(secret, "050471", at.Add(2*time.Second)))
	assert.False(t, m.Accept(secret, "081804", at.Add(2*time.Second)), "an older one")
	assert.True(t, m.Accept(secret, strings.ToUpper(codes[3]), at))
	assert.False(t, m.Accept(secret, codes[3], at), "twice")
	assert.Len(t, m.Snapshot().Second.Recovery, 9)
	assert.False(t, m.Accept(secret, "", at))
}

func TestTheLastWhoMayDoWhatSomebodyMustStays(t *testing.T) {
	t.Parallel()
	joined := func(id string, roles ...access.Role) *access.Member {
		return access.Restore(access.Snapshot{ID: id, Roles: roles, Joined: now})
	}
	lead, other, manager := joined("a", access.Lead), joined("b", access.Lead), joined("c", access.Manager)
	without := joined("a", access.Manager)
	assert.Equal(t, access.StaffManagement, access.LastWith([]*access.Member{lead, manager}, without))
	assert.Empty(t, access.LastWith([]*access.Member{lead, other, manager}, without))
	assert.Empty(t, access.LastWith([]*access.Member{lead, manager}, lead))
	invited := access.Restore(access.Snapshot{ID: "d", Roles: access.Roles})
	assert.Equal(t, access.StaffManagement, access.LastWith([]*access.Member{lead, invited}, without), "who has not joined is no help")
	removed := joined("a", access.Lead)
	removed.Remove(now)
	assert.Equal(t, access.StaffManagement, access.LastWith([]*access.Member{lead}, removed))
}

func TestADoorKeySaysWhoseItIsAndTellsNothingOfItself(t *testing.T) {
	t.Parallel()
	const org organisation.ID = "0190a000-0000-7000-8000-00000000ac3e"
	text, err := access.NewDoorKey(org, rand.Reader)
	require.NoError(t, err)
	assert.Len(t, text, 64)
	whose, digest, err := access.DoorKey(text)
	require.NoError(t, err)
	assert.Equal(t, org, whose)
	assert.Len(t, digest, 64)
	another, err := access.NewDoorKey(org, rand.Reader)
	require.NoError(t, err)
	assert.NotEqual(t, text, another)
	for _, wrong := range []string{"", "x", text + "A", text[:63], text[:63] + "=", text[:63] + "\n", text[:30] + "\n" + text[30:], text + "\r\n", strings.Repeat("!", 64)} {
		_, _, err := access.DoorKey(wrong)
		require.ErrorIs(t, err, fault.NotFound, wrong)
	}
}

func TestASessionEndsWhenNothingIsDoneAndAfterTwelveHoursAnyway(t *testing.T) {
	t.Parallel()
	s := access.Session{Started: now, Seen: now}
	assert.True(t, s.Live(now.Add(30*time.Minute-time.Second)))
	assert.False(t, s.Live(now.Add(30*time.Minute)))
	s.Seen = now.Add(11*time.Hour + 50*time.Minute)
	assert.True(t, s.Live(now.Add(12*time.Hour-time.Second)))
	assert.False(t, s.Live(now.Add(12*time.Hour)))
}

func TestALinkWorksOnceAndInItsTime(t *testing.T) {
	t.Parallel()
	for purpose, life := range map[access.Purpose]time.Duration{access.Entrance: 24 * time.Hour, access.Invitation: 7 * 24 * time.Hour, access.Reset: time.Hour} {
		link, text, err := access.NewLink("0190a000-0000-7000-8000-00000000ac3e", "a", purpose, rand.Reader, now)
		require.NoError(t, err)
		_, digest, err := access.DoorKey(text)
		require.NoError(t, err)
		assert.Equal(t, link.Digest, digest)
		assert.True(t, link.Works(now.Add(life-time.Second)))
		assert.False(t, link.Works(now.Add(life)))
		link.Used = now
		assert.False(t, link.Works(now))
	}
}

func TestASealedSecretOpensForItsMemberAndWithAnOldKey(t *testing.T) {
	t.Parallel()
	old, fresh := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	before, err := access.NewKeys([][]byte{old})
	require.NoError(t, err)
	sealed, err := before.Seal("SECRET", "ann", rand.Reader)
	require.NoError(t, err)
	assert.NotContains(t, sealed, "SECRET")
	after, err := access.NewKeys([][]byte{fresh, old})
	require.NoError(t, err)
	text, err := after.Open(sealed, "ann")
	require.NoError(t, err)
	assert.Equal(t, "SECRET", text)
	_, err = after.Open(sealed, "bob")
	require.ErrorIs(t, err, fault.Internal)
	gone, err := access.NewKeys([][]byte{fresh})
	require.NoError(t, err)
	_, err = gone.Open(sealed, "ann")
	require.ErrorIs(t, err, fault.Internal)
}
