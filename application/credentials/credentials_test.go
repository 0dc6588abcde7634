package credentials_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/application/credentials"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

const acme organisation.ID = "0192f3a4-5b6c-7d8e-9fa0-b1c2d3e4f506"

var home = netip.MustParseAddr("198.51.100.1")

var operator = activity.Actor{Kind: activity.Operator}

// house is the use cases over a store in memory, at a time that a test moves.
type house struct {
	*credentials.Service
	store *memory
	now   time.Time
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{now: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)}
	o, err := organisation.New(acme, "acme", "Acme", "ann@example.com", h.now)
	require.NoError(t, err)
	h.store = newMemory(o)
	h.use(t, "a")
	return h
}

// use gives the service keys, one for each letter.
func (h *house) use(t *testing.T, letters string) {
	t.Helper()
	var masters [][]byte
	for _, letter := range letters {
		masters = append(masters, bytes.Repeat([]byte{byte(letter)}, 32))
	}
	keys, err := credential.NewKeys(masters)
	require.NoError(t, err)
	ids := 0
	h.Service = credentials.New(h.store, h.store, keys, rand.Reader, func() time.Time { return h.now }, func() string {
		ids++
		return strconv.Itoa(ids)
	})
}

func (h *house) create(t *testing.T) credentials.Issued {
	t.Helper()
	made, err := h.Create(t.Context(), acme, "Entra", 2, operator)
	require.NoError(t, err)
	return made
}

// Authenticate is that of a client at home.
func (h *house) Authenticate(ctx context.Context, clientID, secret string) (credentials.Client, error) {
	return h.Service.Authenticate(ctx, home, clientID, secret)
}

// grant does what the token endpoint does.
func (h *house) grant(t *testing.T, made credentials.Issued) (text string) {
	t.Helper()
	who, err := h.Authenticate(t.Context(), made.ClientID, made.Secret)
	require.NoError(t, err)
	text, d := newToken(t)
	token := who.Token()
	token.Scopes = who.Scopes
	require.NoError(t, h.Keep(t.Context(), d, token))
	return text
}

func newToken(t *testing.T) (string, credential.Digest) {
	t.Helper()
	text, err := credential.NewToken(rand.Reader)
	require.NoError(t, err)
	d, err := credential.ParseToken(text)
	require.NoError(t, err)
	return text, d
}

func (h *house) stored(made credentials.Issued) credential.Snapshot {
	return h.store.rooms[acme].credentials[made.ClientID]
}

func TestACredentialThatWasCreatedAuthenticates(t *testing.T) {
	t.Parallel()
	h := open(t)
	made := h.create(t)
	assert.Equal(t, h.now.AddDate(2, 0, 0), made.Expires)
	who, err := h.Authenticate(t.Context(), made.ClientID, made.Secret)
	require.NoError(t, err)
	assert.Equal(t, acme, who.Organisation)
	assert.Equal(t, made.ClientID, who.ClientID)
	assert.Equal(t, []credential.Scope{credential.Read, credential.Write}, who.Scopes)
	token := who.Token()
	assert.Equal(t, h.now, token.Issued)
	assert.Equal(t, h.now.Add(time.Hour), token.Expires)
}

func TestTheStoreNeverSeesASecretOrAToken(t *testing.T) {
	t.Parallel()
	h := open(t)
	made := h.create(t)
	text := h.grant(t, made)
	var seen strings.Builder
	for _, r := range h.store.rooms {
		for _, s := range r.credentials {
			for _, secret := range s.Secrets {
				seen.WriteString(secret.Hash + secret.KeyID)
			}
		}
		for _, e := range r.events {
			for _, c := range e.Changes {
				seen.WriteString(c.Path)
			}
		}
	}
	for d := range h.store.tokens {
		seen.Write(d[:])
	}
	assert.NotContains(t, seen.String(), made.Secret[13:56])
	assert.NotContains(t, seen.String(), text[4:47])
}

func TestEveryRefusalOfAClientReadsTheSame(t *testing.T) {
	t.Parallel()
	h := open(t)
	made, another := h.create(t), h.create(t)
	revoked := h.create(t)
	require.NoError(t, h.Revoke(t.Context(), acme, revoked.ClientID, operator))
	short, err := h.Create(t.Context(), acme, "Short", 1, operator)
	require.NoError(t, err)
	h.now = h.now.AddDate(1, 0, 1)

	foreign := strings.Replace(made.ClientID, made.ClientID[2:24], strings.Repeat("0", 21)+"1", 1)
	answers := map[string]bool{}
	for name, pair := range map[string]struct {
		id, secret string
		reason     credentials.Reason
	}{
		"an unknown client":                       {made.ClientID[:34] + flip(made.ClientID[34]), made.Secret, credentials.BadClient},
		"a client of an organisation that is not": {foreign, made.Secret, credentials.BadClient},
		"an identifier that is none":              {"entra", made.Secret, credentials.BadClient},
		"no identifier":                           {"", made.Secret, credentials.BadClient},
		"another client's secret":                 {made.ClientID, another.Secret, credentials.BadClient},
		"a secret that was cut off":               {made.ClientID, made.Secret[:62], credentials.BadClient},
		"a secret that is none":                   {made.ClientID, "hunter2", credentials.BadClient},
		"no secret":                               {made.ClientID, "", credentials.BadClient},
		"a NUL behind the secret":                 {made.ClientID, made.Secret + "\x00", credentials.BadClient},
		"a revoked credential":                    {revoked.ClientID, revoked.Secret, credentials.WasRevoked},
		"a wrong secret of a revoked credential":  {revoked.ClientID, made.Secret, credentials.BadClient},
		"an expired secret":                       {short.ClientID, short.Secret, credentials.SecretExpired},
	} {
		h.store.reads = nil
		_, err := h.Authenticate(t.Context(), pair.id, pair.secret)
		require.ErrorIs(t, err, fault.Unauthorised, name)
		require.ErrorIs(t, err, pair.reason, name)
		assert.Equal(t, []string{"View", "Credentials.Get"}, h.store.reads, "%s: the store is asked the same", name)
		answers[fault.Of(err).Detail] = true
	}
	room := h.store.rooms[acme]
	room.organisation.Status = organisation.Suspended
	h.store.rooms[acme] = room
	_, err = h.Authenticate(t.Context(), made.ClientID, made.Secret)
	require.ErrorIs(t, err, credentials.WasSuspended)
	answers[fault.Of(err).Detail] = true
	assert.Len(t, answers, 1, "one answer for all")
}

func TestARefusalOfAClientComesAtARandomTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		made, another := h.create(t), h.create(t)
		times := map[time.Duration]bool{}
		for range 50 {
			for _, id := range []string{made.ClientID, "nobody"} {
				began := time.Now()
				_, err := h.Authenticate(t.Context(), id, another.Secret)
				require.ErrorIs(t, err, fault.Unauthorised)
				took := time.Since(began)
				assert.Less(t, took, 20*time.Millisecond)
				times[took] = true
			}
		}
		assert.Greater(t, len(times), 90)

		began := time.Now()
		_, err := h.Authenticate(t.Context(), made.ClientID, made.Secret)
		require.NoError(t, err)
		assert.Zero(t, time.Since(began), "who is let in does not wait")

		h.store.faults["View"] = fault.New(fault.Unavailable, "down")
		_, err = h.Authenticate(t.Context(), made.ClientID, made.Secret)
		require.ErrorIs(t, err, fault.Unavailable)
		assert.Zero(t, time.Since(began), "nor does a fault of our own")

		h.store.faults["View"] = nil
		gone, leave := context.WithCancel(t.Context())
		leave()
		_, err = h.Authenticate(gone, "nobody", made.Secret)
		require.ErrorIs(t, err, fault.Unauthorised)
		assert.Zero(t, time.Since(began), "nor anybody for a caller who has gone")
	})
}

func flip(c byte) string {
	if c == 'x' {
		return "y"
	}
	return "x"
}

func TestAStoreThatIsDownIsNeverTheClientsFault(t *testing.T) {
	t.Parallel()
	down := fault.Wrap(fault.Unavailable, errors.New("disk full"))
	for _, method := range []string{"View", "Credentials.Get", "Organisation.Get", "Within", "Credentials.Used"} {
		h := open(t)
		made := h.create(t)
		h.store.faults[method] = down
		_, err := h.Authenticate(t.Context(), made.ClientID, made.Secret)
		require.Error(t, err, method)
		assert.NotErrorIs(t, err, fault.Unauthorised, method)
		assert.NotErrorIs(t, err, fault.NotFound, method)
	}
	for method, call := range map[string]func(*house, string) error{
		"Tokens.Put": func(h *house, _ string) error {
			_, d := newToken(t)
			return h.Keep(t.Context(), d, credential.Token{Organisation: acme})
		},
		"Tokens.Get": func(h *house, text string) error {
			_, err := h.Authorise(t.Context(), text, credential.Read)
			return err
		},
		"Tokens.Revoke": func(h *house, text string) error {
			return h.End(t.Context(), credentials.Client{Organisation: acme, ClientID: h.client()}, text)
		},
	} {
		h := open(t)
		text := h.grant(t, h.create(t))
		h.store.faults[method] = down
		assert.ErrorIs(t, call(h, text), fault.Unavailable, method)
	}
}

func (h *house) client() string {
	for id := range h.store.rooms[acme].credentials {
		return id
	}
	return ""
}

func TestAKeyThatIsGoneIsOurFault(t *testing.T) {
	t.Parallel()
	h := open(t)
	made := h.create(t)
	h.use(t, "b")
	_, err := h.Authenticate(t.Context(), made.ClientID, made.Secret)
	require.ErrorIs(t, err, fault.Internal)
	assert.NotErrorIs(t, err, fault.Unauthorised)
}

func TestASecretInUseMovesToTheNewKeySoThatTheOldOneMayGo(t *testing.T) {
	t.Parallel()
	h := open(t)
	made := h.create(t)
	h.use(t, "ba")
	_, err := h.Authenticate(t.Context(), made.ClientID, made.Secret)
	require.NoError(t, err)
	h.use(t, "b")
	_, err = h.Authenticate(t.Context(), made.ClientID, made.Secret)
	require.NoError(t, err)
}

func TestTheUseOfASecretIsWrittenDownAtMostOnceAMinute(t *testing.T) {
	t.Parallel()
	h := open(t)
	made := h.create(t)
	first := h.now
	h.grant(t, made)
	assert.Equal(t, first, h.stored(made).Secrets[0].LastUsed)

	h.now = first.Add(59 * time.Second)
	h.store.reads = nil
	h.grant(t, made)
	assert.Equal(t, first, h.stored(made).Secrets[0].LastUsed)
	assert.NotContains(t, h.store.reads, "Within", "a grant within the minute changes no credential")

	h.now = first.Add(time.Minute)
	h.grant(t, made)
	assert.Equal(t, h.now, h.stored(made).Secrets[0].LastUsed)
}

func TestARotatedCredentialHasTwoSecretsForAWhile(t *testing.T) {
	t.Parallel()
	h := open(t)
	made := h.create(t)
	h.now = h.now.Add(time.Hour)
	young, err := h.Rotate(t.Context(), acme, made.ClientID, 1, 24*time.Hour, operator)
	require.NoError(t, err)
	assert.Equal(t, made.ClientID, young.ClientID)
	assert.Equal(t, h.now.AddDate(1, 0, 0), young.Expires)
	assert.Equal(t, h.now.Add(24*time.Hour), young.OthersEnd)
	h.grant(t, made)
	h.grant(t, young)

	h.now = h.now.Add(24 * time.Hour)
	h.grant(t, young)
	_, err = h.Authenticate(t.Context(), made.ClientID, made.Secret)
	require.ErrorIs(t, err, credentials.SecretExpired)

	at, err := h.Rotate(t.Context(), acme, made.ClientID, 1, 0, operator)
	require.NoError(t, err)
	assert.Zero(t, at.OthersEnd, "nothing of the old is live")
}

func TestRotatingOrRevokingWhatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	h := open(t)
	_, err := h.Rotate(t.Context(), acme, "c_none", 1, 0, operator)
	require.ErrorIs(t, err, fault.NotFound)
	require.ErrorIs(t, h.Revoke(t.Context(), acme, "c_none", operator), fault.NotFound)
}

func TestRevokingEndsTheTokensAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	made, other := h.create(t), h.create(t)
	token, others := h.grant(t, made), h.grant(t, other)
	require.NoError(t, h.Revoke(t.Context(), acme, made.ClientID, operator))
	_, err := h.Authorise(t.Context(), token, credential.Read)
	require.ErrorIs(t, err, fault.Unauthorised)
	_, err = h.Authorise(t.Context(), others, credential.Read)
	require.NoError(t, err, "another credential's tokens live on")
}

func TestRevokingNeverSucceedsWhileTokensLive(t *testing.T) {
	t.Parallel()
	h := open(t)
	made := h.create(t)
	token := h.grant(t, made)
	h.store.faults["Tokens.RevokeAll"] = errors.New("connection refused")
	err := h.Revoke(t.Context(), acme, made.ClientID, operator)
	require.ErrorIs(t, err, fault.Unavailable)
	assert.Contains(t, fault.Of(err).Detail, "revoke it again")

	h.store.faults["Tokens.RevokeAll"] = nil
	require.NoError(t, h.Revoke(t.Context(), acme, made.ClientID, operator))
	_, err = h.Authorise(t.Context(), token, credential.Read)
	require.ErrorIs(t, err, fault.Unauthorised)
}

func TestATokenThatWasBeingGrantedDuringTheRevocationIsNotHandedOut(t *testing.T) {
	t.Parallel()
	h := open(t)
	made := h.create(t)
	who, err := h.Authenticate(t.Context(), made.ClientID, made.Secret)
	require.NoError(t, err)
	h.store.before["Tokens.Put"] = func() { require.NoError(t, h.Revoke(t.Context(), acme, made.ClientID, operator)) }
	_, d := newToken(t)
	require.ErrorIs(t, h.Keep(t.Context(), d, who.Token()), fault.Unauthorised)
	assert.Empty(t, h.store.tokens)
}

func TestATokenSpeaksForItsOrganisationWithinItsScopes(t *testing.T) {
	t.Parallel()
	h := open(t)
	made := h.create(t)
	who, err := h.Authenticate(t.Context(), made.ClientID, made.Secret)
	require.NoError(t, err)
	text, d := newToken(t)
	token := who.Token()
	token.Scopes = []credential.Scope{credential.Read}
	require.NoError(t, h.Keep(t.Context(), d, token))

	p, err := h.Authorise(t.Context(), text, credential.Read)
	require.NoError(t, err)
	assert.Equal(t, credentials.Principal{Organisation: acme, ClientID: made.ClientID, KeyID: token.KeyID, Scopes: token.Scopes, Share: p.Share}, p)
	assert.True(t, p.Share.Allowed)
	_, err = h.Authorise(t.Context(), text, credential.Write)
	require.ErrorIs(t, err, fault.Forbidden)
	assert.Contains(t, err.Error(), "scim.write")

	h.now = h.now.Add(time.Hour)
	_, err = h.Authorise(t.Context(), text, credential.Read)
	require.ErrorIs(t, err, fault.Unauthorised, "it has expired")
}

func TestGarbageIsRefusedWithoutAskingTheStore(t *testing.T) {
	t.Parallel()
	h := open(t)
	text := h.grant(t, h.create(t))
	h.store.reads = nil
	for _, garbage := range []string{"", "x", text[:53], text[:53] + flip(text[53]), text + " ", strings.ToUpper(text)} {
		_, err := h.Authorise(t.Context(), garbage, credential.Read)
		require.ErrorIs(t, err, fault.Unauthorised, "%q", garbage)
	}
	assert.Empty(t, h.store.reads)
}

func TestOnlyItsOwnerSeesAndEndsAToken(t *testing.T) {
	t.Parallel()
	h := open(t)
	made, other := h.create(t), h.create(t)
	text := h.grant(t, made)
	owner := credentials.Client{Organisation: acme, ClientID: made.ClientID}
	for _, stranger := range []credentials.Client{
		{Organisation: acme, ClientID: other.ClientID},
		{Organisation: "0192f3a4-5b6c-7d8e-9fa0-b1c2d3e4f507", ClientID: made.ClientID},
		{},
	} {
		_, err := h.Introspect(t.Context(), stranger, text)
		require.ErrorIs(t, err, fault.NotFound)
		require.NoError(t, h.End(t.Context(), stranger, text))
	}
	token, err := h.Introspect(t.Context(), owner, text)
	require.NoError(t, err, "strangers ended nothing")
	assert.Equal(t, made.ClientID, token.ClientID)

	require.NoError(t, h.End(t.Context(), owner, text))
	require.NoError(t, h.End(t.Context(), owner, text), "twice is as once")
	_, err = h.Introspect(t.Context(), owner, text)
	require.ErrorIs(t, err, fault.NotFound)
	_, err = h.Introspect(t.Context(), owner, "garbage")
	require.ErrorIs(t, err, fault.NotFound)
}

func TestEachChangeIsInTheJournalOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	made := h.create(t)
	_, err := h.Rotate(t.Context(), acme, made.ClientID, 2, time.Hour, operator)
	require.NoError(t, err)
	require.NoError(t, h.Revoke(t.Context(), acme, made.ClientID, operator))
	require.NoError(t, h.Revoke(t.Context(), acme, made.ClientID, operator), "twice changes nothing")
	var actions []activity.Action
	for _, e := range h.store.rooms[acme].events {
		actions = append(actions, e.Action)
		assert.Equal(t, activity.Subject{Kind: "ClientCredential", ID: made.ClientID}, e.Subject)
		assert.Equal(t, operator, e.Actor)
		assert.NotEmpty(t, e.Changes)
	}
	assert.Equal(t, []activity.Action{activity.Created, activity.Rotated, activity.Revoked}, actions)
}

func TestWithoutItsLineInTheJournalNothingIsChanged(t *testing.T) {
	t.Parallel()
	h := open(t)
	made := h.create(t)
	before := h.stored(made)
	h.store.faults["Activity.Record"] = fault.Wrap(fault.Unavailable, errors.New("disk full"))
	_, err := h.Create(t.Context(), acme, "Second", 2, operator)
	require.ErrorIs(t, err, fault.Unavailable)
	_, err = h.Rotate(t.Context(), acme, made.ClientID, 2, 0, operator)
	require.ErrorIs(t, err, fault.Unavailable)
	require.ErrorIs(t, h.Revoke(t.Context(), acme, made.ClientID, operator), fault.Unavailable)
	assert.Equal(t, before, h.stored(made))
	all, err := h.List(t.Context(), acme)
	require.NoError(t, err)
	assert.Len(t, all.Credentials, 1)
	assert.Equal(t, h.now, all.At)
}
