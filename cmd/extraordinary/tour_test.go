package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The README's five minutes, pasted as they stand into a shell: the test fails when a sentence of them stops being
// true. Only the port is another, since somebody may be using that one.
func TestTheReadmesTourWorksWhenPasted(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"bash", "curl", "go"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("%s is needed", tool)
			}
			t.Skipf("the tour needs %s", tool) //nolint:forbidigo // the README promises no more than Go for its tests; CI has all three
		}
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	folder, address := t.TempDir(), freeAddress(t)
	for _, name := range []string{"go.mod", "go.sum", "domain", "application", "adapters", "ports", "configs", "migrations", "cmd"} {
		if out, err := exec.Command("cp", "-r", filepath.Join(root, name), folder).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	script := strings.ReplaceAll(tour(t, filepath.Join(root, "README.md")), "127.0.0.1:8080", address)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	shell := exec.CommandContext(ctx, "bash", "-c", "set -m -e\n"+script)
	shell.WaitDelay = 10 * time.Second
	shell.Dir = folder
	shell.Env = append(os.Environ(), "EXTRAORDINARY_LISTEN="+address, "CGO_ENABLED=0")
	out, err := shell.CombinedOutput()
	said := string(out)
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for _, want := range []string{
		`Kererū Holdings is there`,
		`"userName":"Mia.Chen@kereru.example"`,
		`"totalResults":1`,
		`"active":false`,
		`"status":"401"`,
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the tour does not show %s", want)
		}
	}
	if strings.Count(said, `"totalResults":1`) != 1 || strings.Contains(said, `"status":"400"`) {
		t.Errorf("a request of the tour failed")
	}
	if t.Failed() {
		t.Log(said)
	}
}

// tour gives the shell blocks of the README's chapter "Five minutes", in their order.
func tour(t *testing.T, readme string) string {
	t.Helper()
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	_, chapter, found := strings.Cut(string(text), "\n## Five minutes\n")
	chapter, _, ended := strings.Cut(chapter, "\n## ")
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(chapter, -1)
	if !found || !ended || len(blocks) < 4 {
		t.Fatalf("the README's tour is not where it was: %d blocks", len(blocks))
	}
	var script strings.Builder
	for _, block := range blocks {
		script.WriteString(block[1])
	}
	return script.String()
}
