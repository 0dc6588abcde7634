package scimapi_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// each calls do for 0 to n-1, several at a time.
func each(n int, do func(i int) error) error {
	const atOnce = 32
	var workers sync.WaitGroup
	numbers, failures := make(chan int), make(chan error, n)
	for range atOnce {
		workers.Go(func() {
			for i := range numbers {
				if err := do(i); err != nil {
					failures <- err
				}
			}
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	workers.Wait()
	close(failures)
	return <-failures
}

// createUsers puts n users into the store and gives their ids.
func createUsers(t *testing.T, who *tenant, n int) []string {
	t.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = who.newID()
	}
	must(t, who.store.Within(t.Context(), who.organisation.ID, func(ctx context.Context, tx ports.Tx) error {
		for i, id := range ids {
			name := tree.Member{Name: "userName", Value: fmt.Sprintf("user%04d@kereru.nz", i)}
			user, _, err := directory.NewUser(schema.Core().Type("User"), directory.ID(id), tree.NewObject(name), who.now())
			if err != nil {
				return err
			}
			if err := tx.Users().Add(ctx, user); err != nil {
				return err
			}
		}
		return nil
	}))
	return ids
}

// createGroup makes a group and gives its path.
func createGroup(t *testing.T, who *tenant, name string) (path string) {
	t.Helper()
	heard, err := who.send(http.MethodPost, "/Groups?excludedAttributes=members", nil, fmt.Appendf(nil, `{"displayName":%q}`, name))
	must(t, err)
	if heard.status != http.StatusCreated {
		t.Fatalf("%d %s", heard.status, heard.body)
	}
	return strings.TrimPrefix(heard.header.Get("Location"), who.base)
}

// membersMessage is a PATCH that names users, in operations of a thousand each.
func membersMessage(op string, ids []string) []byte {
	var operations []string
	for len(ids) > 0 {
		n := min(len(ids), 1000)
		members := `[{"value":"` + strings.Join(ids[:n], `"},{"value":"`) + `"}]`
		operations = append(operations, `{"op":"`+op+`","path":"members","value":`+members+`}`)
		ids = ids[n:]
	}
	return []byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + strings.Join(operations, ",") + `]}`)
}

var memberForm = regexp.MustCompile(`\{"value":"([^"]*)","\$ref":"[^"]*","type":"User"\}`)

// membersIn gives the ids of the members in a group's text.
func membersIn(text []byte) (ids []string) {
	for _, found := range memberForm.FindAllSubmatch(text, -1) {
		ids = append(ids, string(found[1]))
	}
	return ids
}

func TestAGroupOfTwoThousandIsStreamed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	who := s.newTenant(t)
	ids := createUsers(t, who, 2000)
	group := createGroup(t, who, "Everybody")
	heard, err := who.send(http.MethodPatch, group, nil, membersMessage("add", ids))
	must(t, err)
	if heard.status != http.StatusNoContent {
		t.Fatalf("%d %s", heard.status, heard.body)
	}
	for _, path := range []string{group, "/Groups?filter=displayName+eq+%22everybody%22", group + "?attributes=members"} {
		heard, err := who.send(http.MethodGet, path, nil, nil)
		must(t, err)
		if err := lawful(heard, s.base); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if there := membersIn(heard.body); !slices.Equal(there, ids) {
			t.Errorf("%s: %d of %d are there, or not in the order of their making", path, len(there), len(ids))
		}
	}
	heard, err = who.send(http.MethodGet, group+"?excludedAttributes=members", nil, nil)
	must(t, err)
	if len(heard.body) > 500 {
		t.Errorf("without its members the group has %d bytes", len(heard.body))
	}

	heard, err = who.send(http.MethodPatch, group, nil, membersMessage("remove", ids[1:]))
	must(t, err)
	if heard.status != http.StatusNoContent {
		t.Fatalf("%d %s", heard.status, heard.body)
	}
	heard, err = who.send(http.MethodGet, group, nil, nil)
	must(t, err)
	if there := membersIn(heard.body); !slices.Equal(there, ids[:1]) {
		t.Errorf("one should be left: %s", heard.body)
	}
}

func TestMembersWhoAreAddedAtOnceAreAllThere(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	ids := createUsers(t, who, 40)
	group := createGroup(t, who, "Crowd")
	must(t, each(len(ids), func(i int) error {
		heard, err := who.send(http.MethodPatch, group, nil, membersMessage("add", ids[i:i+1]))
		if err == nil && heard.status != http.StatusNoContent {
			err = fmt.Errorf("%d %s", heard.status, heard.body)
		}
		return err
	}))
	heard, err := who.send(http.MethodGet, group, nil, nil)
	must(t, err)
	if there := membersIn(heard.body); !slices.Equal(there, ids) {
		t.Errorf("%d of %d are there", len(there), len(ids))
	}
	if !strings.Contains(string(heard.body), `"version":"W/\"41\""`) {
		t.Errorf("each of them is a version: %s", heard.body[len(heard.body)-80:])
	}
}

func TestOfManyWhoCreateOnePersonOneDoes(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	const tries = 20
	statuses := make([]int, tries)
	must(t, each(tries, func(i int) error {
		heard, err := who.send(http.MethodPost, "/Users", nil, []byte(`{"userName":"one@kereru.nz"}`))
		statuses[i] = heard.status
		return err
	}))
	created := 0
	for _, status := range statuses {
		switch status {
		case http.StatusCreated:
			created++
		case http.StatusConflict:
		default:
			t.Errorf("one was answered by %d", status)
		}
	}
	if created != 1 {
		t.Errorf("%d were created", created)
	}
}

// Entra probes several at a time, while people are there (SCIMReferenceCode#63).
func TestProbesAtOnceFindNobody(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	createUsers(t, who, 3)
	createGroup(t, who, "Some")
	probes := []string{
		"/Users?filter=userName+eq+%%22%s%%22", "/Users?filter=externalId+eq+%%22%s%%22",
		"/Groups?excludedAttributes=members&filter=displayName+eq+%%22%s%%22", "/Groups?filter=externalId+eq+%%22%s%%22",
	}
	must(t, each(80, func(i int) error {
		guid := fmt.Sprintf("%08x-7c0e-4a55-9d62-1f0c8f6f7a11", i)
		heard, err := who.send(http.MethodGet, fmt.Sprintf(probes[i%len(probes)], guid), nil, nil)
		if err == nil && (heard.status != http.StatusOK || !strings.Contains(string(heard.body), `"totalResults":0`)) {
			err = fmt.Errorf("%d %s", heard.status, heard.body)
		}
		return err
	}))
}
