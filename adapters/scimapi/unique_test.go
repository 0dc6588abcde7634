package scimapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

const (
	badgeURN = "urn:kereru:Badge"
	badge    = `{"id":"` + badgeURN + `","name":"Badge","attributes":[
		{"name":"number","type":"string","uniqueness":"global"},
		{"name":"cards","type":"complex","multiValued":true,"subAttributes":[{"name":"value","type":"string","caseExact":true,"uniqueness":"server"},{"name":"type","type":"string"}]}]}`
)

func TestAValueThatAnOrganisationDeclaresUniqueIsTakenOnce(t *testing.T) {
	t.Parallel()
	holdsUniqueness(t, newServer(t))
}

func TestAValueThatAnOrganisationDeclaresUniqueIsTakenOnceOnPostgresAndRedis(t *testing.T) {
	t.Parallel()
	holdsUniqueness(t, newServerOn(t, production, direct))
}

// holdsUniqueness holds RFC 7643 §7's "uniqueness" of an organisation's own attributes.
func holdsUniqueness(t *testing.T, server *server) {
	t.Helper()
	who, other := server.newTenant(t), server.newTenant(t)
	says := func(by *tenant, method, path, body string, status int, want ...string) {
		t.Helper()
		heard, err := by.send(method, path, nil, []byte(body))
		must(t, err)
		if heard.status != status || lawful(heard, by.base) != nil {
			t.Fatalf("%s %s %s: status %d, expected %d, %v: %s", method, path, body, heard.status, status, lawful(heard, by.base), heard.body)
		}
		for _, text := range want {
			if !strings.Contains(string(heard.body), text) {
				t.Errorf("%s %s %s: expected %s: %s", method, path, body, text, heard.body)
			}
		}
	}
	user := func(name, extension string) string {
		return `{"userName":"` + name + `","` + badgeURN + `":` + extension + `}`
	}
	patch := func(op string) string {
		return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + op + `]}`
	}
	number := func(n string) string {
		return patch(`{"op":"replace","path":"` + badgeURN + `:number","value":"` + n + `"}`)
	}
	const takenNumber, takenCard = `"scimType":"uniqueness","detail":"` + badgeURN + `:number: `, `"scimType":"uniqueness","detail":"` + badgeURN + `:cards.value: `

	says(who, "POST", "/Users", user("before", `{"number":"N1"}`), 201) // nothing of the extension is kept yet
	must(t, who.addSchema(t, "User", badge))
	must(t, other.addSchema(t, "User", badge))
	says(who, "GET", "/Schemas/"+badgeURN, "", 200, `"uniqueness":"server"`)

	says(who, "POST", "/Users", user("mia", `{"number":"N1","cards":[{"value":"c1","type":"door"},{"value":"c2"}]}`), 201)
	says(other, "POST", "/Users", user("mia", `{"number":"N1","cards":[{"value":"c1"}]}`), 201)
	says(who, "POST", "/Users", user("tom", `{"number":"n1"}`), 409, takenNumber)
	says(who, "POST", "/Users", user("tom", `{"number":"N2","cards":[{"value":"c3"},{"value":"c2","type":"car"}]}`), 409, takenCard)
	says(who, "POST", "/Users", user("tom", `{"number":"N2","cards":[{"value":"C1"}]}`), 201)
	says(who, "POST", "/Users", user("ann", `{"cards":[{"type":"door"}]}`), 201)
	mia, tom := strings.TrimPrefix(who.find(t, "mia"), who.base), strings.TrimPrefix(who.find(t, "tom"), who.base)

	says(who, "PATCH", tom, number("N1"), 409, takenNumber)
	says(who, "PATCH", tom, patch(`{"op":"add","path":"`+badgeURN+`:cards","value":[{"value":"c1"}]}`), 409, takenCard)
	says(who, "PUT", tom, user("tom", `{"number":"N1"}`), 409, takenNumber)
	says(who, "GET", tom, "", 200, `"number":"N2"`, `"version":"W/\"1\""`)
	says(who, "PATCH", mia, number("n1"), 200, `"number":"n1"`) // her own
	says(who, "PUT", mia, user("mia", `{"number":"N1","cards":[{"value":"c2"}]}`), 200)
	says(who, "PATCH", tom, patch(`{"op":"add","path":"`+badgeURN+`:cards","value":[{"value":"c1"}]}`), 200) // she gave it up
	says(who, "DELETE", mia, "", 204)
	says(who, "PATCH", tom, number("N1"), 200)
	says(who, "POST", "/Users", user("mia", `{"number":"N2","cards":[{"value":"c2"}]}`), 201)
	says(who, "PATCH", strings.TrimPrefix(who.find(t, "mia"), who.base), patch(`{"op":"remove","path":"`+badgeURN+`"}`), 200)
	says(who, "POST", "/Users", user("zoe", `{"number":"N2","cards":[{"value":"c2"}]}`), 201)

	const many = 12
	statuses := make([]int, many)
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			heard, err := who.send(http.MethodPost, "/Users", nil, []byte(user(fmt.Sprintf("at-once-%d", i), `{"number":"N9"}`)))
			if err != nil {
				t.Error(err)
				return
			}
			statuses[i] = heard.status
			if heard.status == http.StatusConflict && !strings.Contains(string(heard.body), takenNumber) {
				t.Errorf("%s", heard.body)
			}
		})
	}
	all.Wait()
	slices.Sort(statuses)
	if want := append([]int{201}, slices.Repeat([]int{409}, many-1)...); !slices.Equal(statuses, want) {
		t.Errorf("of many who come at once: %v", statuses)
	}
	says(who, "GET", "/Users?filter="+badgeURN+":number+eq+%22n9%22", "", 200, `"totalResults":1`)
}
