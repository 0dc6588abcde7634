package entra_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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

func TestAConflictIsCountedAndRepairedInTheNextCycle(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	conflicts := 0
	s.before = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		if r.Method == "POST" && r.URL.Path == "/scim/v2/Users" && conflicts == 0 {
			conflicts++
			refuse(w, 409, "uniqueness", "userName is taken")
			return true
		}
		return false
	}
	report := run(t, job(s, 6, 2))
	if report.Conflicts != 1 || report.FailureCount != 1 || !report.Failures[0].Repaired {
		t.Fatalf("%d conflicts, failures %+v", report.Conflicts, report.Failures)
	}
	f := report.Failures[0]
	if f.Method != "POST" || f.Path != "/Users" || f.Status != 409 || f.SCIMType != "uniqueness" || f.Detail != "userName is taken" || f.Cycle != 1 {
		t.Errorf("the failure is %+v", f)
	}
}

func TestAFailureThatStaysEndsInAnErrorThatSaysWhich(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	j := job(s, 6, 1)
	unlucky := j.People[2].UserPrincipalName
	s.before = func(w http.ResponseWriter, r *http.Request, body string) bool {
		if r.Method == "POST" && strings.Contains(body, unlucky) {
			refuse(w, 400, "invalidValue", "name.givenName is too long")
			return true
		}
		return false
	}
	report, err := entra.Run(t.Context(), j)
	if err == nil {
		t.Fatal("the job succeeded without everybody")
	}
	for _, part := range []string{unlucky, "absent", "POST /Users answered 400 invalidValue: name.givenName is too long"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %q", part, err)
		}
	}
	if report.People.Active != 5 {
		t.Errorf("the others should have gone on: %+v", report.People)
	}
}

// An answer that Entra does not accept is an error even if its effect is there.
func TestAnUnexpectedStatusIsAFailure(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	j := job(s, 2, 1)
	s.before = func(w http.ResponseWriter, r *http.Request, body string) bool {
		if r.Method == "PATCH" && strings.HasPrefix(r.URL.Path, "/scim/v2/Users") {
			var sent object
			_ = json.Unmarshal([]byte(body), &sent)
			_ = s.patch(s.resources["Users"][strings.TrimPrefix(r.URL.Path, "/scim/v2/Users/")], sent)
			w.WriteHeader(202)
			return true
		}
		return false
	}
	_, err := entra.Run(t.Context(), j)
	failure := (*entra.Failure)(nil)
	if !errors.As(err, &failure) || failure.Status != 202 || failure.Path != "/Users/{id}" {
		t.Errorf("the error is %v", err)
	}
}

func TestADifferenceNamesWhatTheServerHoldsOtherwise(t *testing.T) {
	t.Parallel()
	everybody := func(object) bool { return true }
	for name, c := range map[string]struct {
		spoil  func(s *server, j *entra.Job)
		object string // "" is any
		wants  []string
	}{
		"a member is lost": {
			func(s *server, _ *entra.Job) { s.loses = func(id string) bool { return id == "u-3" } },
			"group",
			[]string{"members", `"u-3"`, "1 missing in all", "GET /Groups/{id}"},
		},
		"a member is too many": {
			func(s *server, _ *entra.Job) {
				s.reads = func(o object) {
					if members, ok := o["members"].([]any); ok {
						o["members"] = append(members, object{"value": "u-stranger"})
					}
				}
			},
			"group",
			[]string{"members", `without "u-stranger"`, "1 too many in all"},
		},
		"a replace is ignored": {
			func(s *server, _ *entra.Job) { s.ignores = func(path string) bool { return path == "name.familyName" } },
			"user",
			[]string{"name.familyName", "Ōtāne"},
		},
		"a disable is ignored": {
			func(s *server, _ *entra.Job) { s.ignores = func(path string) bool { return path == "active" } },
			"user",
			[]string{"active", `expected "False"`},
		},
		"a rename is ignored": {
			func(s *server, _ *entra.Job) { s.ignores = func(path string) bool { return path == "displayName" } },
			"",
			[]string{"displayName"},
		},
		"a manager is ignored": {
			func(s *server, _ *entra.Job) {
				s.ignores = func(path string) bool { return strings.Contains(path, "manager") }
			},
			"user",
			[]string{"manager"},
		},
		"a removal is ignored": {
			func(s *server, j *entra.Job) {
				j.Dialect = entra.DialectOptscim
				s.ignores = func(path string) bool { return strings.HasPrefix(path, "members[") }
			},
			"group",
			[]string{"members", "GET /Groups?filter=id and members"},
		},
		"a PATCH answers with the state before": {
			func(s *server, _ *entra.Job) { s.stale = true },
			"user",
			[]string{"answer to PATCH /Users/{id}"},
		},
		"a read answers with an old value": {
			func(s *server, _ *entra.Job) {
				s.reads = func(o object) {
					if o["id"] == "u-2" {
						o["displayName"] = "Somebody Else"
					}
				}
			},
			"user",
			[]string{"displayName", `"Somebody Else"`},
		},
		"a phone number is tidied": {
			func(s *server, _ *entra.Job) {
				s.reads = func(o object) {
					if phones, ok := o["phoneNumbers"].([]any); ok {
						phones[0].(object)["value"] = strings.ReplaceAll(str(phones[0].(object)["value"]), " ", "")
					}
				}
			},
			"user",
			[]string{`phoneNumbers[type eq "mobile"].value`},
		},
		"a mobile is doubled": {
			func(s *server, _ *entra.Job) {
				s.reads = func(o object) {
					if phones, ok := o["phoneNumbers"].([]any); ok {
						o["phoneNumbers"] = append(phones, object{"type": "mobile", "value": "+1"})
					}
				}
			},
			"user",
			[]string{`phoneNumbers[type eq "mobile"].value`, ", +1"},
		},
		"who is disabled is hidden": {
			func(s *server, _ *entra.Job) { s.hides = func(o object) bool { return o["active"] == false } },
			"user",
			[]string{"found absent", "GET /Users?filter=userName"},
		},
		"who is deleted stays": {
			func(s *server, _ *entra.Job) { s.deaf = true },
			"user",
			[]string{"found present, expected absent", "GET /Users/{id}"},
		},
		"groups are hidden from the filter": {
			func(s *server, j *entra.Job) {
				j.Cycles = 1
				s.hides = func(o object) bool { return everybody(o) && strings.HasPrefix(str(o["id"]), "g-") }
			},
			"group",
			[]string{"found absent", "GET /Groups?filter=displayName"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			j := job(s, 15, 2)
			j.Concurrency = 1
			c.spoil(s, &j)
			report, err := entra.Run(t.Context(), j)
			difference := (*entra.Difference)(nil)
			if !errors.As(err, &difference) {
				t.Fatalf("the error is %v", err)
			}
			if *difference != report.Differences[0] || report.DifferenceCount < len(report.Differences) {
				t.Errorf("%v is not the first of the report's %d differences", difference, report.DifferenceCount)
			}
			if !strings.HasPrefix(difference.Object, c.object) {
				t.Errorf("the object is %s", difference.Object)
			}
			for _, part := range c.wants {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q is not in %q", part, err)
				}
			}
		})
	}
}

func TestWhatEntraWouldQuarantineEndsTheJob(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before func(w http.ResponseWriter, r *http.Request, body string) bool
		secret string
		want   string
	}{
		"a secret that is refused": {secret: "canary-wrong", want: "answered 401 invalid_client: who?"},
		"a probe that is not found": {
			before: func(w http.ResponseWriter, r *http.Request, _ string) bool {
				if r.URL.Path == "/scim/v2/Groups" {
					refuse(w, 404, "", "no groups")
					return true
				}
				return false
			},
			want: "GET /Groups?excludedAttributes=members&filter=… answered 404: no groups",
		},
		"a match that is not found": {
			before: func(w http.ResponseWriter, r *http.Request, _ string) bool {
				if strings.Contains(r.URL.RawQuery, "contoso") {
					refuse(w, 404, "", "no such user")
					return true
				}
				return false
			},
			want: "answered 404: no such user (200 with an empty list is the answer to a filter that matches nothing)",
		},
		"a probe that finds somebody": {
			before: func(w http.ResponseWriter, r *http.Request, _ string) bool {
				if r.URL.Path == "/scim/v2/Users" {
					write(w, 200, object{"totalResults": 1, "Resources": []object{{"id": "1"}}})
					return true
				}
				return false
			},
			want: "must give an empty ListResponse",
		},
		"a page of a browser's": {
			before: func(w http.ResponseWriter, r *http.Request, _ string) bool {
				if strings.HasPrefix(r.URL.Path, "/scim/") {
					fmt.Fprint(w, "<html>sign in</html>")
					return true
				}
				return false
			},
			want: "not the JSON that SCIM prescribes",
		},
		"a new token that is refused": {
			before: func(w http.ResponseWriter, r *http.Request, _ string) bool {
				if strings.HasPrefix(r.URL.Path, "/scim/") {
					refuse(w, 401, "", "")
					return true
				}
				return false
			},
			want: "answered 401 to a token that was just issued",
		},
		"a token of another kind": {
			before: func(w http.ResponseWriter, r *http.Request, _ string) bool {
				if r.URL.Path == "/oauth2/token" {
					fmt.Fprint(w, `{"access_token":"x","token_type":"mac"}`)
					return true
				}
				return false
			},
			want: `the token_type "Bearer"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.before = c.before
			j := job(s, 3, 1)
			if c.secret != "" {
				j.ClientSecret = c.secret
			}
			_, err := entra.Run(t.Context(), j)
			quarantine := (*entra.Quarantine)(nil)
			if !errors.As(err, &quarantine) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v", err)
			}
			if err != nil && strings.Contains(err.Error(), j.ClientSecret) {
				t.Errorf("the secret is in %q", err)
			}
			if len(s.resources["Users"]) != 0 {
				t.Error("somebody was provisioned all the same")
			}
			if c.secret != "" && len(s.seen) != 1 {
				t.Errorf("a wrong secret was tried %d times", len(s.seen))
			}
		})
	}
}

func TestAServerThatIsNotThereIsAnErrorWithoutNames(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	j := job(s, 3, 1)
	s.Close()
	_, err := entra.Run(t.Context(), j)
	if err == nil || !strings.Contains(err.Error(), "connection refused") || strings.Contains(err.Error(), "grant_type") {
		t.Errorf("the error is %v", err)
	}
}

func TestAJobEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.before = func(_ http.ResponseWriter, r *http.Request, _ string) bool {
		if r.Method == "POST" && r.URL.Path == "/scim/v2/Users" {
			cancel()
		}
		return false
	}
	report, err := entra.Run(ctx, job(s, 30, 2))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if report.Requests == 0 || len(report.Cycles) != 1 {
		t.Errorf("the report does not say how far the job came: %+v", report)
	}
}

func TestAJobThatCannotBeRunIsRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for want, spoil := range map[string]func(j *entra.Job){
		"Tenant URL must be an http or https URL": func(j *entra.Job) { j.TenantURL = "scim.example.com" },
		"must not contain credentials":            func(j *entra.Job) { j.TenantURL = "https://me:you@scim.example.com" },
		"token endpoint must be":                  func(j *entra.Job) { j.TokenEndpoint = "ftp://x" },
		"a client secret are needed":              func(j *entra.Job) { j.ClientSecret = "" },
		`not in "cookie"`:                         func(j *entra.Job) { j.CredentialsIn = "cookie" },
		`not "scim1"`:                             func(j *entra.Job) { j.Dialect = "scim1" },
		"nobody to provision":                     func(j *entra.Job) { j.People = nil },
		"at least one cycle":                      func(j *entra.Job) { j.Cycles = 0 },
		"cannot be negative":                      func(j *entra.Job) { j.Groups = -1 },
		"needs a clock":                           func(j *entra.Job) { j.Now = nil },
		"person 2 has no userPrincipalName":       func(j *entra.Job) { j.People[1].UserPrincipalName = " " },
		"of somebody before": func(j *entra.Job) {
			j.People[1].UserPrincipalName = strings.ToUpper(j.People[0].UserPrincipalName)
		},
		"leave out one of them": func(j *entra.Job) { j.TenantURL += "?aadOptscim062020"; j.Dialect = entra.DialectDefault },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			j := job(s, 3, 1)
			spoil(&j)
			if _, err := entra.Run(t.Context(), j); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("the error is %v", err)
			}
		})
	}
	if len(s.seen) != 0 {
		t.Error("something was sent")
	}
}

func TestTheReportCountsAndMeasuresEachStep(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	report := run(t, job(s, 40, 2))
	sum := 0
	names := map[string]entra.Step{}
	for _, step := range report.Steps {
		sum += step.Requests
		names[step.Name] = step
		if step.P50 <= 0 || step.P95 < step.P50 || step.P99 < step.P95 {
			t.Errorf("latencies of %s are %v, %v, %v", step.Name, step.P50, step.P95, step.P99)
		}
	}
	want := []string{
		"add members", "change group", "change user", "check manager", "check member", "create group", "create user", "delete user",
		"disable user", "match group", "match user", "probe", "read back group", "read back manager", "read back user", "read group",
		"read user", "remove members", "restore user", "set manager", "token",
	}
	if got := slices.Sorted(maps.Keys(names)); !slices.Equal(got, want) {
		t.Errorf("steps are %q, want %q", got, want)
	}
	if names["create user"].Requests != 40 || names["create user"].Statuses[201] != 40 || names["delete user"].Requests != 1 || names["probe"].Requests != 12 {
		t.Errorf("steps are %+v", report.Steps)
	}
	cycles := 0
	for _, c := range report.Cycles {
		cycles += c.Requests
	}
	if sum != report.Requests || cycles != report.Requests || report.Seconds <= 0 || report.RequestsPerSecond <= 0 {
		t.Errorf("%d requests in steps, %d in cycles, %d in all, %f s", sum, cycles, report.Requests, report.Seconds)
	}
	var text bytes.Buffer
	if err := report.Print(&text); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"initial cycle", "incremental cycle 2", "read-back", "total", "p99 ms", "create user", "People: 38 active, 1 disabled, 1 deleted. Groups: 4"} {
		if !strings.Contains(text.String(), part) {
			t.Errorf("%q is not in the table:\n%s", part, &text)
		}
	}
	b, err := json.Marshal(report)
	if err != nil || !strings.Contains(string(b), `"p99_ms"`) || !strings.Contains(string(b), `"failures":[]`) {
		t.Errorf("JSON is %s, %v", b, err)
	}
}

func TestProgressIsOneLineThatIsRewritten(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	j := job(s, 60, 2)
	var out bytes.Buffer
	j.Progress = &out
	run(t, j)
	lines := strings.Split(out.String(), "\r\x1b[K")
	if len(lines) < 4 || strings.Contains(out.String(), "\n") || lines[len(lines)-1] != "" {
		t.Fatalf("progress is %q", out.String())
	}
	if !strings.Contains(out.String(), "initial cycle · users ") {
		t.Errorf("progress does not say what is done: %q", lines)
	}
}
