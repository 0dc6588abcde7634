package entra_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// server is a SCIM server that keeps resources in maps, understands what Entra sends and refuses the rest. Its faults
// are for tests to set.
type server struct {
	*httptest.Server
	in, scope string // where credentials must be, and the scope that must be asked for

	mu        sync.Mutex
	seen      []exchange
	tokens    int             // issued so far
	good      map[string]bool // tokens that are accepted
	lifetime  any             // expires_in
	resources map[string]map[string]object
	next      int

	// before may answer a request itself; it then returns true.
	before func(w http.ResponseWriter, r *http.Request, body string) bool
	// loses says that a member is dropped although the answer is 204.
	loses func(id string) bool
	// ignores says that a change of that attribute has no effect.
	ignores func(path string) bool
	// stale answers a PATCH with the state before it.
	stale bool
	// reads may change a resource before it is sent.
	reads func(o object)
	// hides says that a resource is not found by filters.
	hides func(o object) bool
	// deaf answers 204 to DELETE and keeps the user.
	deaf bool
}

type object = map[string]any

// exchange is a request that was seen, and the status of its answer.
type exchange struct {
	method, path, query, body string
	header                    http.Header
	status                    int
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{in: "header", lifetime: 3600, good: map[string]bool{}, resources: map[string]map[string]object{"Users": {}, "Groups": {}}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) { r.status = status; r.ResponseWriter.WriteHeader(status) }

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	body := string(raw)
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &recorder{w, 200}
	switch {
	case s.before != nil && s.before(out, r, body):
	case r.URL.Path == "/oauth2/token":
		s.token(out, r, body)
	case !s.good[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]:
		refuse(out, 401, "", "no good token")
	default:
		s.scim(out, r, body)
	}
	s.seen = append(s.seen, exchange{r.Method, r.URL.Path, r.URL.RawQuery, body, r.Header.Clone(), out.status})
}

func (s *server) token(w http.ResponseWriter, r *http.Request, body string) {
	form, _ := url.ParseQuery(body)
	id, secret, _ := r.BasicAuth()
	inHeader, inBody := id == "client" && secret == "s%2Fcret", form.Get("client_id") == "client" && form.Get("client_secret") == "s/cret"
	want := map[string][2]bool{"header": {true, false}, "body": {false, true}, "both": {true, true}}[s.in]
	if want != [2]bool{inHeader, inBody} || form.Get("grant_type") != "client_credentials" || form.Get("scope") != s.scope {
		w.WriteHeader(401)
		fmt.Fprint(w, `{"error":"invalid_client","error_description":"who?"}`)
		return
	}
	s.tokens++
	token := fmt.Sprintf("token-%d", s.tokens)
	s.good[token] = true
	write(w, 200, object{"access_token": token, "token_type": "bearer", "expires_in": s.lifetime})
}

func (s *server) scim(w http.ResponseWriter, r *http.Request, body string) {
	kind, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/scim/v2/"), "/")
	all := s.resources[kind]
	if all == nil {
		refuse(w, 404, "", "no such endpoint")
		return
	}
	o := all[id]
	if id != "" && o == nil {
		refuse(w, 404, "", "no such resource")
		return
	}
	var sent object
	if body != "" {
		if err := json.Unmarshal([]byte(body), &sent); err != nil {
			refuse(w, 400, "invalidSyntax", err.Error())
			return
		}
	}
	switch {
	case r.Method == "GET" && id == "":
		s.list(w, r, kind)
	case r.Method == "GET":
		write(w, 200, s.view(o, r))
	case r.Method == "POST":
		s.create(w, kind, sent)
	case r.Method == "PATCH":
		before := clone(o)
		if err := s.patch(o, sent); err != nil {
			refuse(w, 400, "invalidPath", err.Error())
			return
		}
		switch {
		case kind == "Groups":
			w.WriteHeader(204)
		case s.stale:
			write(w, 200, before)
		default:
			write(w, 200, o)
		}
	case r.Method == "DELETE":
		if !s.deaf {
			delete(all, id)
			for _, g := range s.resources["Groups"] {
				g["members"] = without(g["members"], id)
			}
		}
		w.WriteHeader(204)
	default:
		refuse(w, 405, "", "no such method")
	}
}

func (s *server) view(o object, r *http.Request) object {
	o = clone(o)
	if r.URL.Query().Get("excludedAttributes") == "members" {
		delete(o, "members")
	}
	if s.reads != nil {
		s.reads(o)
	}
	return o
}

func (s *server) list(w http.ResponseWriter, r *http.Request, kind string) {
	found := []object{}
	for _, o := range s.resources[kind] {
		fits, err := satisfies(o, r.URL.Query().Get("filter"))
		if err != nil {
			refuse(w, 400, "invalidFilter", err.Error())
			return
		}
		if fits && (s.hides == nil || !s.hides(o)) {
			found = append(found, s.view(o, r))
		}
	}
	write(w, 200, object{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:ListResponse"}, "totalResults": len(found), "Resources": found})
}

func satisfies(o object, filter string) (bool, error) {
	for condition := range strings.SplitSeq(filter, " and ") {
		attribute, literal, ok := strings.Cut(condition, " eq ")
		var value string
		if !ok || json.Unmarshal([]byte(literal), &value) != nil {
			return false, fmt.Errorf("cannot read %q", condition)
		}
		held := false
		switch attribute {
		case "userName", "displayName":
			held = strings.EqualFold(str(o[attribute]), value)
		case "id", "externalId":
			held = str(o[attribute]) == value
		case "manager":
			extension, _ := o[enterprise].(object)
			manager, _ := extension["manager"].(object)
			held = manager["value"] == value
		case "members":
			members, _ := o["members"].([]any)
			held = slices.ContainsFunc(members, func(m any) bool { return m.(object)["value"] == value })
		default:
			return false, fmt.Errorf("no filter on %q", attribute)
		}
		if !held {
			return false, nil
		}
	}
	return true, nil
}

func (s *server) create(w http.ResponseWriter, kind string, sent object) {
	key := map[string]string{"Users": "userName", "Groups": "displayName"}[kind]
	for _, o := range s.resources[kind] {
		if strings.EqualFold(str(o[key]), str(sent[key])) {
			refuse(w, 409, "uniqueness", key+" is taken")
			return
		}
	}
	s.next++
	id := fmt.Sprintf("%s-%d", strings.ToLower(kind[:1]), s.next)
	sent["id"] = id
	s.resources[kind][id] = sent
	write(w, 201, sent)
}

// patch applies the operations that Entra sends, in either dialect.
func (s *server) patch(o, sent object) error {
	for _, each := range sent["Operations"].([]any) {
		op := each.(object)
		path, _ := op["path"].(string)
		if path == "" {
			for path, value := range op["value"].(object) {
				if err := s.set(o, path, value); err != nil {
					return err
				}
			}
			continue
		}
		if remove := strings.EqualFold(str(op["op"]), "remove"); remove || path == "members" {
			s.members(o, path, op["value"], remove)
			continue
		}
		if err := s.set(o, path, op["value"]); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) members(o object, path string, value any, remove bool) {
	if s.ignores != nil && s.ignores(path) {
		return
	}
	var ids []string
	if _, literal, ok := strings.Cut(strings.TrimSuffix(path, "]"), "[value eq "); ok {
		var id string
		_ = json.Unmarshal([]byte(literal), &id)
		ids = append(ids, id)
	}
	list, _ := value.([]any)
	for _, m := range list {
		ids = append(ids, str(m.(object)["value"]))
	}
	for _, id := range ids {
		o["members"] = without(o["members"], id)
		if !remove && (s.loses == nil || !s.loses(id)) {
			o["members"] = append(o["members"].([]any), object{"value": id})
		}
	}
}

func (s *server) set(o object, path string, value any) error {
	if s.ignores != nil && s.ignores(path) {
		return nil
	}
	attribute, kind, typed := strings.Cut(path, `[type eq "`)
	extension, of, extended := strings.Cut(path, enterprise+":")
	parent, child, dotted := strings.Cut(path, ".")
	switch {
	case path == "active":
		if text, ok := value.(string); ok {
			value = text == "True"
		}
		o[path] = value
	case typed:
		kind = strings.TrimSuffix(kind, `"].value`)
		list, _ := o[attribute].([]any)
		list = slices.DeleteFunc(list, func(e any) bool { return e.(object)["type"] == kind })
		o[attribute] = append(list, object{"type": kind, "value": value})
	case path == "manager", of == "manager":
		if list, ok := value.([]any); ok {
			value = list[0].(object)["value"]
		}
		inside(o, enterprise)["manager"] = object{"value": value}
	case extended && extension == "":
		inside(o, enterprise)[of] = value
	case dotted:
		inside(o, parent)[child] = value
	case slices.Contains([]string{"userName", "displayName", "externalId"}, path):
		o[path] = value
	default:
		return fmt.Errorf("no attribute %q", path)
	}
	return nil
}

func inside(o object, name string) object {
	inner, ok := o[name].(object)
	if !ok {
		inner = object{}
		o[name] = inner
	}
	return inner
}

func without(members any, id string) []any {
	list, _ := members.([]any)
	return slices.DeleteFunc(slices.Clone(list), func(m any) bool { return m.(object)["value"] == id })
}

func clone(o object) object {
	b, _ := json.Marshal(o)
	var c object
	_ = json.Unmarshal(b, &c)
	return c
}

func str(v any) string { s, _ := v.(string); return s }

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/scim+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter, status int, scimType, detail string) {
	write(w, status, object{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:Error"}, "status": fmt.Sprint(status), "scimType": scimType, "detail": detail})
}

// sent are the exchanges of a method whose path begins so, in order of arrival.
func (s *server) sent(method, prefix string) []exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	var some []exchange
	for _, e := range s.seen {
		if e.method == method && strings.HasPrefix(e.path, prefix) {
			some = append(some, e)
		}
	}
	return some
}

// user is who has that name, or nil.
func (s *server) user(name string) object {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.resources["Users"] {
		if strings.EqualFold(str(o["userName"]), name) {
			return o
		}
	}
	return nil
}

// operations are all PATCH operations that were sent below that path.
func (s *server) operations(t *testing.T, prefix string) (all []object) {
	t.Helper()
	for _, e := range s.sent("PATCH", prefix) {
		var body struct {
			Schemas    []string
			Operations []object
		}
		if err := json.Unmarshal([]byte(e.body), &body); err != nil {
			t.Fatal(err)
		}
		if len(body.Schemas) != 1 || body.Schemas[0] != "urn:ietf:params:scim:api:messages:2.0:PatchOp" {
			t.Errorf("schemas are %q", body.Schemas)
		}
		all = append(all, body.Operations...)
	}
	return all
}
