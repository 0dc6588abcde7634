package openapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/adapters/openapi"
	"github.com/extraordinary/provisioning/domain/schema"
)

func read(t *testing.T) map[string]any {
	t.Helper()
	api, err := openapi.New("https://scim.kereru.example", "1", schema.Core())
	if err != nil {
		t.Fatal(err)
	}
	router := mux.NewRouter()
	api.Register(router.PathPrefix(openapi.Path).Subrouter())
	answer := httptest.NewRecorder()
	router.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, openapi.Path, nil))
	var described map[string]any
	if err := json.Unmarshal(answer.Body.Bytes(), &described); err != nil {
		t.Fatal(err)
	}
	return described
}

// walk calls see with every object below v and where it stands.
func walk(path string, v any, see func(path string, o map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		see(path, v)
		for name, inner := range v {
			walk(path+"/"+name, inner, see)
		}
	case []any:
		for _, inner := range v {
			walk(path, inner, see)
		}
	}
}

// TestEveryObjectIsDescribedOrOpenOnPurpose holds that generators of clients are told what is in each message.
func TestEveryObjectIsDescribedOrOpenOnPurpose(t *testing.T) {
	t.Parallel()
	objects := 0
	walk("", read(t), func(path string, o map[string]any) {
		if o["type"] != "object" {
			return
		}
		objects++
		properties, _ := o["properties"].(map[string]any)
		if len(properties) == 0 && o["additionalProperties"] == nil {
			t.Errorf("%s is an object of which nothing is said", path)
		}
	})
	if objects < 20 {
		t.Errorf("only %d objects were found", objects)
	}
}

func TestEveryReferenceLeadsSomewhere(t *testing.T) {
	t.Parallel()
	described := read(t)
	walk("", described, func(path string, o map[string]any) {
		to, ok := o["$ref"].(string)
		if !ok {
			return // or it is the attribute of that name
		}
		var at any = described
		for name := range strings.SplitSeq(strings.TrimPrefix(to, "#/"), "/") {
			level, _ := at.(map[string]any)
			at = level[name]
		}
		if at == nil {
			t.Errorf("%s: nothing is at %s", path, to)
		}
	})
}

func TestABulkMessageIsDescribedToItsOperations(t *testing.T) {
	t.Parallel()
	for name, members := range map[string][]string{
		"BulkRequest":  {"method", "path", "bulkId", "version", "data"},
		"BulkResponse": {"method", "bulkId", "version", "location", "status", "response"},
	} {
		var at any = read(t)
		for _, step := range []string{"components", "schemas", name, "properties", "Operations", "items", "properties"} {
			level, _ := at.(map[string]any)
			at = level[step]
		}
		operation, _ := at.(map[string]any)
		for _, member := range members {
			if operation[member] == nil {
				t.Errorf("%s: operations have no %s", name, member)
			}
		}
	}
}
