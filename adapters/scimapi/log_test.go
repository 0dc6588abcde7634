package scimapi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// canaries is what a server's log must not repeat. Every test plants some, for whatever a client sends as a value is
// one: names, addresses, phone numbers, what is searched for, tokens and secrets.
type canaries struct {
	mu       sync.Mutex
	requests int
	values   map[string]bool
}

func newCanaries() *canaries { return &canaries{values: map[string]bool{}} }

func (c *canaries) secrets(texts ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, text := range texts {
		c.values[text] = true
	}
}

func (c *canaries) request(request *http.Request, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	for _, values := range request.URL.Query() {
		for _, value := range values {
			c.quoted(value)
		}
	}
	if _, token, ok := strings.Cut(request.Header.Get("Authorization"), " "); ok {
		c.plant(token)
	}
	var sent any
	if json.Unmarshal(body, &sent) == nil {
		c.message("", sent)
	}
}

// message plants the values of a message; names and words of the protocol are none.
func (c *canaries) message(name string, value any) {
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			c.message(name, v)
		}
	case map[string]any:
		for name, v := range value {
			c.message(name, v)
		}
	case string:
		switch name {
		case "schemas", "op", "method", "type", "resourceType", "attributes", "excludedAttributes", "sortBy", "sortOrder":
		case "path", "filter":
			c.quoted(value)
		default:
			c.plant(value)
		}
	}
}

var quotation = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// quoted plants the values of a filter.
func (c *canaries) quoted(text string) {
	for _, found := range quotation.FindAllString(text, -1) {
		var value string
		if json.Unmarshal([]byte(found), &value) == nil {
			c.plant(value)
		}
	}
}

// ordinary is what a log may hold anyway: plain words, the names of schemas, and ids of ours.
var ordinary = regexp.MustCompile(`^[A-Za-z]?[a-z]*$|^urn:|^` + idPrefix)

func (c *canaries) plant(value string) {
	if len(value) >= len("Ana Li") && !ordinary.MatchString(value) {
		c.values[value] = true
	}
}

// silent holds that a server's log has one line for each request, and none of the canaries in any.
func silent(t *testing.T, s *server) {
	t.Helper()
	requests := 0
	for _, line := range s.log.lines() {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Errorf("a line of the log is no JSON: %s", line)
			continue
		}
		if fields["msg"] == "request" {
			requests++
			if id, _ := fields["trace_id"].(string); !traceID.MatchString(id) {
				t.Errorf("a request's line has no trace id: %s", line)
			}
		}
		var texts strings.Builder
		for name, field := range fields {
			if name == "time" || strings.HasSuffix(name, "_id") {
				continue // of our own making: by chance its digits are somebody's number
			}
			text, _ := field.(string)
			plain, _ := url.QueryUnescape(text)
			texts.WriteString(text + "\n" + plain + "\n")
		}
		for value := range s.canaries.values {
			if strings.Contains(texts.String(), value) {
				t.Errorf("the log repeats %q, which was said to the server: %s", value, line)
			}
		}
	}
	if requests != s.canaries.requests {
		t.Errorf("the log has %d lines for %d requests", requests, s.canaries.requests)
	}
}

func TestALogTellsWhatWasSearchedBy(t *testing.T) {
	t.Parallel()
	var who *tenant
	t.Cleanup(func() { // when the server has ended, the log is whole
		text := strings.Join(who.log.lines(), "\n")
		for _, field := range []string{`"filter_shape":"userName eq ?"`, `"organisation_id":"` + string(who.organisation.ID)} {
			if !strings.Contains(text, field) {
				t.Errorf("%s is not in the log: %s", field, text)
			}
		}
	})
	who = newServer(t).newTenant(t)
	_, err := who.send(http.MethodGet, "/Users?filter=userName+eq+%22mia.chen%40kereru.nz%22", nil, nil)
	must(t, err)
}

// What stands where an attribute's name should be may be anything.
func TestALogHoldsNothingOfAFilterThatIsRefused(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	who.canaries.secrets("miachen", "0211234567", "Chen-Roy")
	for _, filter := range []string{"miachen+eq+%22x%22", "name.miachen+pr", "a0211234567+gt+1", "userName+eq+Chen-Roy", "not+miachen"} {
		for _, path := range []string{"/Users?filter=", "/Groups?filter=", "/Users/miachen?attributes="} {
			heard, err := who.send(http.MethodGet, path+filter, nil, nil)
			must(t, err)
			if heard.status < http.StatusBadRequest {
				t.Errorf("%s%s: %d", path, filter, heard.status)
			}
		}
	}
}
