package scimapi_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/extraordinary/provisioning/adapters/scimapi"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
)

var update = flag.Bool("update", false, "write the golden files again")

// TestEveryKindOfFaultHasItsAnswer holds the error mapping against testdata/faults.golden.
func TestEveryKindOfFaultHasItsAnswer(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for kind := fault.Internal; kind <= fault.InvalidCount; kind++ {
		fmt.Fprintf(&all, "# %v\n%s\n", kind, failed(fault.New(kind, "what to do").At("attribute")))
	}
	const file = "testdata/faults.golden"
	if *update {
		must(t, os.WriteFile(file, []byte(all.String()), 0o600))
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if all.String() != string(want) {
		t.Errorf("the answers are not those of %s; look at the difference, and if it is right run with -update\n%s", file, all.String())
	}
}

func TestAFaultOfOurOwnShowsNothingOfItself(t *testing.T) {
	t.Parallel()
	secret := errors.New("dial tcp 10.0.0.7:5432: user mia@kereru.nz")
	for name, err := range map[string]error{
		"an error of nobody's":  secret,
		"an internal one":       fault.Wrap(fault.Internal, secret),
		"one with words for it": fault.New(fault.Internal, "table users has no column mia@kereru.nz"),
		"a store that is down":  fault.Wrap(fault.Unavailable, secret),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if text := failed(err); strings.Contains(text, "kereru") || strings.Contains(text, "10.0.0.7") {
				t.Errorf("the caller reads %s", text)
			}
		})
	}
}

// failed gives the answer to err: status, the headers that depend on it, body.
func failed(err error) string {
	api := scimapi.New("https://scim.example", nil, nil, schema.Core(), nil, nil)
	request := httptest.NewRequest(http.MethodGet, "/scim/v2/Users", nil)
	request.Header.Set("Authorization", "Bearer x")
	w := httptest.NewRecorder()
	api.Fail(w, request, err)
	text := fmt.Sprintf("%d %s\n", w.Code, http.StatusText(w.Code))
	for _, name := range []string{"Content-Type", "Retry-After", "WWW-Authenticate"} {
		if value := w.Header().Get(name); value != "" {
			text += name + ": " + value + "\n"
		}
	}
	return text + w.Body.String() + "\n"
}

func TestAnErrorIsJSONWhateverItQuotes(t *testing.T) {
	t.Parallel()
	text := failed(fault.New(fault.InvalidFilter, "at byte 1, \"\\\x01\u2028<é>: expected…").At(`a"b`))
	var body struct{ Detail string }
	if err := json.Unmarshal([]byte(text[strings.IndexByte(text, '{'):]), &body); err != nil || !strings.HasPrefix(body.Detail, `a"b: at byte 1, "\`) {
		t.Errorf("%v in %s", err, text)
	}
}
