package scimapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// breaking is a store in which reading the members of a group fails after some of them.
type breaking struct {
	ports.Store
	after int
}

type breakingTx struct {
	ports.Tx
	after int
}

type breakingMembers struct {
	ports.Members
	after int
}

func (b breaking) View(ctx context.Context, org organisation.ID, fn func(context.Context, ports.Tx) error) error {
	return b.Store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error { return fn(ctx, breakingTx{tx, b.after}) })
}

func (b breakingTx) Members() ports.Members { return breakingMembers{b.Tx.Members(), b.after} }

func (b breakingMembers) All(_ context.Context, _ directory.ID, yield func(directory.Member) error) error {
	for i := range b.after {
		if err := yield(directory.Member{ID: directory.ID(fmt.Sprintf(idPrefix+"%012x", i))}); err != nil {
			return err
		}
	}
	return fault.Wrap(fault.Unavailable, errors.New("disk I/O error at /dev/sda"))
}

// groupless is a store in which nobody may ask for the groups of users.
type groupless struct{ ports.Store }

type grouplessTx struct{ ports.Tx }

type grouplessMembers struct{ ports.Members }

func (g groupless) View(ctx context.Context, org organisation.ID, fn func(context.Context, ports.Tx) error) error {
	return g.Store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error { return fn(ctx, grouplessTx{tx}) })
}

func (g grouplessTx) Members() ports.Members { return grouplessMembers{g.Tx.Members()} }

func (grouplessMembers) Groups(context.Context, []directory.ID) (map[directory.ID][]directory.Member, error) {
	return nil, fault.Wrap(fault.Unavailable, errors.New("nobody may ask for groups"))
}

func TestAUsersGroupsAreReadOnlyForWhoWantsThem(t *testing.T) {
	t.Parallel()
	s := newServerOn(t, embedded, func(store ports.Store) ports.Store { return groupless{store} })
	who := s.newTenant(t)
	made, err := who.send(http.MethodPost, "/Users", nil, []byte(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"mia"}`))
	must(t, err)
	user := strings.TrimPrefix(made.header.Get("Location"), s.base)
	for path, want := range map[string]int{
		user: http.StatusServiceUnavailable, "/Users": http.StatusServiceUnavailable, user + "?attributes=groups.value": http.StatusServiceUnavailable,
		user + "?excludedAttributes=groups": http.StatusOK, user + "?attributes=userName": http.StatusOK, "/Users?excludedAttributes=groups": http.StatusOK,
		"/Users?attributes=userName": http.StatusOK,
	} {
		heard, err := who.send(http.MethodGet, path, nil, nil)
		must(t, err)
		if heard.status != want {
			t.Errorf("%s: %d %s", path, heard.status, heard.body)
		}
	}
}

func TestAStoreThatFailsAtOnceIsAnsweredAsOurFault(t *testing.T) {
	t.Parallel()
	s := newServerOn(t, embedded, func(store ports.Store) ports.Store { return breaking{store, 10} })
	who := s.newTenant(t)
	group := createGroup(t, who, "Broken")
	for _, path := range []string{group, "/Groups", "/Groups?filter=displayName+eq+%22broken%22"} {
		heard, err := who.send(http.MethodGet, path, nil, nil)
		must(t, err)
		if err := lawful(heard, s.base); err != nil || heard.status != http.StatusServiceUnavailable || heard.header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %s (%v)", path, heard.status, heard.body, err)
		}
		if strings.Contains(string(heard.body), "disk") {
			t.Errorf("the caller reads %s", heard.body)
		}
	}
}

// What was sent cannot be taken back, and half a list of members must not look like a whole one.
func TestAStoreThatFailsOnTheWayCutsTheAnswer(t *testing.T) {
	t.Parallel()
	s := newServerOn(t, embedded, func(store ports.Store) ports.Store { return breaking{store, 5000} })
	who := s.newTenant(t)
	group := createGroup(t, who, "Broken")
	for _, path := range []string{group, "/Groups"} {
		heard, err := who.send(http.MethodGet, path, nil, nil)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: the client took %d bytes for the whole (%v)", path, len(heard.body), err)
		}
	}
	heard, err := who.send(http.MethodGet, group+"?excludedAttributes=members", nil, nil)
	must(t, err)
	if heard.status != http.StatusOK {
		t.Errorf("a group whose members nobody asks for: %d %s", heard.status, heard.body)
	}
}

// TestAHEADReadsNoMember holds that a group of any size is cheap to ask about (RFC 9110 §9.3.2): here every reading of
// members fails.
func TestAHEADReadsNoMember(t *testing.T) {
	t.Parallel()
	s := newServerOn(t, embedded, func(store ports.Store) ports.Store { return breaking{store, 0} })
	who := s.newTenant(t)
	group := createGroup(t, who, "Large")
	for _, path := range []string{group, "/Groups", ""} {
		heard, err := who.send(http.MethodHead, path, nil, nil)
		must(t, err)
		if heard.status != http.StatusOK || heard.header.Get("Content-Length") != "" {
			t.Errorf("%s: %d with the length %q", path, heard.status, heard.header.Get("Content-Length"))
		}
	}
	heard, err := who.send(http.MethodHead, "/Groups?filter=nothing", nil, nil)
	must(t, err)
	if heard.status != http.StatusBadRequest {
		t.Errorf("a HEAD that cannot be read is %d", heard.status)
	}
}
