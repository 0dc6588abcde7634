package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/extraordinary/provisioning/adapters/telemetry/telemetrytest"
)

// TestMain lets this test binary be the program itself, so that a test can start it, stop it and kill it.
func TestMain(m *testing.M) {
	if os.Getenv("EXTRAORDINARY_TEST_BE_THE_PROGRAM") != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		code := run(ctx, os.Args[1:], system{out: os.Stdout, log: os.Stderr, env: os.LookupEnv, now: time.Now, random: rand.Reader})
		stop()
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// spoken is what one command said.
type spoken struct {
	code     int
	out, log string
}

// speak runs one command line in this process, with no settings in its environment.
func speak(t testing.TB, args ...string) spoken {
	t.Helper()
	var out, log bytes.Buffer
	code := run(t.Context(), args, system{
		out: &out, log: &log, env: func(string) (string, bool) { return "", false }, now: time.Now, random: rand.Reader,
	})
	return spoken{code, out.String(), log.String()}
}

// must runs a command that is expected to succeed and gives what it printed.
func must(t testing.TB, args ...string) string {
	t.Helper()
	said := speak(t, args...)
	if said.code != 0 {
		t.Fatalf("extraordinary %s: exit code %d: %s", strings.Join(args, " "), said.code, said.log)
	}
	return said.out
}

// in names the stores of a data folder.
func in(folder string) []string { return []string{"--data-dir", folder} }

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}

// parsed reads the one JSON object that a command printed.
func parsed(t testing.TB, text string) map[string]string {
	t.Helper()
	var object map[string]string
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return object
}

// process is the program running on its own.
type process struct {
	*exec.Cmd
	url string
	log *telemetrytest.Log
}

// freeAddress gives an address that nobody listens on.
func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// start runs the program and waits until it is ready.
func start(t testing.TB, address string, args ...string) *process {
	t.Helper()
	return startIn(t, nil, address, args...)
}

// startIn is start with more in the environment.
func startIn(t testing.TB, environment []string, address string, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(os.Args[0], append(args, "--listen", address)...), url: "http://" + address, log: &telemetrytest.Log{}}
	p.Env = slices.Concat(environment, []string{"EXTRAORDINARY_TEST_BE_THE_PROGRAM=1", "HOME=" + t.TempDir(), "TMPDIR=" + t.TempDir()})
	p.Stdout, p.Stderr = p.log, p.log
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.Process.Kill()
		_ = p.Wait()
	})
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if answer, err := http.Get(p.url + "/readyz"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return p
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the program is not ready: %s", p.log)
		}
	}
}

// waitFor waits until the program has said something.
func waitFor(t *testing.T, p *process, words string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !strings.Contains(p.log.String(), words); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the program does not say %q: %s", words, p.log)
		}
	}
}

// read gets what a running program says at an address that anybody may read.
func (p *process) read(t testing.TB, path string) string {
	t.Helper()
	answer, err := http.Get(p.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v: %s", path, answer.StatusCode, err, text)
	}
	return string(text)
}

// client is one organisation's client of a running program.
type client struct {
	credential map[string]string
	token      string
}

// customer makes an organisation with a credential on the stores that settings name, beside the server at url.
func customer(t testing.TB, settings []string, url, slug string) client {
	t.Helper()
	must(t, append([]string{"organisation", "create", "Kererū", "--slug", slug, "--owner", "mia@kereru.example"}, settings...)...)
	c := client{credential: parsed(t, must(t, append([]string{"credential", "create", "--organisation", slug, "--name", "Entra", "--output", "json", "--public-url", url}, settings...)...))}
	c.token = c.fetchToken(t)
	return c
}

func (c client) fetchToken(t testing.TB) string {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, c.credential["token_endpoint"], strings.NewReader("grant_type=client_credentials"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(c.credential["client_id"], c.credential["client_secret"])
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var granted struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&granted); err != nil || granted.Token == "" {
		t.Fatalf("no token: status %d, %v", answer.StatusCode, err)
	}
	return granted.Token
}

// ask sends one SCIM request; an error means that no whole answer came.
func (c client) ask(method, path, body string) (status int, answer string, err error) {
	request, err := http.NewRequest(method, c.credential["tenant_url"]+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "application/scim+json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

func personNamed(name string) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q,"active":true}`, name)
}
