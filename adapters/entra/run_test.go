package entra_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/extraordinary/provisioning/adapters/entra"
)

// clock moves by a millisecond whenever it is read, and by what is waited.
type clock struct {
	mu     sync.Mutex
	time   time.Time
	waited []time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time = c.time.Add(time.Millisecond)
	return c.time
}

func (c *clock) wait(_ context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time = c.time.Add(d)
	c.waited = append(c.waited, d)
	return nil
}

func job(s *server, people, cycles int) entra.Job {
	c := &clock{time: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)}
	return entra.Job{
		TenantURL: s.URL + "/scim/v2", TokenEndpoint: s.URL + "/oauth2/token",
		ClientID: "client", ClientSecret: "s/cret",
		People: entra.InventPeople(people, 7), Groups: 4, MembersPerGroup: 7, Cycles: cycles, Seed: 7,
		Concurrency: 4, Now: c.now, Wait: c.wait, HTTP: s.Client(),
	}
}

func run(t *testing.T, j entra.Job) entra.Report {
	t.Helper()
	report, err := entra.Run(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestAJobProvisionsEverybodyInEitherDialect(t *testing.T) {
	t.Parallel()
	for _, dialect := range []entra.Dialect{entra.DialectDefault, entra.DialectOptscim} {
		for _, cycles := range []int{1, 2, 4} {
			t.Run(fmt.Sprintf("%s, %d cycles", dialect, cycles), func(t *testing.T) {
				t.Parallel()
				s := newServer(t)
				j := job(s, 40, cycles)
				j.Dialect = dialect
				report := run(t, j)

				if report.FailureCount+report.DifferenceCount+report.Errors != 0 {
					t.Errorf("the report has failures %v, differences %v, %d errors", report.Failures, report.Differences, report.Errors)
				}
				want := entra.PeopleFigures{Active: 40}
				if cycles > 1 { // in each cycle three leave; of all who have left, one returns and one is deleted
					want.Deleted = cycles - 1
					want.Disabled = cycles - 1
					want.Active = 40 - want.Deleted - want.Disabled
				}
				if report.People != want {
					t.Errorf("people are %+v, want %+v", report.People, want)
				}
				users, disabled := s.resources["Users"], 0
				for _, u := range users {
					if u["active"] == false {
						disabled++
					}
				}
				if len(users) != want.Active+want.Disabled || disabled != want.Disabled {
					t.Errorf("the server has %d users, %d disabled; the report says %+v", len(users), disabled, want)
				}
				memberships := 0
				for _, g := range s.resources["Groups"] {
					memberships += len(g["members"].([]any))
				}
				if len(s.resources["Groups"]) != 4 || report.Groups != 4 || memberships != report.Memberships || memberships < 4*6 {
					t.Errorf("the server has %d memberships of %d groups; the report says %d of %d", memberships, len(s.resources["Groups"]), report.Memberships, report.Groups)
				}
				if report.Requests != len(s.seen) {
					t.Errorf("%d requests reported, %d arrived", report.Requests, len(s.seen))
				}
			})
		}
	}
}

func TestCredentialsAreSentWhereTheJobSays(t *testing.T) {
	t.Parallel()
	for _, in := range []entra.Location{entra.InHeader, entra.InBody, entra.InBoth} {
		t.Run(string(in), func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.in, s.scope = string(in), "scim.read scim.write"
			j := job(s, 1, 1)
			j.CredentialsIn, j.Scope = in, s.scope
			run(t, j)
			if s.tokens != 1 {
				t.Errorf("%d tokens were fetched", s.tokens)
			}
		})
	}
}

func TestASecondJobFindsWhatTheFirstLeft(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	run(t, job(s, 30, 2))
	users, groups := len(s.resources["Users"]), len(s.resources["Groups"])
	s.seen = nil
	run(t, job(s, 30, 2))
	if got := len(s.sent("POST", "/scim/v2/Groups")); got != 0 {
		t.Errorf("%d groups were created again", got)
	}
	if got := len(s.sent("POST", "/scim/v2/Users")); got != 1 {
		t.Errorf("%d users were created, want only the one that had been deleted", got)
	}
	if len(s.resources["Users"]) != users || len(s.resources["Groups"]) != groups {
		t.Errorf("now %d users and %d groups, before %d and %d", len(s.resources["Users"]), len(s.resources["Groups"]), users, groups)
	}
}

func TestAJobThatFindsEverythingInPlaceChangesNothing(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	run(t, job(s, 12, 1))
	s.seen = nil
	run(t, job(s, 12, 1))
	for _, e := range s.seen {
		if e.method != "GET" && e.path != "/oauth2/token" {
			t.Errorf("it sent %s %s %s", e.method, e.path, e.body)
		}
	}
}

func TestUsersWhoWereThereBeforeGetWhatTheyLack(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	j := one(s, 1)
	for i, p := range j.People {
		id := fmt.Sprintf("u-old-%d", i)
		s.resources["Users"][id] = object{"id": id, "userName": strings.ToUpper(p.UserPrincipalName), "active": false}
	}
	report := run(t, j)
	if report.People.Active != 30 || len(s.sent("POST", "/scim/v2/Users")) != 0 {
		t.Errorf("people are %+v", report.People)
	}
	ops := map[string]bool{}
	for _, op := range s.operations(t, "/scim/v2/Users") {
		ops[fmt.Sprint(op["op"], " ", op["path"])] = true
	}
	// For an element that is not there, Entra sends either.
	for _, want := range []string{"Replace userName", "Replace active", "Add displayName", `Add phoneNumbers[type eq "mobile"].value`, `Replace phoneNumbers[type eq "mobile"].value`} {
		if !ops[want] {
			t.Errorf("%s is not among %v", want, ops)
		}
	}
}

func TestWhoLeavesBeforeCreationIsNeverCreated(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	refusals := 0
	s.before = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		if r.Method == "POST" && r.URL.Path == "/scim/v2/Users" && refusals < 29 { // the initial cycle's; one joins later
			refusals++
			refuse(w, 500, "", "not today")
			return true
		}
		return false
	}
	report := run(t, job(s, 30, 2))
	if want := (entra.PeopleFigures{Active: 27}); report.People != want {
		t.Errorf("people are %+v, want %+v", report.People, want)
	}
}

func TestNamesAreQuotedInFilters(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	j := job(s, 2, 1)
	j.People[0].UserPrincipalName = `o"brien\+&=%20 @contoso.example`
	run(t, j)
	if s.user(j.People[0].UserPrincipalName) == nil {
		t.Error("the name did not arrive")
	}
}

func TestAServerThatIgnoresFiltersIsNotBelieved(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.before = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		if r.Method == "GET" && strings.Contains(r.URL.RawQuery, "contoso") {
			write(w, 200, object{"totalResults": 1, "Resources": []object{{"id": "1", "userName": "somebody@else.example"}}})
			return true
		}
		return false
	}
	if _, err := entra.Run(t.Context(), job(s, 1, 1)); err == nil || !strings.Contains(err.Error(), "does not satisfy the filter") {
		t.Errorf("the error is %v", err)
	}
}

func TestAConnectionThatBreaksIsAFailureWithoutTheQuery(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.before = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		if r.Method == "GET" && strings.Contains(r.URL.RawQuery, "contoso") {
			panic(http.ErrAbortHandler)
		}
		return false
	}
	report, err := entra.Run(t.Context(), job(s, 1, 1))
	if err == nil || report.FailureCount != 1 {
		t.Fatalf("the error is %v, failures are %+v", err, report.Failures)
	}
	if f := report.Failures[0]; f.Status != 0 || f.Path != "/Users?filter=…" || f.Detail == "" || strings.Contains(f.Detail, "contoso") {
		t.Errorf("the failure is %+v", f)
	}
}

func TestEqualSeedsMakeEqualRequests(t *testing.T) {
	t.Parallel()
	var seen [2][]string
	for i := range seen {
		s := newServer(t)
		j := job(s, 25, 3)
		j.Concurrency = 1
		run(t, j)
		for _, e := range s.seen {
			// The $ref of a manager holds the server's address.
			seen[i] = append(seen[i], strings.ReplaceAll(e.method+" "+e.path+"?"+e.query+" "+e.body, s.URL, "http://server"))
		}
	}
	if !slices.Equal(seen[0], seen[1]) {
		t.Error("two jobs of one seed sent different requests")
	}
}

func TestWhoIsDisabledBeforehandIsNeverCreated(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	j := job(s, 8, 2)
	j.People[3].AccountDisabled = true
	report := run(t, j)
	if s.user(j.People[3].UserPrincipalName) != nil || report.People.Active+report.People.Disabled+report.People.Deleted != 7 {
		t.Errorf("somebody who was disabled was provisioned: %+v", report.People)
	}
}
