package scimapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// A conversation is what a client says and what it must hear, in order, against a fresh organisation of a real
// server on a real store. It ends with GETs that read back what was left behind.
//
// In an expected answer "*" is any value; {{name}} is any text when it is met first (id of a new resource) and that
// same text from then on, in requests too; {{base}} is the Tenant URL; an object with the member "...": "..." may
// hold more than is written.
type conversation struct {
	Name   string // a sentence
	Source string // where the habit is documented
	Steps  []step
}

type step struct {
	Say     string // what happens, in words
	Request string // method and path below the Tenant URL
	Headers map[string]string
	Body    json.RawMessage // a JSON value; a JSON string that begins with "raw:" is sent as the text behind it
	Answer  struct {
		Status  int
		Headers map[string]string
		Body    json.RawMessage // absent: not looked at; "" : there must be none
	}
}

func TestEntraConversations(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/entra/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	for _, file := range files {
		talk := readConversation(t, file)
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			hold(t, newServer(t), talk)
		})
	}
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
	return talk
}

// hold speaks one conversation.
func hold(t *testing.T, s *server, talk conversation) {
	t.Helper()
	t.Log(talk.Name)
	known := map[string]string{"base": s.base}
	for i, step := range talk.Steps {
		if err := speak(s, step, known); err != nil {
			t.Fatalf("step %d, %s (%s): %v", i+1, step.Say, step.Request, err)
		}
	}
}

func speak(s *server, step step, known map[string]string) error {
	method, path, _ := strings.Cut(fill(step.Request, known), " ")
	request, err := http.NewRequest(method, s.base+path, body(step.Body, known))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	if step.Body != nil {
		request.Header.Set("Content-Type", "application/scim+json; charset=utf-8")
	}
	for name, value := range step.Headers {
		request.Header.Set(name, fill(value, known))
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != step.Answer.Status {
		return fmt.Errorf("status %d, expected %d: %s", response.StatusCode, step.Answer.Status, text)
	}
	for name, want := range step.Answer.Headers {
		if err := same(name, want, response.Header.Get(name), known); err != nil {
			return err
		}
	}
	return sameBody(step.Answer.Body, text, known)
}

func body(raw json.RawMessage, known map[string]string) io.Reader {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		if after, ok := strings.CutPrefix(text, "raw:"); ok {
			return strings.NewReader(fill(after, known))
		}
	}
	return strings.NewReader(fill(string(raw), known))
}

// fill puts what is known into the places that name it.
func fill(text string, known map[string]string) string {
	for name, value := range known {
		text = strings.ReplaceAll(text, "{{"+name+"}}", value)
	}
	return text
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
		if reflect.DeepEqual(want, got) {
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
		return pattern == got
	}
	if len(got) <= len(before)+len(after) || !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after) {
		return false
	}
	known[name] = got[len(before) : len(got)-len(after)]
	return true
}
