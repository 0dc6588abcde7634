package scimapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/extraordinary/provisioning/adapters/localstore"
	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// outcome is what a client reads of one operation of its bulk request.
type outcome struct {
	Method, BulkID, Version, Location, Status string
	Response                                  *struct{ Detail, Status, ScimType string }
}

func bulkBody(operations ...string) []byte {
	return []byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[` + strings.Join(operations, ",") + `]}`)
}

// bulk sends operations and gives what became of each.
func (w *tenant) bulk(t *testing.T, operations ...string) []outcome {
	t.Helper()
	_, outcomes := w.bulkAnswer(t, operations...)
	return outcomes
}

func (w *tenant) bulkAnswer(t *testing.T, operations ...string) (answer, []outcome) {
	t.Helper()
	heard, err := w.send(http.MethodPost, "/Bulk", nil, bulkBody(operations...))
	must(t, err)
	var body struct{ Operations []outcome }
	must(t, json.Unmarshal(heard.body, &body))
	if heard.status != http.StatusOK || len(body.Operations) != len(operations) {
		t.Fatalf("%d operations, %d: %s", len(operations), heard.status, heard.body)
	}
	return heard, body.Operations
}

// statuses gives the status of each operation.
func statuses(outcomes []outcome) (all []string) {
	for _, o := range outcomes {
		all = append(all, o.Status)
	}
	return all
}

func newPerson(bulkID, userName string) string {
	return fmt.Sprintf(`{"method":"POST","path":"/Users","bulkId":%q,"data":{"userName":%q}}`, bulkID, userName)
}

func TestEachLimitOfABulkRequestIsNamedWhenItIsExceeded(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	one := newPerson("", "")
	for limit, body := range map[string][]byte{
		"(100)":   bulkBody(slices.Repeat([]string{one}, 101)...),
		"1048576": bulkBody(`"` + strings.Repeat("x", 1<<20) + `"`),
	} {
		heard, err := who.send(http.MethodPost, "/Bulk", nil, body)
		must(t, err)
		if heard.status != http.StatusRequestEntityTooLarge || !strings.Contains(string(heard.body), limit) || lawful(heard, who.base) != nil {
			t.Errorf("%d, expected 413 that names %s: %s", heard.status, limit, heard.body)
		}
	}
}

func TestABulkRequestNeedsTheScopeToWrite(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	reader := *who
	reader.token = who.fetchToken(t, "scim.read")
	heard, err := reader.send(http.MethodPost, "/Bulk", nil, bulkBody(newPerson("a", "ana@kereru.nz")))
	must(t, err)
	expect(t, heard, http.StatusForbidden, noScope)
}

// Of a bucket of seven, three writes can be taken; what is left in it must not let a later operation in.
func TestEachOperationTakesItsShareAndThoseBeyondItAreRefusedInOrder(t *testing.T) {
	t.Parallel()
	who := newServerOn(t, func(t *testing.T, s *server, watch *telemetry.Telemetry) stores {
		kept := embedded(t, s, watch)
		kept.gate = localstore.NewGate(kept.tokens, localstore.NewLimiter(s.now), ports.Rate{PerSecond: 0.001, Burst: 7})
		return kept
	}, direct).newTenant(t)
	heard, outcomes := who.bulkAnswer(t, newPerson("a", "one@kereru.nz"), newPerson("b", "two@kereru.nz"), `{"method":"GET"}`, newPerson("d", "four@kereru.nz"), newPerson("e", "five@kereru.nz"))
	if got := statuses(outcomes); !slices.Equal(got, []string{"201", "201", "400", "429", "429"}) {
		t.Fatalf("%v: %s", got, heard.body)
	}
	if heard.header.Get("Retry-After") == "" || heard.header.Get("RateLimit-Remaining") != "1" {
		t.Errorf("the client is not told when to come again: %v", heard.header)
	}
}

// An operation does not overtake one that was refused, although the share has grown by then.
func TestAfterAnOperationThatWasRefusedNoneIsLetIn(t *testing.T) {
	t.Parallel()
	var gate fullOnce
	who := newServerOn(t, func(t *testing.T, s *server, watch *telemetry.Telemetry) stores {
		kept := embedded(t, s, watch)
		gate.Gate = kept.gate
		kept.gate = &gate
		return kept
	}, direct).newTenant(t)
	outcomes := who.bulk(t, newPerson("a", "one@kereru.nz"), newPerson("b", "two@kereru.nz"), newPerson("c", "three@kereru.nz"), newPerson("d", "four@kereru.nz"))
	if got := statuses(outcomes); !slices.Equal(got, []string{"201", "201", "429", "429"}) {
		t.Errorf("%v", got)
	}
}

// fullOnce is a gate that refuses the third who asks, and nobody else.
type fullOnce struct {
	ports.Gate
	asked atomic.Int64
}

func (g *fullOnce) Admit(ctx context.Context, d credential.Digest, cost int, now time.Time) (credential.Token, ports.Decision, error) {
	token, decision, err := g.Gate.Admit(ctx, d, cost, now)
	decision.Allowed = g.asked.Add(1) != 3
	return token, decision, err
}

func TestWhoIsShutOutDuringABulkRequestChangesNothingMore(t *testing.T) {
	t.Parallel()
	var who *tenant
	who = newServerOn(t, embedded, func(store ports.Store) ports.Store {
		return after{store, func() { must(t, who.organisations.Suspend(context.Background(), who.organisation.ID)) }}
	}).newTenant(t)
	outcomes := who.bulk(t, newPerson("a", "one@kereru.nz"), newPerson("b", "two@kereru.nz"), newPerson("c", "three@kereru.nz"))
	if got := statuses(outcomes); !slices.Equal(got, []string{"201", "401", "401"}) {
		t.Errorf("%v", got)
	}
}

// after is a store that calls then after each unit of work.
type after struct {
	ports.Store
	then func()
}

func (a after) Within(ctx context.Context, org organisation.ID, fn func(context.Context, ports.Tx) error) error {
	err := a.Store.Within(ctx, org, fn)
	a.then()
	return err
}

func TestAnOperationIsDoneWholeOrNotAtAllAndHasItsLineInTheJournal(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	outcomes := who.bulk(t,
		newPerson("ana", "ana@kereru.nz"),
		`{"method":"PATCH","path":"/Users/bulkId:ana","data":{"Operations":[{"op":"add","path":"title","value":"Pilot"},{"op":"replace","path":"userName","value":""}]}}`,
		`{"method":"POST","path":"/Groups","bulkId":"crew","data":{"displayName":"Crew","members":[{"value":"bulkId:ana"},{"value":"0190a000-0000-7000-8000-ffffffffffff"}]}}`,
		`{"method":"PATCH","path":"/Users/bulkId:ana","data":{"Operations":[{"op":"add","path":"nickName","value":"Ana"}]}}`,
		newPerson("twin", "ANA@kereru.nz"),
	)
	if got := statuses(outcomes); !slices.Equal(got, []string{"201", "400", "400", "200", "409"}) || outcomes[4].Response.ScimType != "uniqueness" {
		t.Fatalf("%v %+v", got, outcomes[4].Response)
	}
	heard, err := who.send(http.MethodGet, strings.TrimPrefix(outcomes[0].Location, who.base), nil, nil)
	must(t, err)
	if text := string(heard.body); strings.Contains(text, "Pilot") || !strings.Contains(text, `"nickName":"Ana"`) || heard.header.Get("ETag") != outcomes[3].Version {
		t.Errorf("ETag %q: %s", heard.header.Get("ETag"), text)
	}
	must(t, who.store.Within(t.Context(), who.organisation.ID, func(ctx context.Context, tx ports.Tx) error {
		var actions []activity.Action
		err := tx.Activity().All(ctx, func(e activity.Event) error {
			if e.Subject.Kind == "User" || e.Subject.Kind == "Group" {
				actions = append(actions, e.Action)
			}
			return nil
		})
		if !slices.Equal(actions, []activity.Action{activity.Created, activity.Changed}) {
			t.Errorf("the journal says %v", actions)
		}
		return err
	}))
}

// What another organisation has is to this one as what nobody has: in a path, as a member, by a bulkId.
func TestABulkRequestReachesNothingOfAnotherOrganisation(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	who, other := s.newTenant(t), s.newTenant(t)
	foreign := other.bulk(t, newPerson("theirs", "theirs@kereru.nz"))[0].Location
	id := foreign[strings.LastIndex(foreign, "/")+1:]
	try := func(id string) string {
		outcomes := who.bulk(t,
			`{"method":"PUT","path":"/Users/`+id+`","data":{"userName":"mine@kereru.nz"}}`,
			`{"method":"PATCH","path":"/Users/`+id+`","data":{"Operations":[{"op":"add","path":"title","value":"Pilot"}]}}`,
			`{"method":"DELETE","path":"/Users/`+id+`"}`,
			`{"method":"POST","path":"/Groups","bulkId":"g","data":{"displayName":"G","members":[{"value":"`+id+`"}]}}`,
			`{"method":"DELETE","path":"/Users/bulkId:theirs"}`,
		)
		var text strings.Builder
		for _, o := range outcomes {
			fmt.Fprintln(&text, strings.ReplaceAll(o.Location, id, "{id}"), o.Status, o.Response.ScimType, strings.ReplaceAll(o.Response.Detail, id, "{id}"))
		}
		return text.String()
	}
	absent := try("0190a000-0000-7000-8000-ffffffffffff")
	if got := try(id); got != absent || strings.Count(got, " 404 ") != 3 {
		t.Errorf("another's:\n%s\nnobody's:\n%s", got, absent)
	}
	heard, err := other.send(http.MethodGet, "/Users/"+id, nil, nil)
	must(t, err)
	if !strings.Contains(string(heard.body), "theirs@kereru.nz") || strings.Contains(string(heard.body), "Pilot") {
		t.Errorf("it was changed: %s", heard.body)
	}
}
