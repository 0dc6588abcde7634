package schema_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/extraordinary/provisioning/domain/schema"
)

const fleet = `{"id": "urn:x:Fleet", "name": "Fleet", "attributes": [
	{"name": "badge", "type": "string", "uniqueness": "server"},
	{"name": "Key", "type": "string", "caseExact": true, "uniqueness": "global"},
	{"name": "number", "type": "integer", "uniqueness": "server"},
	{"name": "weight", "type": "decimal", "uniqueness": "server"},
	{"name": "page", "type": "reference", "referenceTypes": ["external"], "uniqueness": "server"},
	{"name": "plates", "type": "string", "multiValued": true, "uniqueness": "server"},
	{"name": "cards", "type": "complex", "multiValued": true, "subAttributes": [
		{"name": "value", "type": "string", "uniqueness": "server"}, {"name": "type", "type": "string"}]},
	{"name": "desk", "type": "complex", "subAttributes": [{"name": "place", "type": "string", "uniqueness": "server"}]},
	{"name": "note", "type": "string"}]}`

func TestValuesAreUniqueInTheirNormalForm(t *testing.T) {
	t.Parallel()
	s, err := schema.ReadSchema(object(t, fleet))
	if err != nil {
		t.Fatal(err)
	}
	all, err := schema.Core().With(schema.Extension{Of: "User", Schema: s})
	if err != nil {
		t.Fatal(err)
	}
	if u := s.Attribute("Key").Uniqueness; u != schema.Server {
		t.Errorf("global is %s: nothing is held across organisations", u)
	}
	for attributes, want := range map[string]string{
		`"badge":"Straße 7"`:             `badge "strasse 7"`,
		`"badge":""`:                     ``,
		`"badge":" "`:                    `badge " "`,
		`"Key":"Ab"`:                     `Key "Ab"`,
		`"number":-0`:                    `number 0`,
		`"weight":1.50e1`:                `weight 15`,
		`"page":"https://example.com/A"`: `page "https://example.com/A"`,
		`"plates":["B","a","b"]`:         `plates "a"; plates "b"`,
		`"cards":[{"value":"X","type":"a"},{"value":"x","type":"b"},{"type":"c"}]`: `cards.value "x"`,
		`"desk":{"place":"4.12"},"note":"n"`:                                       `desk.place "4.12"`,
		`"number":7,"badge":"b"`:                                                   `badge "b"; number 7`,
	} {
		var got []string
		for _, v := range all.Type("User").Unique(object(t, `{"userName":"mia","urn:x:Fleet":{`+attributes+`}}`)) {
			got = append(got, strings.TrimPrefix(v.Path, "urn:x:Fleet:")+" "+v.Key)
		}
		if text := strings.Join(got, "; "); text != want {
			t.Errorf("%s: got %s, expected %s", attributes, text, want)
		}
	}
	if got := schema.Core().Type("User").Unique(object(t, `{"userName":"mia","urn:x:Fleet":{"badge":"b"}}`)); !slices.Equal(got, nil) {
		t.Errorf("%v without a schema that says so", got)
	}
}
