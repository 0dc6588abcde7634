package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/browsertest"
)

// With EXTRAORDINARY_PICTURES=.github/pictures it makes the README's pictures anew.
func TestTheDemosLinkLeadsIntoAPortalThatIsWorthLookingAt(t *testing.T) {
	t.Parallel()
	b := browsertest.Open(t, browsertest.Look{Width: 1200})
	demo := start(t, freeAddress(t), "demo", "--data-dir", t.TempDir())
	waitFor(t, demo, "Serving goes on until Ctrl-C.")
	link := regexp.MustCompile(`http://\S+/link/\S+`).FindString(demo.log.String())
	require.NotEmpty(t, link)
	b.Visit(link)
	b.Type("#name", "Mia Chen")
	b.Type("#password", "four words of nobody")
	b.Submit("button.main")

	pictures := os.Getenv("EXTRAORDINARY_PICTURES")
	for _, page := range []struct {
		path, picture string
		shows         []string
	}{
		{"/", "home.png", []string{"Connected", "Employee ID"}},
		{"/people", "", []string{"Tom Reed", "Hana Walker"}},
		{"/people/ids", "", []string{"share one ID", "have no Employee ID"}},
		{"/groups", "", []string{"Public Transport"}},
		{"/activity", "", []string{"Extraordinary"}},
		{"/settings/scim", "scim.png", []string{"Check-list", "Credentials generated"}},
		{"/settings/scim/log", "log.png", []string{"Refused", "Wrong client secret", "userName taken", "No Employee ID", "Attribute not kept"}},
	} {
		b.Visit(demo.url + page.path)
		text := b.Text("main")
		for _, want := range page.shows {
			assert.Contains(t, text, want, page.path)
		}
		if pictures != "" && page.picture != "" {
			b.Picture(filepath.Join("..", "..", pictures, page.picture))
		}
	}
	assert.Empty(t, b.Complaints())
}
