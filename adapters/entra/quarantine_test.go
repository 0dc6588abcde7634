package entra_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/extraordinary/provisioning/adapters/entra"
)

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
