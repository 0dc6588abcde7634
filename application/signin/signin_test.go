package signin_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/application/signin"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// show is what an authenticator shows at a time.
func show(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	bits, err := base32.StdEncoding.DecodeString(secret)
	require.NoError(t, err)
	h := hmac.New(sha1.New, bits)
	require.NoError(t, binary.Write(h, binary.BigEndian, at.Unix()/30))
	sum := h.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[offset:])&0x7fffffff)%1_000_000)
}

func TestNobodyIsShutOutByHowManyOrganisationsTheyAreIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n := range 8 {
		id := organisation.ID(fmt.Sprintf("0190a000-0000-7000-8000-0000000000%02d", n))
		slug := fmt.Sprintf("org%d", n)
		o, err := organisation.New(id, slug, slug, mia, w.now)
		require.NoError(t, err)
		require.NoError(t, w.store.Within(t.Context(), id, func(ctx context.Context, tx ports.Tx) error { return tx.Organisation().Add(ctx, o) }))
		w.join(id, mia, fmt.Sprintf("%s of organisation %d", password, n))
	}
	for n := range 8 {
		o, err := w.SignIn(t.Context(), firefox, mia, fmt.Sprintf("%s of organisation %d", password, n), "")
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprintf("org%d", n), w.visit(o.Cookie).Organisation.Snapshot().Name)
	}
	_, err := w.SignIn(t.Context(), firefox, mia, "of none of them", "")
	require.ErrorIs(t, err, fault.Unauthorised)
}

func TestTheOwnersLinkSetsAPasswordOnceAndSignsIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	url, err := w.OwnerLink(t.Context(), kereru, mia)
	require.NoError(t, err)
	assert.Contains(t, url, "https://x.example/link/")
	text := linkText(url)
	for range 3 { // a scanner of mails
		o, err := w.Link(t.Context(), text)
		require.NoError(t, err)
		assert.True(t, o.Works)
		assert.Equal(t, "KERERU", o.Organisation.Snapshot().Name)
	}
	_, err = w.UseLink(t.Context(), firefox, text, "Mia Chen", "short")
	require.ErrorIs(t, err, fault.Invalid)
	o, err := w.UseLink(t.Context(), firefox, text, "Mia Chen", password)
	require.NoError(t, err, "a password that was refused does not use the link")
	v := w.visit(o.Cookie)
	assert.Equal(t, access.Roles, v.Member.Snapshot().Roles)
	assert.Equal(t, "Mia Chen", v.Member.Snapshot().Name)
	_, err = w.UseLink(t.Context(), firefox, text, "Eve", password)
	require.ErrorIs(t, err, fault.Conflict)

	w.now = w.now.Add(25 * time.Hour)
	e, err := w.EntranceLink(t.Context(), kereru, mia)
	require.NoError(t, err)
	w.now = e.Expires
	_, err = w.UseLink(t.Context(), firefox, linkText(e.URL), "", password)
	require.ErrorIs(t, err, fault.Conflict, "its time is over")
	_, err = w.EntranceLink(t.Context(), kereru, "nobody@kereru.example")
	require.ErrorIs(t, err, fault.NotFound)
	_, err = w.Link(t.Context(), "nonsense")
	require.ErrorIs(t, err, fault.NotFound)
}

func TestALinkThatManyUseAtOnceIsUsedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	url, err := w.OwnerLink(t.Context(), kereru, mia)
	require.NoError(t, err)
	var wait sync.WaitGroup
	results := make(chan error, 8)
	for range 8 {
		wait.Go(func() {
			_, err := w.UseLink(context.WithoutCancel(t.Context()), firefox, linkText(url), "", password)
			results <- err
		})
	}
	wait.Wait()
	right := 0
	for range 8 {
		if err := <-results; err == nil {
			right++
		} else {
			assert.ErrorIs(t, err, fault.Conflict)
		}
	}
	assert.Equal(t, 1, right)
}

func TestUnknownAndWrongAreAnsweredTheSameAtTheSameCost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.join(kereru, mia, password)
	invited, err := access.Invite("0190c000-0000-7000-8000-00000000000f", "tom@kereru.example", []access.Role{access.Manager}, w.now)
	require.NoError(t, err)
	require.NoError(t, w.store.Within(t.Context(), kereru, func(ctx context.Context, tx ports.Tx) error { return tx.Staff().Add(ctx, invited) }))
	var texts []string
	for i, email := range []string{mia, "nobody@kereru.example", "tom@kereru.example", "no address", ""} {
		before := w.passwords.sums.Load()
		from := signin.Browser{Address: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})}
		_, err := w.SignIn(t.Context(), from, email, "wrong", "")
		require.ErrorIs(t, err, fault.Unauthorised, email)
		texts = append(texts, fault.Of(err).Detail)
		assert.Equal(t, int64(1), w.passwords.sums.Load()-before, email)
	}
	for _, text := range texts {
		assert.Equal(t, "That e-mail and password do not match.", text)
	}
	o, err := w.SignIn(t.Context(), firefox, " MIA@kereru.example", password, "")
	require.NoError(t, err)
	assert.False(t, o.Half)
	assert.Equal(t, mia, w.visit(o.Cookie).Member.Snapshot().Email)
}

func TestGuessingIsSlowedDownAndLocksNobodyOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.join(kereru, mia, password)
	guesser := signin.Browser{Address: netip.MustParseAddr("198.51.100.1")}
	checked := w.passwords.sums.Load()
	limited := 0
	for range 100 {
		_, err := w.SignIn(t.Context(), guesser, mia, "guess", "")
		if fault.Of(err).Kind == fault.Limited {
			limited++
		}
	}
	assert.Equal(t, int64(6), w.passwords.sums.Load()-checked, "no password is looked at beyond the limit")
	assert.Equal(t, 94, limited)
	_, err := w.SignIn(t.Context(), firefox, mia, password, "")
	require.NoError(t, err, "she comes from elsewhere")
	_, err = w.SignIn(t.Context(), guesser, mia, password, "")
	require.ErrorIs(t, err, fault.Limited)
	w.now = w.now.Add(31 * time.Second)
	_, err = w.SignIn(t.Context(), guesser, mia, password, "")
	require.NoError(t, err, "and who waits may try again")

	for i := range 200 {
		_, err = w.SignIn(t.Context(), guesser, fmt.Sprintf("%d@kereru.example", i), "guess", "")
	}
	require.ErrorIs(t, err, fault.Limited, "one address has so many tries for all names")
}

func TestOnePersonOfSeveralOrganisationsChoosesWhereSeveralFit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.join(kereru, mia, password)
	w.join(takahe, mia, password)
	o, err := w.SignIn(t.Context(), firefox, mia, password, "")
	require.NoError(t, err)
	assert.Empty(t, o.Cookie)
	assert.ElementsMatch(t, []signin.Choice{{kereru, "KERERU"}, {takahe, "TAKAHE"}}, o.Choices)
	o, err = w.SignIn(t.Context(), firefox, mia, password, takahe)
	require.NoError(t, err)
	assert.Equal(t, takahe, w.visit(o.Cookie).Organisation.ID())
	v := w.visit(o.Cookie)
	require.NoError(t, w.ChangePassword(t.Context(), v, "another long password"))
	o, err = w.SignIn(t.Context(), firefox, mia, password, "")
	require.NoError(t, err)
	assert.Equal(t, kereru, w.visit(o.Cookie).Organisation.ID(), "each has a password of its own")
}

func TestASessionEndsAsItShould(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cookie := w.join(kereru, mia, password)
	ends := func(cookie string, want signin.Ended) {
		t.Helper()
		_, err := w.Visit(t.Context(), cookie, true)
		require.ErrorIs(t, err, fault.Unauthorised)
		require.ErrorIs(t, err, want)
	}
	w.now = w.now.Add(29 * time.Minute)
	_, err := w.Visit(t.Context(), cookie, false)
	require.NoError(t, err)
	w.now = w.now.Add(time.Minute)
	ends(cookie, signin.EndedIdle) // what asks by itself is no activity

	signIn := func() string {
		o, err := w.SignIn(t.Context(), firefox, mia, password, "")
		require.NoError(t, err)
		return o.Cookie
	}
	cookie = signIn()
	for range 35 {
		w.now = w.now.Add(20 * time.Minute)
		w.visit(cookie)
	}
	w.now = w.now.Add(20 * time.Minute)
	ends(cookie, signin.EndedLong)

	first, second := signIn(), signIn()
	v := w.visit(second)
	live, err := w.Sessions(t.Context(), v)
	require.NoError(t, err)
	assert.Len(t, live, 2, "those that are over are gone")
	require.NoError(t, w.ChangePassword(t.Context(), v, "another long password"))
	ends(first, signin.EndedGone)
	w.visit(second)
	assert.Contains(t, w.mails(kereru)[0].Subject, "was changed")
	require.NoError(t, w.SignOut(t.Context(), second))
	ends(second, signin.EndedGone)
	ends("nonsense", signin.EndedGone)

	o, err := w.SignIn(t.Context(), firefox, mia, "another long password", "")
	require.NoError(t, err)
	require.NoError(t, w.store.Within(t.Context(), kereru, func(ctx context.Context, tx ports.Tx) error {
		k, err := tx.Organisation().Get(ctx)
		if err != nil {
			return err
		}
		k.Suspend()
		return tx.Organisation().Save(ctx, k)
	}))
	ends(o.Cookie, signin.EndedGone)
	_, err = w.SignIn(t.Context(), firefox, mia, "another long password", "")
	require.ErrorIs(t, err, fault.Unauthorised)
}

func TestASessionOfOneOrganisationOpensNothingInAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cookie := w.join(kereru, mia, password)
	v := w.visit(cookie)
	other := w.visit(w.join(takahe, mia, password))
	require.NoError(t, w.EndSession(t.Context(), other, v.Session.Digest))
	w.visit(cookie)
	require.NoError(t, w.EndSession(t.Context(), v, v.Session.Digest))
	_, err := w.Visit(t.Context(), cookie, true)
	require.ErrorIs(t, err, fault.Unauthorised)
}

func TestTheSecondStepIsAskedForAndCanBeReplacedByARecoveryCodeOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cookie := w.join(kereru, mia, password)
	setup, err := w.SetUp(t.Context(), w.visit(cookie))
	require.NoError(t, err)
	again, err := w.SetUp(t.Context(), w.visit(cookie))
	require.NoError(t, err)
	assert.Equal(t, setup, again, "who reloads the page sees the same picture")
	_, err = w.SwitchOn(t.Context(), w.visit(cookie), "000000")
	require.ErrorIs(t, err, fault.Invalid)
	recovery, err := w.SwitchOn(t.Context(), w.visit(cookie), show(t, setup.Secret, w.now))
	require.NoError(t, err)
	require.Len(t, recovery, 10)

	enter := func(code string) (string, error) {
		o, err := w.SignIn(t.Context(), firefox, mia, password, "")
		if err != nil {
			return "", err
		}
		require.True(t, o.Half)
		_, err = w.Visit(t.Context(), o.Cookie, true)
		require.ErrorIs(t, err, fault.Unauthorised, "half a session opens nothing")
		return w.Code(t.Context(), firefox, o.Cookie, code)
	}
	_, err = enter(show(t, setup.Secret, w.now))
	require.ErrorIs(t, err, fault.Invalid, "the code that has set it up was used by that")
	w.now = w.now.Add(30 * time.Second)
	whole, err := enter(show(t, setup.Secret, w.now))
	require.NoError(t, err)
	w.visit(whole)
	_, err = enter(recovery[0])
	require.NoError(t, err)
	_, err = enter(recovery[0])
	require.ErrorIs(t, err, fault.Invalid)
	var last error
	for range 10 {
		_, last = enter("123456")
		if fault.Of(last).Kind == fault.Limited {
			break
		}
	}
	require.ErrorIs(t, last, fault.Limited)

	require.NoError(t, w.SwitchOff(t.Context(), w.visit(whole)))
	o, err := w.SignIn(t.Context(), signin.Browser{Address: netip.MustParseAddr("203.0.113.1")}, mia, password, "")
	require.NoError(t, err)
	assert.False(t, o.Half)
}

func TestConfirmingTakesAPasswordOrACode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cookie := w.join(kereru, mia, password)
	w.now = w.now.Add(11 * time.Minute)
	require.ErrorIs(t, w.Confirm(t.Context(), w.visit(cookie), firefox.Address, "wrong"), fault.Unauthorised)
	assert.True(t, w.visit(cookie).Session.Confirmed.Before(w.now), "not yet")
	require.NoError(t, w.Confirm(t.Context(), w.visit(cookie), firefox.Address, password))
	assert.Equal(t, w.now, w.visit(cookie).Session.Confirmed)
	setup, err := w.SetUp(t.Context(), w.visit(cookie))
	require.NoError(t, err)
	_, err = w.SwitchOn(t.Context(), w.visit(cookie), show(t, setup.Secret, w.now))
	require.NoError(t, err)
	w.now = w.now.Add(11 * time.Minute)
	require.NoError(t, w.Confirm(t.Context(), w.visit(cookie), firefox.Address, show(t, setup.Secret, w.now)))
	assert.Equal(t, w.now, w.visit(cookie).Session.Confirmed)
	require.ErrorIs(t, w.Confirm(t.Context(), w.visit(cookie), firefox.Address, show(t, setup.Secret, w.now)), fault.Unauthorised, "a code is used once")
}

func TestAForgottenPasswordIsMailedALinkAndNobodyLearnsWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cookie := w.join(kereru, mia, password)
	require.NoError(t, w.Forgotten(t.Context(), firefox, "nobody@kereru.example"))
	assert.Empty(t, w.mails(kereru))
	require.NoError(t, w.Forgotten(t.Context(), firefox, mia))
	require.NoError(t, w.Forgotten(t.Context(), firefox, mia))
	mails := w.mails(kereru)
	require.Len(t, mails, 2)
	assert.Equal(t, mia, mails[1].To)
	link := func(i int) string { return linkText(strings.TrimSpace(mails[i].Text)) }
	_, err := w.UseLink(t.Context(), firefox, link(0), "", "another long password")
	require.ErrorIs(t, err, fault.NotFound, "the newer one took its place")
	_, err = w.UseLink(t.Context(), firefox, link(1), "", "another long password")
	require.NoError(t, err)
	_, err = w.Visit(t.Context(), cookie, true)
	require.ErrorIs(t, err, fault.Unauthorised, "whoever was signed in is not any more")
	var last error
	for range 20 {
		last = w.Forgotten(t.Context(), firefox, mia)
	}
	require.ErrorIs(t, last, fault.Limited, "nobody fills a mailbox")
}
