package tree_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// exampleBodies gives what is sent and answered in the conversations that hold RFC 7643's and RFC 7644's own
// examples, as seeds.
func exampleBodies(f *testing.F) (bodies []string) {
	f.Helper()
	files, err := filepath.Glob("../../adapters/scimapi/testdata/rfc/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal("the examples are not there: ", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var conversation struct {
			Steps []struct {
				Body   json.RawMessage
				Answer struct{ Body json.RawMessage }
			}
		}
		if err := json.Unmarshal(text, &conversation); err != nil {
			f.Fatal(file, ": ", err)
		}
		for _, step := range conversation.Steps {
			bodies = append(bodies, string(step.Body), string(step.Answer.Body))
		}
	}
	return bodies
}
