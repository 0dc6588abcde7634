package portal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/traffic"
	"github.com/extraordinary/provisioning/ports"
)

// client is an identity provider with a credential of Kererū's.
type client struct {
	w                 *world
	id, secret, token string
}

// connect generates a credential and fetches a token with it.
func (w *world) connect() *client {
	w.t.Helper()
	secret, shown := w.generate("lead")
	c := &client{w: w, id: regexp.MustCompile(`c_[0-9A-Za-z]{22}_[0-9A-Za-z]{10}`).FindString(shown.body), secret: secret}
	require.Equal(w.t, http.StatusOK, c.fetch(c.id, c.secret, ""))
	return c
}

// fetch asks for a token and gives the status.
func (c *client) fetch(id, secret, scope string) int {
	c.w.t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
	if scope != "" {
		form.Set("scope", scope)
	}
	got := c.w.ask("", http.MethodPost, "/oauth2/token", form)
	var granted struct {
		AccessToken string `json:"access_token"`
	}
	if json.Unmarshal([]byte(got.body), &granted) == nil && granted.AccessToken != "" {
		c.token = granted.AccessToken
	}
	return got.StatusCode
}

// call sends a SCIM request.
func (c *client) call(method, path, body string) answer {
	c.w.t.Helper()
	return c.w.ask("", method, "/scim/v2"+path, nil, func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+c.token)
		r.Header.Set("client-request-id", "entra-1")
		if body != "" {
			r.Header.Set("Content-Type", "application/scim+json")
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		}
	})
}

func (c *client) create(userName, rest string) (id string) {
	c.w.t.Helper()
	got := c.call(http.MethodPost, "/Users", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q%s}`, userName, rest))
	require.Equal(c.w.t, http.StatusCreated, got.StatusCode, got.body)
	var made struct{ ID string }
	require.NoError(c.w.t, json.Unmarshal([]byte(got.body), &made))
	return made.ID
}

const whole = `,"externalId":"004711","displayName":"Tom Reed","active":true,"name":{"givenName":"Tom","familyName":"Reed"},` +
	`"phoneNumbers":[{"type":"mobile","value":"+64 21 555 0189"}],"emails":[{"type":"work","value":"t.reed@private.example"}]`

func patch(operations string) string {
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + operations + `]}`
}

// Each code that one request can bring about is brought about here, through the whole server, and read in the log.
func TestEveryProblemOfARequestIsExplainedInTheLog(t *testing.T) {
	t.Parallel()
	for code, provoke := range map[traffic.Code]func(c *client){
		traffic.SecretWrong:   func(c *client) { c.fetch(c.id, "a secret of another kind", "") },
		traffic.SecretCutOff:  func(c *client) { c.fetch(c.id, c.secret[:60], "") },
		traffic.SecretNotSent: func(c *client) { c.fetch(c.id, "", "") },
		traffic.ClientUnknown: func(c *client) { c.fetch(c.id[:len(c.id)-10]+"0000000000", c.secret, "") },
		traffic.SecretEnded: func(c *client) {
			c.w.clock.advance(3 * 365 * 24 * time.Hour)
			c.fetch(c.id, c.secret, "")
			c.w.clock.advance(-3 * 365 * 24 * time.Hour)
		},
		traffic.ScopeUnknown: func(c *client) { c.fetch(c.id, c.secret, "user.read") },
		traffic.AddressWrong: func(c *client) { c.call(http.MethodGet, "/scim/Users", "") },
		traffic.UserNameTaken: func(c *client) {
			c.create("tom@kereru.example", whole)
			c.call(http.MethodPost, "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"TOM@kereru.example"}`)
		},
		traffic.GroupTaken: func(c *client) {
			for range 2 {
				c.call(http.MethodPost, "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Finance"}`)
			}
		},
		traffic.ValueRefused: func(c *client) {
			c.call(http.MethodPatch, "/Users/"+c.create("tom@kereru.example", whole), patch(`{"op":"replace","path":"active","value":"maybe"}`))
		},
		traffic.FilterRefused: func(c *client) { c.call(http.MethodGet, "/Users?filter="+url.QueryEscape(`password eq "x"`), "") },
		traffic.PersonGone: func(c *client) {
			c.call(http.MethodPatch, "/Users/0190a000-0000-7000-8000-0000000000ff", patch(`{"op":"replace","path":"title","value":"x"}`))
		},
		traffic.MemberUnknown: func(c *client) {
			c.call(http.MethodPost, "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Finance","members":[{"value":"0190a000-0000-7000-8000-0000000000ff"}]}`)
		},
		traffic.Paused: func(c *client) {
			require.NoError(c.w.t, c.w.traffic.Pause(c.w.t.Context(), kereru, activity.Actor{Kind: activity.Member, ID: "mia"}, "new HR system"))
			got := c.call(http.MethodGet, "/Users", "")
			assert.Equal(c.w.t, http.StatusServiceUnavailable, got.StatusCode)
			assert.NotEmpty(c.w.t, got.Header.Get("Retry-After"))
			assert.Contains(c.w.t, got.body, "Paused by your organisation")
		},
		traffic.NotKept:   func(c *client) { c.create("tom@kereru.example", whole+`,"costCentre":"7"`) },
		traffic.IDMissing: func(c *client) { c.create("tom@kereru.example", `,"displayName":"Tom Reed"`) },
		traffic.IDDouble:  func(c *client) { c.create("tom@kereru.example", whole); c.create("tim@kereru.example", whole) },
		traffic.IDLong:    func(c *client) { c.create("tom@kereru.example", `,"externalId":"1234567890123"`) },
		traffic.IDIsObjectID: func(c *client) {
			c.create("tom@kereru.example", `,"externalId":"0ea6a1d3-7b1c-4a7c-9d2f-1f7e5a0c9b11"`)
		},
		traffic.IDIsAlias: func(c *client) { c.create("tom.reed@kereru.example", `,"externalId":"Tom.Reed"`) },
		traffic.IDIsEmail: func(c *client) { c.create("tom@kereru.example", `,"externalId":"t.r@kereru.example"`) },
		traffic.IDChanged: func(c *client) {
			c.call(http.MethodPatch, "/Users/"+c.create("tom@kereru.example", whole), patch(`{"op":"replace","path":"externalId","value":"104711"}`))
		},
		traffic.EmailNoType: func(c *client) {
			c.create("tom@kereru.example", `,"externalId":"1","emails":[{"value":"x@kereru.example"}]`)
		},
	} {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			provoke(w.connect())
			w.recorded()
			list := w.get("lead", "/settings/scim/log?problem="+string(code))
			list.shows(t, http.StatusOK, code.Words().Title)
			link := regexp.MustCompile(`/settings/scim/log/[0-9a-f-]{36}`).FindString(list.body)
			require.NotEmpty(t, link, "nothing of it in the log: %s", list.body)
			page := w.get("lead", link)
			page.shows(t, http.StatusOK, "What to change in Entra", "Copy for support")
			assert.NotContains(t, page.body, "{detail}")
			assert.NotContains(t, page.body, "{name}")
			for _, hidden := range []string{"+64 21 555 0189", "t.reed@private.example", "sat_", "Bearer"} {
				assert.NotContains(t, page.body, hidden)
			}
			w.get("stranger's lead", link).shows(t, http.StatusNotFound)
			assert.NotContains(t, w.get("stranger's lead", "/settings/scim/log").body, "/settings/scim/log/0")
		})
	}
}

func TestARowOfTheLogTellsWhatIsKnownNowOfWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.connect()
	tim := c.create("tim@kereru.example", `,"displayName":"Tim Reed","externalId":"004711"`)
	w.clock.advance(24 * time.Hour)
	w.member(kereru, "later lead", []access.Role{access.Lead})
	require.Equal(t, http.StatusOK, c.fetch(c.id, c.secret, ""))
	c.call(http.MethodPatch, "/Users/"+tim, patch(`{"op":"replace","path":"active","value":false}`))
	c.call(http.MethodPost, "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"TIM@kereru.example"}`)
	c.create("tom@kereru.example", whole)
	for range 2 {
		c.call(http.MethodPost, "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Finance"}`)
	}
	mere := c.create("mere@kereru.example", "")
	c.call(http.MethodDelete, "/Users/"+mere, "")
	c.call(http.MethodPatch, "/Users/"+mere, patch(`{"op":"replace","path":"title","value":"x"}`))
	w.post("later lead", "/settings/scim/pause", url.Values{"reason": {"New HR system"}}).leads(t, "/settings/scim")
	c.call(http.MethodGet, "/Users", "")
	w.post("later lead", "/settings/scim/secrets/"+c.secret[4:12]+"/revoke", url.Values{"typed": {"Entra"}, "tokens": {"keep"}}).leads(t, "/settings/scim")
	c.fetch(c.id, c.secret, "")
	w.recorded()
	for code, words := range map[traffic.Code]string{
		traffic.UserNameTaken: `<a href="/people/` + tim + `">Tim Reed</a> has it, and was first provisioned on 26 Nov 2026, switched off since 27 Nov 2026.`,
		traffic.IDDouble:      `<a href="/people/` + tim + `">Tim Reed</a> has it`,
		traffic.GroupTaken:    `">Finance</a> has it, and was first provisioned on 27 Nov 2026.`,
		traffic.PersonGone:    `It was erased here on 27 Nov 2026.`,
		traffic.Paused:        `Mia Chen paused provisioning on 27 Nov 2026 at 14:03: New HR system`,
		traffic.SecretEnded:   `Mia Chen revoked it on 27 Nov 2026.`,
	} {
		list := w.get("later lead", "/settings/scim/log?problem="+string(code))
		link := regexp.MustCompile(`/settings/scim/log/[0-9a-f-]{36}`).FindString(list.body)
		require.NotEmpty(t, link, "%s: %s", code, list.body)
		page := w.get("later lead", link)
		page.shows(t, http.StatusOK, words)
		assert.NotContains(t, page.body, "Tom Reed</a> has it", "%s: whose row it is, is no other", code)
	}
	w.post("later lead", "/settings/scim/resume", nil)
	require.Equal(t, http.StatusNoContent, c.call(http.MethodDelete, "/Users/"+tim, "").StatusCode)
	w.recorded()
	for _, code := range []traffic.Code{traffic.UserNameTaken, traffic.IDDouble} {
		link := regexp.MustCompile(`/settings/scim/log/[0-9a-f-]{36}`).FindString(w.get("later lead", "/settings/scim/log?problem="+string(code)).body)
		assert.NotContains(t, w.get("later lead", link).body, "Tim Reed", "%s: nobody's row outlives them in another's", code)
	}
}

func TestAFloodIsOneRowAMinute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.connect()
	w.limited.Store(true)
	for n := range 60 {
		c.call(http.MethodGet, "/Users/"+newID(), "")
		if n == 29 {
			w.recorded()
		}
	}
	w.limited.Store(false)
	w.recorded()
	page := w.get("lead", "/settings/scim/log?problem=too-many")
	page.shows(t, http.StatusOK, "× 60")
	assert.Equal(t, 1, len(regexp.MustCompile(`<td role="cell" data-label="Time">`).FindAllString(page.body, -1)))
}

func TestEveryCodeHasItsWordsAndARemedy(t *testing.T) {
	t.Parallel()
	for _, c := range traffic.Codes {
		words := c.Words()
		assert.NotEmpty(t, words.Title, c)
		assert.True(t, strings.HasSuffix(words.Sentence, "."), c)
		assert.NotEmpty(t, words.Remedy, c)
		for _, step := range words.Remedy {
			assert.Zero(t, strings.Count(step, "*")%2, "%s: %s", c, step)
		}
	}
}

func TestTheCheckListIsTickedByTrafficAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticks := func() int {
		w.recorded()
		page := w.get("lead", "/settings/scim/checklist")
		page.shows(t, http.StatusOK, "Check-list")
		return strings.Count(page.body, `class="step done"`)
	}
	assert.Zero(t, ticks())
	c := w.connect()
	assert.Equal(t, 2, ticks(), "credentials and a token")
	c.call(http.MethodGet, "/Users?filter="+url.QueryEscape(`userName eq "0ea6a1d3-7b1c-4a7c-9d2f-1f7e5a0c9b11"`), "")
	assert.Equal(t, 3, ticks(), "a test of the connection")
	c.create("tom@kereru.example", whole)
	assert.Equal(t, 5, ticks(), "a person, and all have an Employee ID")
	c.call(http.MethodPost, "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Finance"}`)
	assert.Equal(t, 6, ticks())
	for range 2 {
		for range 2 { // somebody looks on
			w.clock.advance(20 * time.Minute)
			w.get("lead", "/settings/scim")
		}
		c.fetch(c.id, c.secret, "")
		c.call(http.MethodGet, "/Users?filter="+url.QueryEscape(`userName eq "tom@kereru.example"`), "")
		w.recorded()
	}
	assert.Equal(t, 7, ticks(), "three starts, 40 minutes apart")
	w.get("lead", "/settings/scim").shows(t, http.StatusOK, "from 1 of 1 person")
}

func TestALookUpIsFoldedAwayAndAStrangersRefusalsAreOneRowAMinute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.connect()
	for range 5 {
		c.call(http.MethodGet, "/Users?filter="+url.QueryEscape(`userName eq "nobody@kereru.example"`), "")
		c.fetch(c.id, "wrong", "")
	}
	w.recorded()
	page := w.get("lead", "/settings/scim/log")
	page.shows(t, http.StatusOK, "Token × 5")
	assert.NotContains(t, page.body, "nobody@kereru.example")
	w.get("lead", "/settings/scim/log?reads=yes").shows(t, http.StatusOK, "Entra looked for nobody@kereru.example.")
	w.get("lead", "/settings/scim/log?q=zzz").shows(t, http.StatusOK, "No request matches", "Clear filters")
}

func TestTheDaysBarsSayWhichHourWasBusiest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect()
	w.recorded()
	w.get("lead", "/settings/scim/log").shows(t, http.StatusOK, "1 request in 24 hours, 0 % refused, busiest at 14:00.")
}

func TestTheLogIsFilteredByTheSecretThatWasShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.connect()
	c.create("tom@kereru.example", whole)
	renewed, _ := w.generate("lead")
	require.Equal(t, http.StatusOK, c.fetch(c.id, renewed, ""))
	c.create("mere@kereru.example", "")
	w.recorded()
	rows := func(secret string) string {
		page := w.get("lead", "/settings/scim/log?secret="+secret[4:12])
		page.shows(t, http.StatusOK, `<option value="`+secret[4:12]+`" selected>Entra scs_`+secret[4:12]+`…</option>`)
		return page.body
	}
	assert.Contains(t, rows(c.secret), "Tom Reed")
	assert.NotContains(t, rows(c.secret), "mere@kereru.example")
	assert.Contains(t, rows(renewed), "mere@kereru.example")
	assert.NotContains(t, rows(renewed), "Tom Reed")
}

func TestTheLogIsExportedWithoutFormulas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.connect()
	c.create("tom@kereru.example", `,"externalId":"7","displayName":"=HYPERLINK(\"http://evil\")"`)
	w.recorded()
	file := w.get("lead", "/settings/scim/log.csv")
	file.shows(t, http.StatusOK, "time,person or group", `'=HYPERLINK`)
	assert.Contains(t, file.Header.Get("Content-Disposition"), "attachment")
}

func TestALongLogIsExportedWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const rows = ports.CountedTo + 1
	all := make([]traffic.Exchange, rows)
	for i := range all {
		all[i] = traffic.Exchange{ID: newID(), At: w.clock.Now(), About: traffic.Person, Act: traffic.Changed, Outcome: traffic.Done, Name: fmt.Sprint("person ", i), Count: 1}
	}
	require.NoError(t, w.store.Within(t.Context(), kereru, func(ctx context.Context, tx ports.Tx) error {
		for ; len(all) > 0; all = all[min(500, len(all)):] {
			if err := tx.Traffic().Add(ctx, all[:min(500, len(all))]); err != nil {
				return err
			}
		}
		return nil
	}))
	file := w.get("lead", "/settings/scim/log.csv")
	file.shows(t, http.StatusOK, "person 0,", "person 10000,")
	assert.Equal(t, rows+1, strings.Count(file.body, "\n"))
	const narrow = "More than 10,000 requests match. Narrow the time to find one"
	w.get("lead", "/settings/scim/log").shows(t, http.StatusOK, narrow)
	assert.NotContains(t, w.get("lead", "/settings/scim/log?q=person+1").body, narrow)
}

func TestWhoIsErasedIsErasedFromTheLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.connect()
	id := c.create("tom@kereru.example", whole)
	w.recorded()
	w.get("lead", "/settings/scim/log").shows(t, http.StatusOK, "Tom Reed")
	c.call(http.MethodDelete, "/Users/"+id, "")
	w.recorded()
	page := w.get("lead", "/settings/scim/log")
	assert.NotContains(t, page.body, "Tom Reed")
	page.shows(t, http.StatusOK, "Somebody was deleted.")
}

func TestTheLogFollowsWithoutMovingItsRows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.connect()
	c.create("tom@kereru.example", whole)
	w.recorded()
	page := w.get("lead", "/settings/scim/log?follow=yes")
	since := regexp.MustCompile(`since=([0-9a-f-]{36})`).FindStringSubmatch(page.body)
	require.NotNil(t, since, page.body)
	c.create("tim@kereru.example", `,"externalId":"8"`)
	w.recorded()
	w.get("lead", "/settings/scim/log?follow=yes&since="+since[1]).shows(t, http.StatusOK, "1 new request – Show")
}

func TestAnOldSecretIsSafeToRevokeOnceTrafficShowsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.connect()
	w.clock.advance(time.Minute)
	renewed, _ := w.generate("lead")
	w.recorded()
	w.get("lead", "/settings/scim").shows(t, http.StatusOK, "Entra still uses the old secret (last 26 Nov, 14:03).")
	w.clock.advance(10 * time.Minute)
	require.Equal(t, http.StatusOK, c.fetch(c.id, renewed, ""))
	w.recorded()
	w.get("lead", "/settings/scim").shows(t, http.StatusOK, "Wait a while before you revoke the old one")
	w.clock.advance(20 * time.Minute)
	w.get("lead", "/settings/scim")
	for range 6 { // keep the session
		w.clock.advance(20 * time.Minute)
		w.get("lead", "/settings/scim")
	}
	w.get("lead", "/settings/scim").shows(t, http.StatusOK, "Safe to revoke scs_")
}

func TestPausingSaysWhyAndWhoAndIsTakenBackInOneClick(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.connect()
	w.get("lead", "/settings/scim/pause").shows(t, http.StatusOK, "Better: pause in Entra")
	w.post("lead", "/settings/scim/pause", url.Values{"reason": {""}}).shows(t, http.StatusUnprocessableEntity, "There is a problem")
	w.post("lead", "/settings/scim/pause", url.Values{"reason": {"New HR system"}}).leads(t, "/settings/scim")
	assert.Equal(t, http.StatusServiceUnavailable, c.call(http.MethodGet, "/Users", "").StatusCode)
	w.get("owner", "/settings/scim").shows(t, http.StatusOK, "Provisioning is paused", "New HR system", "by Mia Chen")
	w.post("lead", "/settings/scim/resume", nil).leads(t, "/settings/scim")
	assert.Equal(t, http.StatusOK, c.call(http.MethodGet, "/Users", "").StatusCode)
}

func TestWhatNoSingleRequestShowsStandsAmongTheProblems(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.connect()
	for n := range 5 {
		c.create(fmt.Sprintf("p%d@kereru.example", n), `,"active":true`)
	}
	c.call(http.MethodPost, "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Empty"}`)
	w.recorded()
	w.get("lead", "/settings/scim/log").shows(t, http.StatusOK, "problem=mobile-not-mapped")
	for cycle := range 3 {
		for range 2 { // somebody looks on
			w.clock.advance(20 * time.Minute)
			w.get("lead", "/settings/scim")
		}
		c.fetch(c.id, c.secret, "")
		c.call(http.MethodGet, "/Users?filter="+url.QueryEscape(fmt.Sprintf(`externalId eq "%d"`, cycle)), "")
		w.recorded()
	}
	page := w.get("lead", "/settings/scim/log")
	page.shows(t, http.StatusOK, "problem=matching-by-id", "problem=group-empty")
	c.create("x@kereru.example", whole)
	w.recorded()
	assert.NotContains(t, w.get("lead", "/settings/scim/log").body, "problem=mobile-not-mapped", "one has a mobile number")
}

func TestAnIDThatNearlyIsAnothersStandsAmongTheProblems(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.connect()
	c.create("tom@kereru.example", `,"externalId":"AB 12"`)
	c.create("tim@kereru.example", `,"externalId":"ab12"`)
	w.recorded()
	w.get("lead", "/settings/scim/log").shows(t, http.StatusOK, "Employee ID nearly shared", `href="/people/ids"`)
}

func TestOurOwnFaultsAndLimitsStandInTheLogAsWhatTheyAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.connect()
	w.failing.Store(true)
	assert.Equal(t, http.StatusServiceUnavailable, c.call(http.MethodGet, "/Users", "").StatusCode)
	w.failing.Store(false)
	w.limited.Store(true)
	assert.Equal(t, http.StatusTooManyRequests, c.call(http.MethodGet, "/Users", "").StatusCode)
	w.limited.Store(false)
	w.recorded()
	for code, words := range map[traffic.Code]string{traffic.OurFault: "It is our fault; Entra tries again by itself.", traffic.TooMany: "was asked to slow down. Nothing is lost."} {
		w.get("lead", "/settings/scim/log?problem="+string(code)).shows(t, http.StatusOK, words)
	}
}
