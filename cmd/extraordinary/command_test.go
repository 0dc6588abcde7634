package main

import (
	"database/sql"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	_ "modernc.org/sqlite" // to spoil a database
)

func TestEveryFaultOfAnOperatorIsOneLineThatSaysWhatToDo(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	must(t, "organisation", "create", "Kererū", "--slug", "kereru", "--owner", "mia@kereru.example", "--data-dir", folder)
	notAFolder := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(notAFolder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	for name, c := range map[string]struct {
		line string
		code int
		says string
	}{
		"no command":               {"", 2, "name a command"},
		"an unknown command":       {"provision", 2, `"provision"`},
		"an unknown flag":          {"serve --fast", 2, "see extraordinary serve --help"},
		"an argument too many":     {"serve now", 2, `"now"`},
		"a half command":           {"organisation", 2, "create, list, suspend, resume"},
		"no name":                  {"organisation create --slug x1 --owner a@b.nz", 2, "name is needed"},
		"no slug":                  {"organisation create Name --owner a@b.nz", 2, "--slug"},
		"a slug that is none":      {"organisation create Name --slug Bad_Slug --owner a@b.nz", 2, "a-z, 0-9"},
		"an e-mail that is none":   {"organisation create Name --slug ok --owner nobody", 2, "ann@example.com"},
		"a slug that is taken":     {"organisation create Name --slug kereru --owner a@b.nz", 1, `"kereru"`},
		"an unknown organisation":  {"credential create --organisation weka --name x", 1, "extraordinary organisation list"},
		"an unknown credential":    {"credential revoke --organisation kereru --client-id c_x", 2, "extraordinary credential list"},
		"a life that is none":      {"credential create --organisation kereru --name x --years 9", 2, "1, 2 or 3"},
		"an output that is none":   {"organisation list --output xml", 2, "text or json"},
		"an address that is none":  {"serve --listen here", 2, "HOST:PORT"},
		"a port in use":            {"serve --listen " + taken.Addr().String(), 1, "is in use"},
		"a folder that is none":    {"serve --data-dir " + notAFolder, 1, "--data-dir"},
		"a setting that is none":   {"serve --rate-limit many", 2, "whole number"},
		"a dialect that is none":   {"simulate entra --tenant-url http://x/ --token-endpoint http://x/ --client-id a --client-secret b --dialect klingon", 2, "klingon"},
		"a people file that isn't": {"simulate entra --tenant-url http://x/ --token-endpoint http://x/ --client-id a --client-secret b --people /nowhere.csv", 1, "/nowhere.csv"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := strings.Fields(c.line)
			if !strings.Contains(c.line, "--data-dir") && len(args) > 0 && (args[0] == "serve" || args[0] == "organisation" || args[0] == "credential") {
				args = append(args, "--data-dir", folder)
			}
			said := speak(t, args...)
			lines := strings.Split(strings.TrimSpace(said.log), "\n")
			if said.code != c.code || len(lines) != 1 || !strings.HasPrefix(said.log, "extraordinary: ") || !strings.Contains(said.log, c.says) {
				t.Errorf("exit code %d, expected %d with %q in one line: %s", said.code, c.code, c.says, said.log)
			}
			if strings.Contains(said.log, "invalid value") {
				t.Errorf("it shows the words of a protocol: %s", said.log)
			}
		})
	}
}

func TestADatabaseOfANewerProgramIsRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	must(t, "migrate", "up", "--data-dir", folder)
	db, err := sql.Open("sqlite", filepath.Join(folder, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("INSERT INTO schema_migrations VALUES (9999, 'tomorrow', 0)"); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"serve"}, {"organisation", "list"}, {"migrate", "up"}} {
		said := speak(t, append(args, "--data-dir", folder)...)
		if said.code != 1 || !strings.Contains(said.log, "newer") {
			t.Errorf("%v: exit code %d: %s", args, said.code, said.log)
		}
	}
}

func TestMigrationsGoDownAndUpAgain(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	says := func(command, want string) {
		t.Helper()
		if out := must(t, "migrate", command, "--data-dir", folder); !strings.Contains(out, want) {
			t.Errorf("migrate %s says %q, expected %q", command, out, want)
		}
	}
	says("up", "applied begin")
	says("up", "up to date")
	steps := strings.Count(must(t, "migrate", "status", "--data-dir", folder), "applied 2")
	for range steps {
		says("status", "applied 2")
		says("down", "took back ")
		says("status", "to be applied")
	}
	says("down", "nothing to take back")
	says("up", "applied begin")
}

func TestARunningServerObeysTheCommandsAtOnce(t *testing.T) {
	t.Parallel()
	folder, address := t.TempDir(), freeAddress(t)
	server := start(t, address, "serve", "--data-dir", folder)
	c := customer(t, in(folder), server.url, "kereru")
	other := customer(t, in(folder), server.url, "weka")
	expect := func(say string, c client, want int) {
		t.Helper()
		if status, answer, err := c.ask("GET", "/Users", ""); status != want || err != nil {
			t.Errorf("%s: status %d, expected %d: %s %v", say, status, want, answer, err)
		}
	}
	expect("at first", c, http.StatusOK)
	must(t, "organisation", "suspend", "kereru", "--data-dir", folder)
	expect("suspended", c, http.StatusUnauthorized)
	expect("suspended, the other", other, http.StatusOK)
	must(t, "organisation", "resume", "kereru", "--data-dir", folder)
	expect("resumed", c, http.StatusOK)

	rotated := parsed(t, must(t, "credential", "rotate", "--organisation", "kereru", "--client-id", c.credential["client_id"], "--output", "json", "--data-dir", folder, "--public-url", server.url))
	renewed := client{credential: rotated}
	renewed.token = renewed.fetchToken(t)
	expect("with the new secret", renewed, http.StatusOK)
	c.token = c.fetchToken(t)
	expect("with the old secret, which still works", c, http.StatusOK)

	must(t, "credential", "revoke", "--organisation", "kereru", "--client-id", c.credential["client_id"], "--data-dir", folder)
	expect("revoked", c, http.StatusUnauthorized)
	expect("revoked, with the new secret", renewed, http.StatusUnauthorized)
	expect("revoked, the other", other, http.StatusOK)
}

func TestAStopIsCleanAndLosesNoToken(t *testing.T) {
	t.Parallel()
	folder, address := t.TempDir(), freeAddress(t)
	server := start(t, address, "serve", "--data-dir", folder)
	c := customer(t, in(folder), server.url, "kereru")
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		t.Errorf("it ended with %v: %s", err, server.log)
	}
	start(t, address, "serve", "--data-dir", folder)
	if status, answer, err := c.ask("GET", "/Users", ""); status != http.StatusOK || err != nil {
		t.Errorf("after a restart: status %d: %s %v", status, answer, err)
	}
}

func TestASecretIsShownOnceAndStoredNowhere(t *testing.T) {
	t.Parallel()
	folder, address := t.TempDir(), freeAddress(t)
	server := start(t, address, "serve", "--data-dir", folder)
	c := customer(t, in(folder), server.url, "kereru")
	if _, _, err := c.ask("POST", "/Users", personNamed("canary.person@kereru.example")); err != nil {
		t.Fatal(err)
	}
	waitFor(t, server, `"route":"/scim/v2/Users"`) // the line is written after the answer
	secret := c.credential["client_secret"]
	listed := must(t, "credential", "list", "--organisation", "kereru", "--data-dir", folder)
	stored := ""
	for _, name := range []string{databaseFile, databaseFile + "-wal"} {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		stored += string(content)
	}
	for where, text := range map[string]string{"the list": listed, "the database": stored, "the log": server.log.String()} {
		for what, canary := range map[string]string{"the secret": secret, "a part of the secret": secret[13:40], "the token": c.token} {
			if strings.Contains(text, canary) {
				t.Errorf("%s holds %s", where, what)
			}
		}
	}
	if !strings.Contains(stored, "canary.person") {
		t.Error("the database does not hold the person: nothing was looked at")
	}
	if strings.Contains(server.log.String(), "canary") {
		t.Errorf("the log names a person: %s", server.log)
	}
}

func TestTheDemoRunsTwiceOnTheSameData(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "new")
	for range 2 {
		address := freeAddress(t)
		demo := start(t, address, "demo", "--data-dir", folder)
		waitFor(t, demo, "Serving goes on until Ctrl-C.")
		said := demo.log.String()
		for _, want := range []string{"Tenant URL          http://" + address + "/scim/v2", "Token Endpoint", "Client Identifier   c_", "Client Secret       scs_", "58 active, 1 disabled, 1 deleted"} {
			if !strings.Contains(said, want) {
				t.Errorf("the demo does not show %q:\n%s", want, said)
			}
		}
		if err := demo.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if err := demo.Wait(); err != nil {
			t.Errorf("Ctrl-C ended the demo with %v", err)
		}
	}
}
