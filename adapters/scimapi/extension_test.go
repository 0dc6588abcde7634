package scimapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/extraordinary/provisioning/domain/tree"
)

const (
	travelURN = "urn:ietf:params:scim:schemas:extension:kereru:2.0:User"
	travel    = `{"id":"` + travelURN + `","name":"Travel","description":"How somebody gets to work","attributes":[
		{"name":"zone","type":"integer","required":true},
		{"name":"badge","type":"string","caseExact":true,"mutability":"immutable"},
		{"name":"note","type":"string","returned":"request"},
		{"name":"pin","type":"string","mutability":"writeOnly","returned":"never"},
		{"name":"since","type":"dateTime"},
		{"name":"lines","type":"complex","multiValued":true,"subAttributes":[{"name":"value","type":"string"},{"name":"primary","type":"boolean"}]}]}`
)

func (w *tenant) addSchema(t *testing.T, of, definition string) error {
	t.Helper()
	v, err := tree.Parse([]byte(definition))
	must(t, err)
	o, ok := v.(*tree.Object)
	if !ok {
		t.Fatal("no object")
	}
	_, err = w.organisations.AddSchema(t.Context(), w.organisation.ID, of, o)
	return err
}

func TestAnOrganisationHasSchemasOfItsOwn(t *testing.T) {
	t.Parallel()
	holdsExtensions(t, newServer(t))
}

func TestAnOrganisationHasSchemasOfItsOwnOnPostgresAndRedis(t *testing.T) {
	t.Parallel()
	holdsExtensions(t, newServerOn(t, production, direct))
}

// holdsExtensions holds RFC 7643 §3.3 and §7 from the definition to the answer.
func holdsExtensions(t *testing.T, server *server) {
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
			if there := strings.Contains(string(heard.body), strings.TrimPrefix(text, "!")); there == strings.HasPrefix(text, "!") {
				t.Errorf("%s %s %s: expected %s: %s", method, path, body, text, heard.body)
			}
		}
	}
	user := func(name, extension string) string {
		return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","` + travelURN + `"],"userName":"` + name + `","` + travelURN + `":` + extension + `}`
	}
	patch := func(op string) string {
		return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + op + `]}`
	}
	says(who, "POST", "/Users", user("before", `{"zone":9}`), 201, "!zone", "!"+travelURN)

	must(t, who.addSchema(t, "User", travel))
	must(t, who.addSchema(t, "User", travel)) // again changes nothing
	if err := who.addSchema(t, "User", strings.Replace(travel, "Travel", "Other", 1)); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("another schema of the same name: %v", err)
	}
	says(who, "GET", "/Schemas/"+travelURN, "", 200, `"name":"zone","type":"integer"`, `"required":true`, `"returned":"request"`)
	says(who, "GET", "/Schemas", "", 200, `"id":"`+travelURN+`"`)
	says(who, "GET", "/ResourceTypes/User", "", 200, `"schema":"`+travelURN+`"`)
	says(other, "GET", "/Schemas", "", 200, "!"+travelURN)
	says(other, "GET", "/Schemas/"+travelURN, "", 404)

	whole := `{"ZONE":4,"badge":"B7","note":"n","pin":"1234","since":"2026-01-31T12:00:00Z","lines":[{"value":"Tram","primary":true}]}`
	says(who, "POST", "/Users", user("mia", whole), 201, `"`+travelURN+`":{"zone":4,"badge":"B7","note":"n","since":"2026-01-31T12:00:00Z","lines":[{"value":"Tram","primary":true}]}`, `,"`+travelURN+`"],"id"`)
	says(other, "POST", "/Users", user("mia", whole), 201, "!zone")
	says(who, "POST", "/Users", user("bob", `{"badge":"B8"}`), 400, "invalidValue", travelURN+":zone")
	says(who, "POST", "/Users", user("bob", `{"zone":"x"}`), 400, "invalidValue")
	says(who, "POST", "/Users", user("bob", `{"zone":7,"pin":"9","lines":[{"value":"bus"}]}`), 201, "!pin")

	for filter, total := range map[string]string{
		travelURN + `:zone+eq+4`: `"totalResults":1`, travelURN + `:zone+gt+3`: `"totalResults":2`, `zone+lt+5`: `"totalResults":1`,
		travelURN + `:badge+eq+"b7"`: `"totalResults":0`, travelURN + `:lines[value+eq+"TRAM"]`: `"totalResults":1`,
		travelURN + `+pr`: `"totalResults":2`, travelURN + `:since+ge+"2026-01-31T12:00:00Z"`: `"totalResults":1`,
	} {
		says(who, "GET", "/Users?filter="+strings.ReplaceAll(filter, `"`, "%22"), "", 200, total)
		says(other, "GET", "/Users?filter="+strings.ReplaceAll(filter, `"`, "%22"), "", 400, "invalidFilter")
	}
	says(who, "GET", "/Users?filter="+travelURN+":pin+eq+%221234%22", "", 400, "invalidFilter")
	says(who, "GET", "/Users?sortBy="+travelURN+":zone&sortOrder=descending&attributes=userName", "", 200, `"userName":"before"`)
	says(who, "GET", "/Users?attributes="+travelURN+":note&filter=userName+eq+%22mia%22", "", 200, `{"note":"n"}`)

	mia := strings.TrimPrefix(who.find(t, "mia"), who.base)
	says(who, "GET", mia, "", 200, `"zone":4`, "!note", "!pin")
	says(who, "GET", "/Users", "", 200, `"zone":4`, "!note", "!pin")
	says(who, "GET", mia+"?attributes=note", "", 200, `"note":"n"`, "!zone")
	says(who, "PATCH", mia, patch(`{"op":"replace","path":"`+travelURN+`:zone","value":5}`), 200, `"zone":5`)
	says(who, "PATCH", mia, patch(`{"op":"replace","path":"`+travelURN+`:badge","value":"B9"}`), 400, "mutability")
	says(who, "PATCH", mia, patch(`{"op":"remove","path":"`+travelURN+`:zone"}`), 400, "mutability")
	says(who, "PATCH", mia, patch(`{"op":"remove","path":"`+travelURN+`:lines[value eq \"tram\"]"}`), 200, "!Tram")
	says(who, "PATCH", mia, patch(`{"op":"add","value":{"`+travelURN+`":{"note":"changed"}}}`), 200, `"zone":5`)
	says(who, "PUT", mia, user("mia", `{"zone":6,"badge":"B7"}`), 200, `"zone":6`)
	says(who, "GET", mia+"?excludedAttributes="+travelURN, "", 200, "!zone")

	if err := who.addSchema(t, "Group", `{"id":"urn:kereru:Team","name":"Team","attributes":[{"name":"cost","type":"decimal"}]}`); err != nil {
		t.Fatal(err)
	}
	says(who, "POST", "/Groups", `{"displayName":"g","urn:kereru:Team":{"cost":1.5}}`, 201, `"urn:kereru:Team":{"cost":1.5}`)
	says(who, "GET", "/Groups?filter=urn:kereru:Team:cost+le+1.5", "", 200, `"totalResults":1`)
	for wrong, of := range map[string]string{`{"id":"urn:x:y","name":"X","attributes":[]}`: "User", travel: "Group", `{"id":"urn:x:z","name":"X","attributes":[{"name":"a"}]}`: "Device"} {
		if err := who.addSchema(t, of, wrong); err == nil {
			t.Errorf("%s was taken for a schema of %s", wrong, of)
		}
	}
}

// find gives the address of the user of a name.
func (w *tenant) find(t *testing.T, name string) string {
	t.Helper()
	heard, err := w.send(http.MethodGet, "/Users?attributes=meta.location&filter=userName+eq+%22"+name+"%22", nil, nil)
	must(t, err)
	_, rest, _ := strings.Cut(string(heard.body), `"location":"`)
	location, _, found := strings.Cut(rest, `"`)
	if !found {
		t.Fatalf("%s", heard.body)
	}
	return location
}
