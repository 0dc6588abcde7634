package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/extraordinary/provisioning/adapters/entra"
)

// oneUser is a SCIM server that creates a user at most, and shows it as tell says.
func oneUser(t *testing.T, tell func(user map[string]any)) *httptest.Server {
	t.Helper()
	var mu sync.Mutex
	var user map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		answer := map[string]any{"totalResults": 0}
		id, secret, _ := r.BasicAuth()
		switch {
		case r.URL.Path == "/token" && id == "client" && secret == "canary-secret":
			answer = map[string]any{"access_token": "token", "token_type": "Bearer", "expires_in": 3600}
		case r.Header.Get("Authorization") != "Bearer token":
			w.WriteHeader(http.StatusUnauthorized)
		case r.Method == http.MethodPost:
			_ = json.NewDecoder(r.Body).Decode(&user)
			user["id"] = "1"
			if tell != nil {
				tell(user)
			}
			w.WriteHeader(http.StatusCreated)
			answer = user
		case strings.HasSuffix(r.URL.Path, "/Users/1"):
			answer = user
		case user != nil && strings.Contains(r.URL.RawQuery, "contoso"):
			answer = map[string]any{"totalResults": 1, "Resources": []any{user}}
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	return server
}

// simulate runs the command with the flags that server needs, and more.
func simulate(t *testing.T, server *httptest.Server, more ...string) (out, err string, failure error) {
	t.Helper()
	args := append([]string{"entra", "--tenant-url", server.URL + "/scim", "--token-endpoint", server.URL + "/token", "--client-id", "client"}, more...)
	c := simulateCommand(time.Now)
	c.SilenceErrors, c.SilenceUsage = true, true // as the root command has it
	var stdout, stderr bytes.Buffer
	c.SetOut(&stdout)
	c.SetErr(&stderr)
	c.SetArgs(args)
	failure = c.ExecuteContext(t.Context())
	return stdout.String(), stderr.String(), failure
}

func TestSimulateEntraPrintsWhatItDid(t *testing.T) {
	t.Parallel()
	out, errs, err := simulate(t, oneUser(t, nil), "--client-secret", "canary-secret", "--users", "1", "--groups", "0")
	if err != nil || errs != "" {
		t.Fatalf("%v, standard error %q", err, errs)
	}
	for _, part := range []string{"initial cycle", "read-back", "p99 ms", "create user", "People: 1 active"} {
		if !strings.Contains(out, part) {
			t.Errorf("%q is not in\n%s", part, out)
		}
	}
}

func TestSimulateEntraPrintsOneJSONObject(t *testing.T) {
	t.Parallel()
	for name, tell := range map[string]func(map[string]any){
		"all is well":      nil,
		"a name is tidied": func(user map[string]any) { user["displayName"] = "Tidied" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, errs, err := simulate(t, oneUser(t, tell), "--client-secret", "canary-secret", "--users=1", "--groups=0", "--output=json")
			var report entra.Report
			decoder := json.NewDecoder(strings.NewReader(out))
			if e := decoder.Decode(&report); e != nil || decoder.More() || errs != "" {
				t.Fatalf("%v: %s, standard error %q", e, out, errs)
			}
			if report.People.Active != 1 || report.Dialect != entra.DialectDefault {
				t.Errorf("the report is %+v", report)
			}
			if strings.Contains(out, "canary") {
				t.Error("the secret is in the report")
			}
			if wrong := (*entra.Difference)(nil); errors.As(err, &wrong) != (tell != nil) || report.DifferenceCount > 0 != (tell != nil) {
				t.Errorf("the error is %v, the differences are %v", err, report.Differences)
			}
		})
	}
}

func TestSimulateEntraTakesTheSecretFromTheEnvironment(t *testing.T) {
	t.Setenv("EXTRAORDINARY_CLIENT_SECRET", "canary-secret")
	if _, _, err := simulate(t, oneUser(t, nil), "--users=1", "--groups=0", "--credentials-in=header"); err != nil {
		t.Error(err)
	}
}

func TestSimulateEntraReadsPeopleFromAFile(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"userPrincipalName,surname\nanna@contoso.example,Ngata\n": "",
		"userPrincipalName,phone\nanna@contoso.example,1\n":       `people.csv: line 1, column 2: "phone" is not a column`,
	} {
		path := filepath.Join(t.TempDir(), "people.csv")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := simulate(t, oneUser(t, nil), "--client-secret=canary-secret", "--groups=0", "--people", path)
		switch {
		case want == "" && err != nil:
			t.Error(err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || errors.Is(err, errUsage)):
			t.Errorf("the error is %v", err)
		}
	}
}

func TestSimulateEntraFailsWithoutTheRightSecret(t *testing.T) {
	t.Parallel()
	out, _, err := simulate(t, oneUser(t, nil), "--client-secret", "canary-wrong", "--output", "json")
	if err == nil || errors.Is(err, errUsage) || !strings.Contains(err.Error(), "the token endpoint answered 401") || strings.Contains(err.Error()+out, "canary") {
		t.Errorf("the error is %v, the output %s", err, out)
	}
}

func TestSimulateRefusesWrongUsage(t *testing.T) {
	t.Setenv(secretVariable, "") // the developer's own must not complete a command line
	complete := []string{"entra", "--tenant-url=http://localhost/scim", "--token-endpoint=http://localhost/token", "--client-id=i", "--client-secret=s"}
	with := func(more ...string) []string { return append(slices.Clone(complete), more...) }
	for want, args := range map[string][]string{
		"write simulate entra":                    {},
		`cannot simulate "okta"`:                  {"okta"},
		"--tenant-url is needed":                  {"entra"},
		"--client-id is needed":                   complete[:3],
		"set EXTRAORDINARY_CLIENT_SECRET":         complete[:4],
		"Tenant URL must be an http or https URL": with("--tenant-url=scim.example.com"),
		"--output is text or json":                with("--output=xml"),
		"give one of the two":                     with("--users=5", "--people=x.csv"),
		"--users is between":                      with("--users=0"),
		"--cycles is between":                     with("--cycles=0"),
		"--groups is between":                     with("--groups=-1"),
		"--concurrency is between":                with("--concurrency=0"),
		`not "okta"`:                              with("--dialect=okta"),
		`not in "cookie"`:                         with("--credentials-in=cookie"),
		"leave out one of them":                   with("--dialect=default", "--tenant-url=http://localhost/scim?aadOptscim062020"),
		`no command or argument "now"`:            with("now"),
	} {
		t.Run(want, func(t *testing.T) {
			c := simulateCommand(time.Now)
			c.SilenceErrors, c.SilenceUsage = true, true
			c.SetArgs(args)
			if err := c.ExecuteContext(t.Context()); !errors.Is(err, errUsage) || !strings.Contains(err.Error(), want) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}
