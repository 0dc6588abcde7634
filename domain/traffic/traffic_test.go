package traffic_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/traffic"
	"github.com/extraordinary/provisioning/domain/tree"
)

var now = time.Date(2026, 11, 26, 14, 3, 0, 0, time.UTC)

func TestTheLogHidesPhonesAddressesAndMailsAndShowsWhatItIsAbout(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		`{"userName":"mia@x.nz","externalId":"004711"}`:                                            `{"userName":"mia@x.nz","externalId":"004711"}`,
		`{"phoneNumbers":[{"type":"mobile","value":"+64 21 555 0189"}]}`:                           `{"phoneNumbers":[{"type":"mobile","value":"+•• •• ••• ••89"}]}`,
		`{"PHONENUMBERS":[{"value":"1"}]}`:                                                         `{"PHONENUMBERS":[{"value":"•"}]}`,
		`{"emails":[{"value":"a.b@c.nz","primary":true}]}`:                                         `{"emails":[{"value":"•.•@•.nz","primary":true}]}`,
		`{"addresses":[{"formatted":"1 Main St","country":"NZ"}]}`:                                 `{"addresses":[{"formatted":"• •••• St","country":"••"}]}`,
		`{"urn:ietf:params:scim:schemas:core:2.0:User:emails":[{"value":"secret"}]}`:               `{"urn:ietf:params:scim:schemas:core:2.0:User:emails":[{"value":"••••••"}]}`,
		`{"Operations":[{"op":"replace","path":"emails[type eq \"work\"].value","value":"x@y"}]}`:  `{"Operations":[{"op":"replace","path":"emails[type eq \"work\"].value","value":"•@•"}]}`,
		`{"Operations":[{"op":"remove","path":"phoneNumbers[value eq \"021555\"]"}]}`:              `{"Operations":[{"op":"remove","path":"phoneNumbers[value eq \"••••••\"]"}]}`,
		`{"Operations":[{"op":"add","value":{"phoneNumbers":[{"value":"021"}],"title":"Clerk"}}]}`: `{"Operations":[{"op":"add","value":{"phoneNumbers":[{"value":"•••"}],"title":"Clerk"}}]}`,
		`{"password":"hunter2","title":"Clerk"}`:                                                   `{"password":"•••••r2","title":"Clerk"}`,
	} {
		v, err := tree.Parse([]byte(sent))
		require.NoError(t, err)
		assert.Equal(t, want, string(tree.Append(nil, traffic.Redact(v))))
		again, err := tree.Parse([]byte(sent))
		require.NoError(t, err)
		assert.True(t, tree.Equal(v, again), "what was sent stays as it is")
	}
}

func FuzzNoRequestIsTooOddForTheLog(f *testing.F) {
	for _, seed := range []string{
		`{"schemas":["x"],"userName":"mia","externalId":"1"}`, `{"Operations":[{"op":"Replace","path":"active","value":"False"}]}`,
		`{"Operations":[{"op":"Add","path":"members","value":[{"value":"1"}]}]}`, `{"Operations":[7,{"path":{}},null]}`, `[]`, `null`, ``, `{"Operations":{}}`,
		`{"emails":"x","phoneNumbers":{"value":{"value":"1"}}}`,
	} {
		f.Add(seed, seed, "PATCH", "/Users/{id}", "/Users/1", `userName eq "x"`, 200)
		f.Add(seed, `{"detail":"x","scimType":"uniqueness","totalResults":0}`, "POST", "/Groups", "/Groups", `externalId eq "\"`, 409)
	}
	f.Fuzz(func(t *testing.T, sent, answered, method, route, path, filter string, status int) {
		e := traffic.Diagnose(traffic.Raw{
			At: now, Method: method, Route: route, Path: path, Filter: filter, Status: status, Request: []byte(sent), Response: []byte(answered),
		})
		if e.Sentence() == "" || e.Outcome == "" || e.About == "" || e.Act == "" {
			t.Errorf("%+v", e)
		}
		if e.Outcome == traffic.Refused && e.Code().Words().Title == "" {
			t.Errorf("%s has no words", e.Code())
		}
	})
}

func exchange(at time.Duration, change ...func(*traffic.Exchange)) traffic.Exchange {
	e := traffic.Exchange{At: now.Add(at), About: traffic.Person, Act: traffic.Changed, Status: 200, Outcome: traffic.Done, Count: 1}
	for _, c := range change {
		c(&e)
	}
	return e
}

func token(e *traffic.Exchange) { e.Act, e.About, e.KeyID = traffic.Token, traffic.Connection, "key" }

func refused(e *traffic.Exchange) {
	e.Outcome, e.Status, e.Codes = traffic.Refused, 401, []traffic.Code{traffic.SecretWrong}
}

func TestACycleBeginsAfterTenQuietMinutes(t *testing.T) {
	t.Parallel()
	var s traffic.State
	for _, minute := range []int{0, 5, 14, 40, 41, 80} {
		s.Note(exchange(time.Duration(minute) * time.Minute))
	}
	require.Len(t, s.Starts, 3)
	assert.Equal(t, 40*time.Minute, s.Rhythm())
	assert.Equal(t, 3, s.Regular())
	assert.Equal(t, traffic.Cycle{Start: now.Add(40 * time.Minute), Requests: 2, Changes: 2}, s.Last)
	s.Note(exchange(100 * time.Minute))
	s.Note(exchange(200 * time.Minute))
	assert.Equal(t, 1, s.Regular(), "a cycle was left out")
}

func TestTheStandingIsTheFirstThatHolds(t *testing.T) {
	t.Parallel()
	noted := func(all ...traffic.Exchange) (s traffic.State) {
		for _, e := range all {
			s.Note(e)
		}
		return s
	}
	three := []traffic.Exchange{exchange(0), exchange(40 * time.Minute), exchange(80 * time.Minute)}
	failing := func(e *traffic.Exchange) { e.Outcome, e.Status = traffic.Refused, 400 }
	for want, c := range map[traffic.Standing]struct {
		state               traffic.State
		credentials, paused bool
		after               time.Duration
	}{
		traffic.NotSetUp:  {noted(), false, true, 0},
		traffic.OnPause:   {noted(exchange(0, token), exchange(time.Minute, token, refused)), true, true, 0},
		traffic.Rejected:  {noted(exchange(0, token), exchange(time.Minute, token, refused)), true, false, 0},
		traffic.Failing:   {noted(exchange(0), exchange(0, failing), exchange(0, failing)), true, false, 0},
		traffic.Overdue:   {noted(three...), true, false, 81*time.Minute + 2*time.Hour},
		traffic.Waiting:   {noted(exchange(0, token)), true, false, 0},
		traffic.Connected: {noted(three...), true, false, 90 * time.Minute},
	} {
		assert.Equal(t, want, c.state.Judge(c.credentials, c.paused, now.Add(c.after)), want)
	}
}

func TestWhatShowsOverManyRequestsIsWatched(t *testing.T) {
	t.Parallel()
	codes := func(s traffic.State, after time.Duration) (all []traffic.Code) {
		for _, p := range s.Watch(now.Add(after)) {
			all = append(all, p.Code)
		}
		return all
	}
	var s traffic.State
	for _, minute := range []int{0, 40, 80} {
		s.Note(exchange(time.Duration(minute) * time.Minute))
	}
	assert.Empty(t, codes(s, 2*time.Hour))
	assert.Equal(t, []traffic.Code{traffic.Late}, codes(s, 81*time.Minute+2*time.Hour))
	s.Note(exchange(90*time.Minute, token, refused))
	assert.Empty(t, codes(s, 2*time.Hour))
	s.Note(exchange(150*time.Minute, token, refused))
	assert.Equal(t, []traffic.Code{traffic.QuarantineLikely}, codes(s, 151*time.Minute), "every token was refused for an hour")
	s.Note(exchange(152*time.Minute, token))
	assert.Empty(t, codes(s, 153*time.Minute))
	s.People = 20
	assert.Equal(t, []traffic.Code{traffic.ActiveNotMapped}, codes(s, 153*time.Minute))
	s.WithActive = 1
	assert.Empty(t, codes(s, 153*time.Minute))
}

func TestTokensAreCountedByTheSecretForAWeek(t *testing.T) {
	t.Parallel()
	var s traffic.State
	for day := range 10 {
		s.Note(exchange(time.Duration(day)*24*time.Hour, token))
	}
	assert.Equal(t, 7, s.Tokens("key", now.AddDate(0, 0, 9)))
	assert.Zero(t, s.Tokens("key", now.AddDate(0, 0, 30)))
	assert.Zero(t, s.Tokens("another", now))
	assert.Len(t, s.Seen["key"].Days, 7, "what is older is forgotten")
}

func TestAMaskKeepsTheLengthAndTheKinds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "a": "•", "ab-12": "••-••", "+64 21 555 0189": "+•• •• ••• ••89", "Żółć": "••••"} {
		assert.Equal(t, want, traffic.Mask(text))
		assert.Equal(t, len([]rune(text)), len([]rune(traffic.Mask(text))))
	}
	assert.False(t, strings.Contains(traffic.Mask("0215550189"), "555"))
}
