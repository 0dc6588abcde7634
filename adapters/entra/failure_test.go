package entra_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/extraordinary/provisioning/adapters/entra"
)

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
