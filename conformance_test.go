package provisioning_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

var (
	testName      = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	cited         = regexp.MustCompile("`([^`]+)`")
	numberedRow   = regexp.MustCompile(`^\| \d`)
	notDone       = "**not done**"
	conversations = []string{"adapters/scimapi/testdata/entra/", "adapters/scimapi/testdata/rfc/"}
)

// TestEveryRowOfTheConformanceTableHasItsTest reads CONFORMANCE.md and holds that each statement in it names at least one
// test, unless it says that it is not done, and that each test is there.
func TestEveryRowOfTheConformanceTableHasItsTest(t *testing.T) {
	t.Parallel()
	there := testsOf(t, os.DirFS("."))
	text, err := os.ReadFile("CONFORMANCE.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		if !numberedRow.MatchString(line) {
			continue
		}
		rows++
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 4 {
			t.Errorf("%d cells instead of four: %s", len(cells), line)
			continue
		}
		tests := cited.FindAllStringSubmatch(cells[3], -1)
		if undone := strings.HasPrefix(strings.TrimSpace(cells[2]), notDone); undone == (len(tests) > 0) {
			t.Errorf("it is done and has no test, or has one and is not done: %s", line)
		}
		for _, test := range tests {
			if !there[test[1]] {
				t.Errorf("there is no %s: %s", test[1], line)
			}
		}
	}
	if rows < 300 {
		t.Errorf("only %d rows were found: is the table written in another way?", rows)
	}
}

// testsOf gives the tests below root as package.Test, the package called by its folder, and the conversations by name.
func testsOf(t *testing.T, root fs.FS) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		folder := path.Base(path.Dir(name))
		if folder == "." {
			folder = path.Base(module)
		}
		if strings.HasSuffix(name, "_test.go") {
			text, err := fs.ReadFile(root, name)
			for _, test := range testName.FindAllSubmatch(text, -1) {
				found[folder+"."+string(test[1])] = true
			}
			return err
		}
		for _, prefix := range conversations {
			if talk, ok := strings.CutPrefix(name, prefix); ok {
				found[strings.TrimSuffix(talk, ".json")] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
