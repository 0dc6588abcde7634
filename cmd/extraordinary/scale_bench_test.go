package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"
)

// BenchmarkScale tells what size costs: the median of a use where there is much, over the median of the same use where
// there is little, in turns on one server of its own. Users are 100,000 unless the environment says otherwise; a million
// takes a quarter of an hour and 5 GB for each database:
//
//	EXTRAORDINARY_SCALE_USERS=1000000 go test ./cmd/extraordinary -run '^$' -bench Scale -benchtime 1x -timeout 2h
func BenchmarkScale(b *testing.B) {
	for _, on := range []struct {
		name string
		open func(testing.TB) (settings []string, learn func() error)
	}{{"SQLite", embedded}, {"Postgres", learning}} {
		b.Run(on.name, func(b *testing.B) {
			s := newScale(b, on.open)
			s.groups(b)
			s.memory(b)
			s.crowds(b)
			s.walks(b)
			s.memberships(b)
		})
	}
}

// turns is how often each use is timed on either side.
const turns = 50

// use is done for the nth time and tells what it took.
type use func(n int) time.Duration

// compare times two uses in turns.
func compare(b *testing.B, name string, little, much use) {
	b.Run(name, func(b *testing.B) {
		var few, many []time.Duration
		for b.Loop() {
			for n := range turns {
				few, many = append(few, little(n)), append(many, much(n))
			}
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(milliseconds(p50(few)), "little-ms")
		b.ReportMetric(milliseconds(p50(many)), "much-ms")
		b.ReportMetric(float64(p50(many))/float64(p50(few)), "ratio")
	})
}

func p50(took []time.Duration) time.Duration {
	slices.Sort(took)
	return took[len(took)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// call asks and gives the time until the whole answer was there.
func call(b *testing.B, c client, status int, method, path, body string) time.Duration {
	b.Helper()
	_, took := answered(b, c, status, method, path, body)
	return took
}

func answered(b *testing.B, c client, status int, method, path, body string) (string, time.Duration) {
	b.Helper()
	began := time.Now()
	got, answer, err := c.ask(method, path, body)
	took := time.Since(began)
	if err != nil || got != status {
		b.Fatalf("%s %s: status %d, %v: %.500s", method, path, got, err, answer)
	}
	return answer, took
}

func get(b *testing.B, c client, path string) use {
	return func(int) time.Duration { return call(b, c, http.StatusOK, http.MethodGet, path, "") }
}

func patched(operation string) string {
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + operation + `]}`
}

// filtered is the query of a filter.
func filtered(form string, args ...any) string {
	return "?filter=" + url.QueryEscape(fmt.Sprintf(form, args...))
}

// groups compares a group of ten with one of 100,000.
func (s *scale) groups(b *testing.B) {
	change := func(group string, operation func(n int) string) use {
		return func(n int) time.Duration {
			return call(b, s.large, http.StatusNoContent, http.MethodPatch, "/Groups/"+group, patched(operation(n)))
		}
	}
	add := func(int) string {
		return fmt.Sprintf(`{"op":"add","path":"members","value":[{"value":%q}]}`, s.users[groupSize])
	}
	remove := func(int) string {
		return fmt.Sprintf(`{"op":"remove","path":"members[value eq \"%s\"]"}`, s.users[groupSize])
	}
	both := func(name string, of func(group string) use) { compare(b, "members/"+name, of(s.ten), of(s.many)) }

	both("add one", func(group string) use {
		return func(n int) time.Duration {
			took := change(group, add)(n)
			change(group, remove)(n)
			return took
		}
	})
	both("remove one", func(group string) use {
		return func(n int) time.Duration {
			change(group, add)(n)
			return change(group, remove)(n)
		}
	})
	both("check one that is", func(group string) use {
		return get(b, s.large, "/Groups"+filtered(`id eq "%s" and members eq "%s"`, group, s.users[7])+"&attributes=id")
	})
	both("check one that is not", func(group string) use {
		return get(b, s.large, "/Groups"+filtered(`id eq "%s" and members[value eq "%s"]`, group, s.users[groupSize])+"&attributes=id")
	})
	both("rename", func(group string) use {
		return change(group, func(n int) string {
			return fmt.Sprintf(`{"op":"replace","path":"displayName","value":"%s %d"}`, group, n)
		})
	})
	both("read without members", func(group string) use { return get(b, s.large, "/Groups/"+group+"?excludedAttributes=members") })
	both("find without members", func(group string) use {
		return get(b, s.large, "/Groups"+filtered(`id eq "%s"`, group)+"&excludedAttributes=members")
	})
	compare(b, "members/list ten groups without members",
		get(b, s.large, "/Groups?count=10&startIndex=11&excludedAttributes=members"), get(b, s.large, "/Groups?count=10&excludedAttributes=members"))
}

// crowds compares an organisation of a thousand users with the large one.
func (s *scale) crowds(b *testing.B) {
	both := func(name string, of func(c client, n int) time.Duration) {
		compare(b, "users/"+name, func(n int) time.Duration { return of(s.small, n) }, func(n int) time.Duration { return of(s.large, n) })
	}
	match := func(name, form string) {
		both(name, func(c client, n int) time.Duration { return get(b, c, "/Users"+filtered(form, n*19))(n) })
	}
	match("match userName, hit", `userName eq "User%d@example.com"`)
	match("match userName, miss", `userName eq "nobody%d@example.com"`)
	match("match externalId, hit", `externalId eq "E%d"`)
	match("match externalId, miss", `externalId eq "none%d"`)
	match("match e-mail, hit", `emails[type eq "work"].value eq "user%d@example.com"`)
	match("count by a prefix of userName", `userName sw "user%d@"`)
	both("read", func(c client, n int) time.Duration {
		ids := s.few
		if c.token == s.large.token {
			ids = s.users
		}
		return get(b, c, "/Users/"+string(ids[n*len(ids)/turns]))(n)
	})
	both("first page", func(c client, n int) time.Duration { return get(b, c, "/Users?count=100")(n) })
	both("first page by userName", func(c client, n int) time.Duration { return get(b, c, "/Users?count=100&sortBy=userName")(n) })
	both("create", func(c client, n int) time.Duration {
		return call(b, c, http.StatusCreated, http.MethodPost, "/Users", personNamed(fmt.Sprintf("new%d.%s@example.com", n, newID())))
	})
	b.Run("users/count what no index knows", func(b *testing.B) {
		var took time.Duration
		var status int
		for b.Loop() {
			began := time.Now()
			var err error
			status, _, err = s.large.ask(http.MethodGet, "/Users"+filtered(`title co "nobody"`)+"&count=0", "")
			fine(b, err)
			took = time.Since(began)
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(milliseconds(took), "ms")
		b.ReportMetric(float64(status), "status")
	})
	for _, place := range []struct {
		name string
		at   int
	}{{"nine tenths in", len(s.users) / 10 * 9}, {"in the middle", len(s.users) / 2}} {
		// Each turn at another place, since the store may remember where pages ended.
		compare(b, "users/page by index, "+place.name, get(b, s.large, "/Users?count=100"), func(n int) time.Duration {
			return get(b, s.large, fmt.Sprintf("/Users?count=100&startIndex=%d", place.at+1009*(n%7)))(n)
		})
	}
}

// memberships compares users in ten groups with users in a thousand. Those are gone in the end.
func (s *scale) memberships(b *testing.B) {
	both := func(name string, of func(id string, n int) time.Duration) {
		compare(b, "memberships/"+name,
			func(n int) time.Duration { return of(string(s.inTen[n]), n) }, func(n int) time.Duration { return of(string(s.inAll[n]), n) })
	}
	both("read", func(id string, n int) time.Duration { return get(b, s.large, "/Users/"+id)(n) })
	both("read without groups", func(id string, n int) time.Duration {
		return get(b, s.large, "/Users/"+id+"?excludedAttributes=groups")(n)
	})
	both("find", func(id string, n int) time.Duration { return get(b, s.large, "/Users"+filtered(`id eq "%s"`, id))(n) })
	both("find without groups", func(id string, n int) time.Duration {
		return get(b, s.large, "/Users"+filtered(`id eq "%s"`, id)+"&attributes=userName")(n)
	})
	both("patch", func(id string, n int) time.Duration {
		return call(b, s.large, http.StatusOK, http.MethodPatch, "/Users/"+id+"?attributes=title", patched(fmt.Sprintf(`{"op":"replace","path":"title","value":"T %d %s"}`, n, newID())))
	})
	both("delete", func(id string, _ int) time.Duration {
		return call(b, s.large, http.StatusNoContent, http.MethodDelete, "/Users/"+id, "")
	})
}
