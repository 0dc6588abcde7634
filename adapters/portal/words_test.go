package portal_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var markup = regexp.MustCompile(`(?s)<[^>]*>|\{\{.*?\}\}`)

func TestTheWordsOfThePagesAreCalmAndBritish(t *testing.T) {
	t.Parallel()
	files := os.DirFS("templates")
	names, err := fs.Glob(files, "*.html")
	require.NoError(t, err)
	require.Greater(t, len(names), 10)
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		require.NoError(t, err)
		page := string(text)
		words := markup.ReplaceAllString(page, " ")
		assert.Empty(t, forbiddenIn(words), name)
		for _, button := range regexp.MustCompile(`(?s)<button[^>]*>(.*?)</button>`).FindAllStringSubmatch(page, -1) {
			says := strings.Join(strings.Fields(markup.ReplaceAllString(button[1], " ")), " ")
			first, _, _ := strings.Cut(says, " ")
			assert.Contains(t, verbs, first, "%s: the button %q says what it does", name, says)
		}
		assert.NotRegexp(t, `\sstyle="|\son[a-z]+="|<script>|hx-on|js:`, page, "%s: the policy refuses it", name)
	}
}

// verbs begin what is written on buttons; empty: the page gives the act.
var verbs = []string{
	"", "Sign", "Generate", "Copy", "Revoke", "Pause", "Resume", "Save", "Send", "Go", "Switch", "Change", "Make", "Take", "Remove", "Withdraw", "Apply", "Show", "Export", "Mark", "Look", "Search",
	"Download", "Confirm", "Clear", "Check",
}

// forbiddenIn lists the words that must not be there. Microsoft spells the name of its own admin pages.
func forbiddenIn(words string) []string {
	return regexp.MustCompile(`(?i)\b(please|oops|invalid|sorry|successfully|organization|authoriz\w*|color)\b`).FindAllString(strings.ReplaceAll(words, "Entra admin center", ""), -1)
}
