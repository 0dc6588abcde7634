package entra_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/extraordinary/provisioning/adapters/entra"
)

// one is a job of one person at a time, so that the order of requests is that of the cycle.
func one(s *server, cycles int) entra.Job {
	j := job(s, 30, cycles)
	j.Concurrency = 1
	return j
}

func TestACycleBeginsWithATokenAndRandomProbes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	run(t, one(s, 2))
	if first := s.seen[0]; first.path != "/oauth2/token" || first.header.Get("Content-Type") != "application/x-www-form-urlencoded" || first.body != "grant_type=client_credentials" {
		t.Errorf("the job begins with %+v", first)
	}
	guid := `%22[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}%22$`
	users, groups := regexp.MustCompile(`^filter=userName\+eq\+`+guid), regexp.MustCompile(`^excludedAttributes=members&filter=displayName\+eq\+`+guid)
	probes := map[string]int{}
	for i, e := range s.seen {
		if users.MatchString(e.query) || groups.MatchString(e.query) {
			probes[e.query]++
			if i > 6 && len(probes) <= 6 {
				t.Errorf("a probe of the first cycle is request %d", i)
			}
		}
	}
	if len(probes) != 12 {
		t.Errorf("%d different probes were sent in two cycles, want 12", len(probes))
	}
}

func TestEachUserIsMatchedByNameAndThenCreated(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	j := one(s, 1)
	run(t, j)
	created := s.sent("POST", "/scim/v2/Users")
	if len(created) != 30 {
		t.Fatalf("%d users were created", len(created))
	}
	for i, p := range j.People {
		at := slices.IndexFunc(s.seen, func(e exchange) bool { return e.method == "POST" && e.body == created[i].body })
		want := "filter=userName+eq+%22" + url.QueryEscape(p.UserPrincipalName) + "%22"
		if before := s.seen[at-1]; before.method != "GET" || before.path != "/scim/v2/Users" || before.query != want {
			t.Errorf("before %s came %s %s?%s", p.UserPrincipalName, before.method, before.path, before.query)
		}
		if got := created[i].header.Get("Content-Type"); got != "application/scim+json; charset=utf-8" {
			t.Errorf("the media type is %q", got)
		}
		var body object
		if err := json.Unmarshal([]byte(created[i].body), &body); err != nil {
			t.Fatal(err)
		}
		if want := expectedUser(p); !reflect.DeepEqual(body, want) {
			t.Errorf("body of %s:\n got %v\nwant %v", p.UserPrincipalName, body, want)
		}
	}
}

// expectedUser is the whole body: what Entra has no value for has no key.
func expectedUser(p entra.Person) object {
	extension := object{"department": p.Department}
	u := object{
		"schemas":     []any{"urn:ietf:params:scim:schemas:core:2.0:User", enterprise},
		"userName":    p.UserPrincipalName,
		"active":      true,
		"displayName": p.DisplayName,
		"emails":      []any{object{"primary": true, "type": "work", "value": p.UserPrincipalName}},
		"meta":        object{"resourceType": "User"},
		"name":        object{"givenName": p.GivenName, "familyName": p.Surname},
		"roles":       []any{},
		enterprise:    extension,
	}
	if p.Mobile != "" {
		u["phoneNumbers"] = []any{object{"type": "mobile", "value": p.Mobile}}
	}
	if p.EmployeeID != "" {
		u["externalId"], extension["employeeNumber"] = p.EmployeeID, p.EmployeeID
	}
	return u
}

func TestAGroupIsCreatedWithoutMembersWhoFollowInFives(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	j := one(s, 1)
	j.Groups, j.MembersPerGroup = 1, 12
	run(t, j)
	created := s.sent("POST", "/scim/v2/Groups")
	var body object
	if len(created) != 1 || json.Unmarshal([]byte(created[0].body), &body) != nil {
		t.Fatalf("created: %+v", created)
	}
	if body["members"] != nil || body["externalId"] == "" || !reflect.DeepEqual(body["meta"], object{"resourceType": "Group"}) || !reflect.DeepEqual(body["schemas"],
		[]any{"urn:ietf:params:scim:schemas:core:2.0:Group", "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"}) {
		t.Errorf("the body is %v", body)
	}
	var sizes []int
	for _, op := range s.operations(t, "/scim/v2/Groups") {
		values := op["value"].([]any)
		sizes = append(sizes, len(values))
		ref, there := values[0].(object)["$ref"]
		if op["op"] != "Add" || op["path"] != "members" || !there || ref != nil {
			t.Errorf("members are added by %v", op)
		}
	}
	if !slices.Equal(sizes, []int{5, 5, 2}) {
		t.Errorf("members were added by %v", sizes)
	}
}

func TestTheDefaultDialectIsEntrasOwn(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	run(t, one(s, 2))
	users, paths := s.operations(t, "/scim/v2/Users"), map[string]bool{}
	for _, op := range users {
		name, path := str(op["op"]), str(op["path"])
		paths[name+" "+path] = true
		if _, text := op["value"].(string); !text && path != "manager" {
			t.Errorf("a value that is no string: %v", op)
		}
		if path == "manager" {
			values := op["value"].([]any)
			id := str(values[0].(object)["value"])
			if len(values) != 1 || values[0].(object)["$ref"] != s.URL+"/scim/v2/Users/"+id {
				t.Errorf("a manager is set by %v", op)
			}
		}
		if path == "active" && op["value"] != "False" && op["value"] != "True" {
			t.Errorf("active is set by %v", op)
		}
	}
	for _, want := range []string{
		"Replace active", "Replace displayName", "Replace name.familyName", "Add externalId", "Add " + enterprise + ":employeeNumber", "Add manager",
	} {
		if !paths[want] {
			t.Errorf("%s is not among %v", want, paths)
		}
	}
	for _, op := range s.operations(t, "/scim/v2/Groups") {
		switch fmt.Sprint(op["op"], " ", op["path"]) {
		case "Add members", "Remove members", "Replace displayName":
		default:
			t.Errorf("an operation on a group: %v", op)
		}
		if op["op"] == "Remove" && len(op["value"].([]any)) != 1 {
			t.Errorf("a member is removed by %v", op)
		}
	}
}

func TestTheFlaggedDialectIsLowerCaseAndFolded(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	j := one(s, 2)
	j.TenantURL += "?aadOptscim062020"
	report := run(t, j)
	if report.Dialect != entra.DialectOptscim {
		t.Errorf("the dialect is %q", report.Dialect)
	}
	kinds := map[string]bool{}
	for _, op := range s.operations(t, "/scim/v2/Users") {
		path, named := op["path"].(string)
		kinds[fmt.Sprint(op["op"], " ", path)] = true
		if !named {
			for key := range op["value"].(object) {
				kinds[fmt.Sprint(op["op"], " {", key, "}")] = true
			}
		}
		if _, boolean := op["value"].(bool); boolean != (path == "active") {
			t.Errorf("active and nothing else is a boolean: %v", op)
		}
	}
	for _, want := range []string{
		"replace active", "replace {name.familyName}", "replace {displayName}", "add {externalId}", "add {" + enterprise + ":employeeNumber}",
		"replace displayName", "add " + enterprise + ":manager",
	} {
		if !kinds[want] {
			t.Errorf("%s is not among %v", want, kinds)
		}
	}
	removed := 0
	for _, op := range s.operations(t, "/scim/v2/Groups") {
		if op["op"] == "remove" {
			removed++
			if !regexp.MustCompile(`^members\[value eq "u-\d+"\]$`).MatchString(str(op["path"])) || op["value"] != nil {
				t.Errorf("a member is removed by %v", op)
			}
		}
	}
	if removed == 0 {
		t.Error("no member was removed")
	}
	for _, e := range s.seen {
		if strings.Contains(e.query, "aadOptscim") {
			t.Fatalf("the flag was sent on: %s", e.query)
		}
	}
}

func TestReferencesAreCheckedBeforeTheyAreChanged(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	run(t, one(s, 2))
	manager := regexp.MustCompile(`^filter=id\+eq\+%22u-\d+%22\+and\+manager\+eq\+%22u-\d+%22&attributes=id$`)
	member := regexp.MustCompile(`^filter=id\+eq\+%22g-\d+%22\+and\+members\+eq\+%22u-\d+%22&attributes=id$`)
	for i, e := range s.seen {
		want := member
		switch {
		case e.method != "PATCH":
			continue
		case strings.Contains(e.body, `"Remove"`):
		case strings.Contains(e.body, `"manager"`):
			want = manager
		default:
			continue
		}
		if before := s.seen[i-1]; before.method != "GET" || !want.MatchString(before.query) {
			t.Errorf("before %s came %s ?%s", e.body, before.method, before.query)
		}
	}
}

func TestAnIncrementalCycleReadsByTheIDThatWasKept(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	run(t, one(s, 2))
	for i, e := range s.seen {
		if e.method != "PATCH" || !strings.HasPrefix(e.path, "/scim/v2/Users/") || strings.Contains(e.body, `"manager"`) {
			continue
		}
		if before := s.seen[i-1]; before.method != "GET" || before.path != e.path || before.query != "" {
			t.Errorf("before PATCH %s came %s %s?%s", e.path, before.method, before.path, before.query)
		}
	}
	if got := len(s.sent("GET", "/scim/v2/Groups/g")); got == 0 {
		t.Error("no group was read")
	}
}

func TestOtherParametersOfTheTenantURLAreKept(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	j := one(s, 1)
	j.TenantURL += "/?region=nz&AadOptScim062020&x=%20"
	run(t, j)
	for _, e := range s.seen[1:] {
		if !strings.HasPrefix(e.query, "region=nz&x=%20") || strings.Contains(e.path, "//") {
			t.Fatalf("%s %s?%s", e.method, e.path, e.query)
		}
	}
}

func TestATokenIsKeptUntilItsEndIsNear(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lifetime any
		want     int
	}{
		"an hour":     {3600, 1},
		"as text":     {"3600", 1},
		"not told":    {nil, 1},
		"ten minutes": {600, 4}, // each of the 30 creations takes a minute, and nine are well before the end
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.lifetime = c.lifetime
			j := one(s, 1)
			clock := &clock{time: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)}
			j.Now = clock.now
			s.before = func(_ http.ResponseWriter, r *http.Request, _ string) bool {
				if r.Method == "POST" && r.URL.Path == "/scim/v2/Users" {
					_ = clock.wait(t.Context(), time.Minute)
				}
				return false
			}
			run(t, j)
			if s.tokens != c.want {
				t.Errorf("%d tokens were fetched, want %d", s.tokens, c.want)
			}
		})
	}
}

func TestATokenThatIsRefusedIsRenewedOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	posts := 0
	s.before = func(_ http.ResponseWriter, r *http.Request, _ string) bool {
		if r.Method == "POST" && r.URL.Path == "/scim/v2/Users" {
			if posts++; posts == 10 {
				clear(s.good)
			}
		}
		return false
	}
	report := run(t, job(s, 30, 1))
	if s.tokens != 2 || report.Errors != 0 {
		t.Errorf("%d tokens were fetched, %d errors", s.tokens, report.Errors)
	}
}

func TestAServerThatAsksForPatienceGetsIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		header string
		want   time.Duration
	}{
		"429, seconds":       {429, "7", 7 * time.Second},
		"503, seconds":       {503, "0", 0},
		"503, a date":        {503, "Tue, 24 Nov 2026 08:01:00 GMT", time.Minute},
		"429, a date gone":   {429, "Tue, 24 Nov 2026 07:00:00 GMT", 0},
		"429, nothing":       {429, "", time.Second},
		"503, not a number":  {503, "soon", time.Second},
		"429, less than now": {429, "-5", time.Second},
	} {
		for _, path := range []string{"/scim/v2/Users", "/oauth2/token"} {
			t.Run(name+" from "+path, func(t *testing.T) {
				t.Parallel()
				s := newServer(t)
				refused := 0
				s.before = func(w http.ResponseWriter, r *http.Request, _ string) bool {
					if r.Method == "POST" && r.URL.Path == path && refused == 0 {
						refused++
						if c.header != "" {
							w.Header().Set("Retry-After", c.header)
						}
						refuse(w, c.status, "", "later")
						return true
					}
					return false
				}
				j := job(s, 5, 1)
				clock := &clock{time: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)}
				j.Now, j.Wait = clock.now, clock.wait
				report := run(t, j)
				if report.Throttled != 1 || report.Errors != 0 || report.People.Active != 5 {
					t.Errorf("throttled %d, errors %d, people %+v", report.Throttled, report.Errors, report.People)
				}
				// The clock moves a little between the reading of a date and ours.
				if len(clock.waited) != 1 || c.want-clock.waited[0] > time.Second || clock.waited[0] > c.want {
					t.Errorf("waited %v, want %v", clock.waited, c.want)
				}
			})
		}
	}
}

func TestPatienceHasAnEnd(t *testing.T) {
	t.Parallel()
	for header, attempts := range map[string]int{"": 8, "1": 8, "3600": 1} {
		t.Run("Retry-After: "+header, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.before = func(w http.ResponseWriter, r *http.Request, _ string) bool {
				if r.Method == "POST" && r.URL.Path == "/scim/v2/Users" {
					if header != "" {
						w.Header().Set("Retry-After", header)
					}
					refuse(w, 429, "", "too fast")
					return true
				}
				return false
			}
			report, err := entra.Run(t.Context(), job(s, 1, 1))
			if err == nil || !strings.Contains(err.Error(), "answered 429: too fast") {
				t.Errorf("the error is %v", err)
			}
			if got := len(s.sent("POST", "/scim/v2/Users")); got != attempts || report.Throttled != attempts-1 {
				t.Errorf("%d attempts, %d throttled, want %d", got, report.Throttled, attempts)
			}
		})
	}
}
