package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/browsertest"
)

// hands is somebody who has a keyboard, a narrow window and the dark before them.
type hands struct {
	t *testing.T
	*browsertest.Browser
	url  string
	seen int
}

// look checks what must hold of each page on the way, and keeps its picture where EXTRAORDINARY_TEST_SCREENSHOTS says.
func (h *hands) look(heading string) {
	h.t.Helper()
	require.Equal(h.t, heading, h.Text("h1"), h.Text("main"))
	assert.LessOrEqual(h.t, browsertest.Eval[int](h.Browser, "document.documentElement.scrollWidth"), 360, "%s: nothing is beside the window", heading)
	h.seen++
	if folder := os.Getenv("EXTRAORDINARY_TEST_SCREENSHOTS"); folder != "" {
		h.Screenshot(filepath.Join(folder, fmt.Sprintf("keyboard-%02d.png", h.seen)))
	}
}

// open goes to a page by way of the menu.
func (h *hands) open(path string) {
	h.t.Helper()
	h.Reach("details.menu > summary")
	h.Keys("\r")
	h.Enter(".menu a[href='" + path + "']")
}

// log goes to the provisioning log by way of Settings, and reads it again until it says something.
func (h *hands) log(says string) {
	h.t.Helper()
	h.open("/settings")
	h.Enter(".tabs a[href='/settings/scim']")
	h.Enter("main a[href='/settings/scim/log']")
	h.until(says)
}

// until reads a page again until it says something: what Entra does is written down a moment later.
func (h *hands) until(says string) {
	h.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(h.Text("main"), says); time.Sleep(200 * time.Millisecond) {
		require.True(h.t, time.Now().Before(deadline), "%s does not say %q: %s", h.Address(), says, h.Text("main"))
		h.Visit(h.Address())
	}
}

// write types into a field that the keyboard has reached, in place of what it holds.
func (h *hands) write(selector, text string) {
	h.t.Helper()
	h.Reach(selector)
	browsertest.Eval[bool](h.Browser, "document.activeElement.select(), true") // as the tab key does in a field that holds something
	h.Keys(text)
}

func TestAnAdministratorConnectsEntraByKeyboardInTheDarkOnANarrowScreen(t *testing.T) {
	t.Parallel()
	folder, address := in(t.TempDir()), freeAddress(t)
	h := &hands{t: t, Browser: browsertest.Open(t, browsertest.Look{Width: 360, Dark: true})}
	server := start(t, address, append([]string{"serve"}, folder...)...)
	h.url = server.url
	must(t, append([]string{"organisation", "create", "Kererū Holdings", "--slug", "kereru", "--owner", "mia@kereru.example"}, folder...)...)
	second := parsed(t, must(t, append([]string{"organisation", "create", "Tūī Ltd", "--slug", "tui", "--owner", "ana@tui.example", "--output", "json", "--public-url", server.url}, folder...)...))

	// The owner's link.
	h.Visit(second["sign_in_url"])
	h.look("Sign in to Tūī Ltd")
	h.write("#name", "Ana Roy")
	h.write("#password", "four words of nobody")
	h.Enter("button.main")
	if h.Text("h1") == "Set up a second step" {
		h.Enter("a[href='/account']")
		h.open("/")
	}
	h.look("Home")
	assert.Contains(t, h.Text("main"), "Not set up")

	// Credentials, copied as the page shows them.
	h.Enter("main a[href='/settings/scim']")
	h.look("Connect Microsoft Entra")
	h.Enter("form[action='/settings/scim/secrets'] button")
	h.look("Connect Microsoft Entra")
	shown := func(pattern string) string {
		found := regexp.MustCompile(pattern).FindString(h.Text("main"))
		require.NotEmpty(t, found, pattern)
		return found
	}
	entra := client{credential: map[string]string{
		"client_secret": shown(`scs_\w+`), "client_id": shown(`c_\w+`), "tenant_url": shown(`http://\S+/scim/v2`), "token_endpoint": shown(`http://\S+/oauth2/token`),
	}}

	// The first wrong secret.
	wrong := client{credential: maps.Clone(entra.credential)}
	wrong.credential["client_secret"] = strings.Repeat("x", 40)
	assert.Equal(t, http.StatusUnauthorized, wrong.grant(t))
	h.log("that is not one of yours")
	h.look("Provisioning log")
	h.Enter("tbody a[href^='/settings/scim/log/']")
	assert.Contains(t, h.Text("main"), "Entra signed in with a client secret that is not one of yours.")
	assert.Contains(t, h.Text("main"), "paste the Client Secret again")
	h.look("Refused Connection")

	// The first people, and the first duplicate: from Home to its remedy.
	entra.token = entra.fetchToken(t)
	tom := created(t, entra, "/Users", personNamed("tom@tui.example"))
	created(t, entra, "/Users", personNamed("mere@tui.example"))
	status, _, err := entra.ask(http.MethodPost, "/Users", personNamed("TOM@tui.example"))
	require.NoError(t, err)
	assert.Equal(t, http.StatusConflict, status)
	h.open("/")
	h.until("userName taken")
	h.look("Home")
	h.Enter("a[href='/settings/scim/log?problem=username-taken']")
	h.Enter("tbody a[href^='/settings/scim/log/']")
	assert.Contains(t, h.Text("main"), "Another person already has the userName TOM@tui.example")
	assert.Contains(t, h.Text("main"), "correct the user principal name of one")
	h.look("Refused TOM@tui.example")

	// Rotation: both secrets work; then the old one is revoked.
	h.open("/settings")
	h.Enter(".tabs a[href='/settings/scim']")
	h.Enter("form[action='/settings/scim/secrets'] button")
	rotated := client{credential: maps.Clone(entra.credential)}
	rotated.credential["client_secret"] = shown(`scs_\w+`)
	require.NotEqual(t, entra.credential["client_secret"], rotated.credential["client_secret"])
	assert.Equal(t, http.StatusOK, entra.grant(t), "the old secret works while the new one is pasted")
	assert.Equal(t, http.StatusOK, rotated.grant(t))
	h.until("Entra still uses")
	old := strings.TrimPrefix(entra.credential["client_secret"], "scs_")[:8]
	h.Enter(fmt.Sprintf("a[href='/settings/scim/secrets/%s/revoke']", old))
	h.look("Revoke a secret")
	h.Reach("#keep")
	h.Keys(kb.ArrowDown) // from "let its tokens run out" to: end everything now
	h.write("#typed", "Entra")
	h.Enter("button.danger")
	h.look("Connect Microsoft Entra")
	assert.Contains(t, h.Text(".note.info"), "is revoked.")
	assert.Equal(t, http.StatusUnauthorized, entra.grant(t))
	status, _, err = entra.ask(http.MethodGet, "/Users", "")
	require.NoError(t, err)
	assert.Equal(t, http.StatusUnauthorized, status, "its tokens have ended with it")

	// A leaver.
	rotated.token = rotated.fetchToken(t)
	status, text, err := rotated.ask(http.MethodPatch, "/Users/"+tom, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"active","value":"False"}]}`)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status, text)
	h.open("/people")
	h.Enter("main a[href='/people/" + tom + "']")
	h.look("tom@tui.example")
	assert.Contains(t, h.Text("main"), "Switched off")
	assert.Empty(t, h.Complaints())
}

// grant asks for a token and gives the status of the answer.
func (c client) grant(t *testing.T) int {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, c.credential["token_endpoint"], strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode()))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(c.credential["client_id"], c.credential["client_secret"])
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}

// created makes a resource and gives its id.
func created(t *testing.T, c client, path, body string) string {
	t.Helper()
	status, text, err := c.ask(http.MethodPost, path, body)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, status, text)
	return idIn(t, text)
}
