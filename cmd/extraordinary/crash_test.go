package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	crashes = 20
	writers = 8
)

// ledger is what the server acknowledged.
type ledger struct {
	mu    sync.Mutex
	made  map[string]string // id to user name
	group map[string]bool   // ids that were made members
}

func (l *ledger) sizes() (users, members int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.made), len(l.group)
}

// growBeyond waits until the server has acknowledged more, so that a kill of a slow machine's server proves something
// too.
func (l *ledger) growBeyond(t *testing.T, users, members int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if u, m := l.sizes(); u > users && m > members {
			return
		}
		if time.Now().After(deadline) {
			t.Error("the server acknowledges nothing")
			return
		}
	}
}

func TestWhatWasAcknowledgedSurvivesTwentyKills(t *testing.T) {
	t.Parallel()
	folder, address := t.TempDir(), freeAddress(t)
	server := start(t, address, "serve", "--data-dir", folder, "--rate-limit", "0")
	c := customer(t, in(folder), server.url, "kereru")
	_, answer, err := c.ask("POST", "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Everybody"}`)
	if err != nil {
		t.Fatal(err)
	}
	group := idIn(t, answer)
	acked := &ledger{made: map[string]string{}, group: map[string]bool{}}
	for round := range crashes {
		users, members := acked.sizes()
		write(c, acked, round, group, func() {
			acked.growBeyond(t, users, members)
			time.Sleep(time.Duration(rand.IntN(150)) * time.Millisecond)
			if err := server.Process.Kill(); err != nil {
				t.Error(err)
			}
			_ = server.Wait()
		})
		server = start(t, address, "serve", "--data-dir", folder, "--rate-limit", "0")
	}
	if len(acked.made) < crashes || len(acked.group) < crashes {
		t.Fatalf("only %d users and %d members were acknowledged: nothing is proved", len(acked.made), len(acked.group))
	}
	for id, name := range acked.made {
		status, answer, err := c.ask("GET", "/Users/"+id, "")
		if err != nil || status != http.StatusOK || !strings.Contains(answer, `"userName":"`+name+`"`) {
			t.Errorf("%s, acknowledged as %s, reads as %d %s %v", name, id, status, answer, err)
		}
	}
	checkMembers(t, c, group, acked)
	checkNoDoubles(t, c, acked)
	t.Logf("%d users and %d memberships were acknowledged over %d kills, and all are there", len(acked.made), len(acked.group), crashes)
}

// write creates users and makes them members until the server is gone; kill ends it.
func write(c client, acked *ledger, round int, group string, kill func()) {
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			for n := 0; ; n++ {
				name := fmt.Sprintf("r%d-w%d-%d@kereru.example", round, w, n)
				status, answer, err := c.ask("POST", "/Users", personNamed(name))
				if err != nil {
					return
				}
				var made struct{ ID string }
				if status != http.StatusCreated || json.Unmarshal([]byte(answer), &made) != nil {
					continue
				}
				acked.mu.Lock()
				acked.made[made.ID] = name
				acked.mu.Unlock()
				status, _, err = c.ask("PATCH", "/Groups/"+group, addMember(made.ID))
				if err != nil {
					return
				}
				if status == http.StatusNoContent {
					acked.mu.Lock()
					acked.group[made.ID] = true
					acked.mu.Unlock()
				}
			}
		})
	}
	kill()
	wait.Wait()
}

func addMember(id string) string {
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Add","path":"members","value":[{"value":"` + id + `"}]}]}`
}

func idIn(t *testing.T, answer string) string {
	t.Helper()
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(answer), &made); err != nil || made.ID == "" {
		t.Fatalf("no id in %s", answer)
	}
	return made.ID
}

func checkMembers(t *testing.T, c client, group string, acked *ledger) {
	t.Helper()
	_, answer, err := c.ask("GET", "/Groups/"+group, "")
	if err != nil {
		t.Fatal(err)
	}
	var read struct{ Members []struct{ Value string } }
	if err := json.Unmarshal([]byte(answer), &read); err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, m := range read.Members {
		there[m.Value] = true
	}
	for id := range acked.group {
		if !there[id] {
			t.Errorf("%s was made a member and is none", id)
		}
	}
}

// checkNoDoubles pages through everybody: each is there once, and nobody half.
func checkNoDoubles(t *testing.T, c client, acked *ledger) {
	t.Helper()
	names := map[string]bool{}
	for from := 1; ; {
		_, answer, err := c.ask("GET", fmt.Sprintf("/Users?startIndex=%d&count=200", from), "")
		if err != nil {
			t.Fatal(err)
		}
		var page struct {
			TotalResults int
			Resources    []struct{ ID, UserName string }
		}
		if err := json.Unmarshal([]byte(answer), &page); err != nil {
			t.Fatal(err)
		}
		for _, u := range page.Resources {
			if names[u.UserName] || u.ID == "" || u.UserName == "" {
				t.Errorf("%+v is there twice, or half", u)
			}
			names[u.UserName] = true
		}
		if from += len(page.Resources); from > page.TotalResults || len(page.Resources) == 0 {
			break
		}
	}
	if len(names) < len(acked.made) {
		t.Errorf("the pages hold %d users, %d were acknowledged", len(names), len(acked.made))
	}
}
