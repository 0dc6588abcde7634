package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const travel = `{"id":"urn:kereru:Travel","name":"Travel","attributes":[{"name":"zone","type":"integer"}]}`

func TestARunningServerKnowsASchemaAtOnce(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]func(*testing.T) []string{
		"embedded":           func(t *testing.T) []string { t.Helper(); return in(t.TempDir()) },
		"Postgres and Redis": func(t *testing.T) []string { t.Helper(); return production(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := settings(t)
			server := start(t, freeAddress(t), append([]string{"serve"}, settings...)...)
			c := customer(t, settings, server.url, "kereru")
			person := `{"userName":"mia","urn:kereru:Travel":{"zone":4}}`
			if status, answer, err := c.ask(http.MethodPost, "/Users", strings.Replace(person, "mia", "before", 1)); err != nil || status != http.StatusCreated || strings.Contains(answer, "zone") {
				t.Fatal(status, err, answer)
			}
			file := filepath.Join(t.TempDir(), "travel.json")
			if err := os.WriteFile(file, []byte(travel), 0o600); err != nil {
				t.Fatal(err)
			}
			said := must(t, append([]string{"organisation", "schema", "add", "kereru", "--file", file}, settings...)...)
			if !strings.Contains(said, "urn:kereru:Travel") {
				t.Error(said)
			}
			if status, answer, err := c.ask(http.MethodPost, "/Users", person); err != nil || status != http.StatusCreated || !strings.Contains(answer, `"urn:kereru:Travel":{"zone":4}`) {
				t.Error(status, err, answer)
			}
			if list := must(t, append([]string{"organisation", "schema", "list", "kereru"}, settings...)...); !strings.Contains(list, "urn:kereru:Travel  Travel  User      1") {
				t.Error(list)
			}
		})
	}
}

func TestASchemaThatIsNoneIsRefusedInOneLine(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	must(t, "organisation", "create", "Kererū", "--slug", "kereru", "--owner", "mia@kereru.example", "--data-dir", folder)
	for content, says := range map[string]string{
		"":           "JSON",
		"[]":         "no JSON object",
		`{"id":"x"}`: "URN",
		strings.Replace(travel, "integer", "int", 1): "zone.type",
	} {
		file := filepath.Join(t.TempDir(), "schema.json")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		said := speak(t, "organisation", "schema", "add", "kereru", "--file", file, "--data-dir", folder)
		if said.code == 0 || strings.Count(said.log, "\n") != 1 || !strings.Contains(said.log, says) {
			t.Errorf("%s: exit code %d: %s", content, said.code, said.log)
		}
	}
	if said := speak(t, "organisation", "schema", "add", "kereru", "--file", "/nowhere", "--data-dir", folder); said.code != 1 {
		t.Errorf("exit code %d: %s", said.code, said.log)
	}
	if said := speak(t, "organisation", "schema", "add", "kereru", "--data-dir", folder); said.code != 2 {
		t.Errorf("exit code %d: %s", said.code, said.log)
	}
}
