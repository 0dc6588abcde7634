package scimapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A conversation is what a client says and what it must hear, in order, against a fresh organisation of a real
// server on a real store. It ends with a GET that reads back what was left behind.
//
// In what is said, {{name}} is what was learnt under that name, {{base}} is the Tenant URL, {{9000 times a}} is long,
// and {{byte FF}} is a byte that no JSON string could hold. In what must be heard, "*" stands for any value, and
// within a text for any part of it; {{name}} is any text when it is met first (the id of a new resource) and that same
// text from then on; an object with the member "...": "..." may hold more than is written.
type conversation struct {
	Name   string // a sentence
	Source string // where the habit is documented
	Steps  []step
}

type step struct {
	Say     string            // what happens, in words
	Request string            // method and path below the Tenant URL
	Headers map[string]string // "": the header is not sent
	Body    json.RawMessage   // a JSON value; a JSON string that begins with "raw:" is sent as the text behind it
	Answer  struct {
		Status  int
		Headers map[string]string // "": the header is not there
		Body    json.RawMessage   // absent: not looked at; "" : there must be none
	}
}

const entraFolder = "testdata/entra"

// TestEntraConversations holds every conversation twice at the same time, as two organisations, and all of them at
// once on one server: what is said in one organisation must change nothing that is heard in another.
func TestEntraConversations(t *testing.T) {
	t.Parallel()
	converse(t, newServer(t), entraFolder)
}

func TestEntraConversationsOnPostgresAndRedis(t *testing.T) {
	t.Parallel()
	converse(t, newServerOn(t, production, direct), entraFolder)
}

func converse(t *testing.T, s *server, folder string) {
	t.Helper()
	for name, talk := range conversations(t, folder) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			holdTwice(t, talk, s.newTenant(t), s.newTenant(t))
		})
	}
}

func conversations(t *testing.T, folder string) map[string]conversation {
	t.Helper()
	files, err := filepath.Glob(folder + "/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	all := map[string]conversation{}
	for _, file := range files {
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = readConversation(t, file)
	}
	return all
}

func readConversation(t *testing.T, file string) conversation {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var talk conversation
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&talk); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if talk.Name == "" || talk.Source == "" || len(talk.Steps) == 0 {
		t.Fatalf("%s: a conversation has a name, a source and steps", file)
	}
	if !strings.HasPrefix(talk.Steps[len(talk.Steps)-1].Request, "GET ") {
		t.Fatalf("%s: a conversation ends by reading back what it left behind", file)
	}
	return talk
}

func holdTwice(t *testing.T, talk conversation, one, other *tenant) {
	t.Helper()
	var both sync.WaitGroup
	learnt, errs := [2]map[string]string{}, [2]error{}
	for i, who := range []*tenant{one, other} {
		both.Go(func() { learnt[i], errs[i] = hold(who, talk) })
	}
	both.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatalf("%s: %v", talk.Name, err)
		}
	}
	if err := hidden(one, learnt[1]); err != nil {
		t.Error(err)
	}
	if err := hidden(other, learnt[0]); err != nil {
		t.Error(err)
	}
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// hidden holds that who finds none of the resources that another organisation has learnt the ids of.
func hidden(who *tenant, learnt map[string]string) error {
	for name, id := range learnt {
		if !uuid.MatchString(id) {
			continue
		}
		for _, endpoint := range []string{"/Users/", "/Groups/"} {
			heard, err := who.send(http.MethodGet, endpoint+id, nil, nil)
			if err != nil {
				return err
			}
			if heard.status != http.StatusNotFound {
				return fmt.Errorf("another organisation's %s%s was answered by %d", endpoint, name, heard.status)
			}
		}
	}
	return nil
}

// hold speaks one conversation and gives what was learnt in it.
func hold(who *tenant, talk conversation) (known map[string]string, err error) {
	known = map[string]string{"base": who.base}
	for i, step := range talk.Steps {
		if err := speak(who, step, known); err != nil {
			return nil, fmt.Errorf("step %d, %s (%s): %w", i+1, step.Say, step.Request, err)
		}
	}
	return known, nil
}

func speak(who *tenant, step step, known map[string]string) error {
	method, path, _ := strings.Cut(fill(step.Request, known), " ")
	headers := map[string]string{}
	if step.Body != nil {
		headers["Content-Type"] = "application/scim+json; charset=utf-8"
	}
	for name, value := range step.Headers {
		headers[name] = fill(value, known)
	}
	heard, err := who.send(method, path, headers, written(step.Body, known))
	if err != nil {
		return err
	}
	if heard.status != step.Answer.Status {
		return fmt.Errorf("status %d, expected %d: %s", heard.status, step.Answer.Status, heard.body)
	}
	if err := lawful(heard, who.base); err != nil {
		return fmt.Errorf("%w\nwhole answer: %s", err, heard.body)
	}
	for name, want := range step.Answer.Headers {
		if err := same(name, want, heard.header.Get(name), known); err != nil {
			return err
		}
	}
	if err := sameBody(step.Answer.Body, heard.body, known); err != nil {
		return err
	}
	return fresh(who, method, path, heard)
}

// written gives the bytes of a body.
func written(raw json.RawMessage, known map[string]string) []byte {
	if raw == nil {
		return nil
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		if after, ok := strings.CutPrefix(text, "raw:"); ok {
			return []byte(fill(after, known))
		}
	}
	return []byte(fill(string(raw), known))
}

var (
	long  = regexp.MustCompile(`\{\{(\d+) times (.+?)\}\}`)
	octet = regexp.MustCompile(`\{\{byte ([0-9A-F]{2})\}\}`)
)

// fill puts what is known into the places that name it.
func fill(text string, known map[string]string) string {
	if !strings.Contains(text, "{{") {
		return text
	}
	for name, value := range known {
		text = strings.ReplaceAll(text, "{{"+name+"}}", value)
	}
	text = long.ReplaceAllStringFunc(text, func(place string) string {
		found := long.FindStringSubmatch(place)
		times, _ := strconv.Atoi(found[1])
		return strings.Repeat(found[2], times)
	})
	return octet.ReplaceAllStringFunc(text, func(place string) string {
		b, _ := strconv.ParseUint(octet.FindStringSubmatch(place)[1], 16, 8)
		return string([]byte{byte(b)})
	})
}

func sameBody(want json.RawMessage, got []byte, known map[string]string) error {
	if want == nil {
		return nil
	}
	if string(want) == `""` {
		if len(got) > 0 {
			return fmt.Errorf("a body where none is expected: %s", got)
		}
		return nil
	}
	var expected, actual any
	if err := json.Unmarshal(want, &expected); err != nil {
		return err
	}
	if err := json.Unmarshal(got, &actual); err != nil {
		return fmt.Errorf("the answer is no JSON: %w: %s", err, got)
	}
	if err := same("body", expected, actual, known); err != nil {
		return fmt.Errorf("%w\nwhole answer: %s", err, got)
	}
	return nil
}

// same compares an expected value with what came, and learns the names it meets first.
func same(where string, want, got any, known map[string]string) error {
	switch want := want.(type) {
	case string:
		text, isText := got.(string)
		if want == "*" || isText && learn(want, text, known) {
			return nil
		}
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			break
		}
		for i := range want {
			if err := same(fmt.Sprintf("%s[%d]", where, i), want[i], list[i], known); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			break
		}
		return sameObject(where, want, object, known)
	default:
		if want == got {
			return nil
		}
	}
	return fmt.Errorf("%s is %v, expected %v", where, got, want)
}

func sameObject(where string, want, got map[string]any, known map[string]string) error {
	_, open := want["..."]
	for name := range got {
		if _, expected := want[name]; !expected && !open {
			return fmt.Errorf("%s.%s is there, and is not expected", where, name)
		}
	}
	names := make([]string, 0, len(want))
	for name := range want {
		names = append(names, name)
	}
	slices.Sort(names) // "id" is learnt before "meta" and "Resources" speak of it
	for _, name := range names {
		if name == "..." {
			continue
		}
		value, there := got[name]
		if !there {
			return fmt.Errorf("%s.%s is not there", where, name)
		}
		if err := same(where+"."+name, want[name], value, known); err != nil {
			return err
		}
	}
	return nil
}

// learn reports whether got is what pattern says; the first unknown name in it takes what stands in its place.
func learn(pattern, got string, known map[string]string) bool {
	pattern = fill(pattern, known)
	before, rest, open := strings.Cut(pattern, "{{")
	name, after, closed := strings.Cut(rest, "}}")
	if !open || !closed {
		return looksLike(pattern, got)
	}
	if len(got) <= len(before)+len(after) || !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after) {
		return false
	}
	known[name] = got[len(before) : len(got)-len(after)]
	return true
}

// looksLike compares a text with a pattern in which each star stands for any text.
func looksLike(pattern, text string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, first)
	if !ok {
		return false
	}
	for from := 0; from <= len(text); from++ {
		if looksLike(rest, text[from:]) {
			return true
		}
	}
	return false
}
