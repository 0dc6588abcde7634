package schema_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
)

const travelURN = "urn:ietf:params:scim:schemas:extension:kereru:2.0:User"

const travel = `{
	"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
	"id": "` + travelURN + `", "name": "Travel", "description": "How somebody gets to work",
	"attributes": [
		{"name": "zone", "type": "integer", "required": true},
		{"name": "badge", "type": "string", "caseExact": true, "returned": "request", "mutability": "immutable"},
		{"name": "pin", "type": "string", "mutability": "writeOnly", "returned": "never"},
		{"name": "since", "type": "dateTime"},
		{"name": "photo", "type": "reference", "referenceTypes": ["external"]},
		{"name": "lines", "type": "complex", "multiValued": true, "subAttributes": [
			{"name": "value", "type": "string", "canonicalValues": ["bus", "tram"]},
			{"name": "$ref", "type": "reference", "referenceTypes": ["uri"]}
		]}
	]}`

func TestAnExtensionIsReadWithItsCharacteristics(t *testing.T) {
	t.Parallel()
	s, err := schema.ReadSchema(object(t, travel))
	if err != nil {
		t.Fatal(err)
	}
	zone, badge, photo, line := s.Attribute("zone"), s.Attribute("Badge"), s.Attribute("photo"), s.Attribute("lines").Sub("value")
	switch {
	case zone.Type != schema.Integer || !zone.Required || zone.MultiValued || zone.Mutability != schema.ReadWrite || zone.Returned != schema.Default:
		t.Errorf("zone: %+v", zone)
	case !badge.CaseExact || badge.Returned != schema.Request || badge.Mutability != schema.Immutable:
		t.Errorf("badge: %+v", badge)
	case !photo.CaseExact:
		t.Error("a reference is case exact unless it says otherwise (RFC 7643 §2.3.7)")
	case line == nil || len(line.CanonicalValues) != 2 || line.CaseExact:
		t.Errorf("lines.value: %+v", line)
	}
}

func TestAnExtensionThatContradictsItselfIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, with, path string }{
		"no URN":                          {travelURN, "travel", "id"},
		"no name":                         {`"Travel"`, `" "`, "name"},
		"no attributes":                   {`"attributes"`, `"atributes"`, "attributes"},
		"a type that does not exist":      {`"integer"`, `"int"`, "zone.type"},
		"a characteristic misspelt":       {`"required"`, `"requierd"`, "zone.requierd"},
		"a name with a dot":               {`"zone"`, `"zone.a"`, "name"},
		"a name twice":                    {`"zone"`, `"BADGE"`, "badge"},
		"a truth in quotes":               {`"required": true`, `"required": "true"`, "zone.required"},
		"readOnly, which nobody writes":   {`"immutable"`, `"readOnly"`, "badge.mutability"},
		"writeOnly that is returned":      {`"returned": "never"`, `"returned": "default"`, "pin.returned"},
		"a uniqueness that nobody knows":  {`"required": true`, `"uniqueness": "world"`, "zone.uniqueness"},
		"unique, and not kept":            {`"mutability": "writeOnly"`, `"mutability": "writeOnly", "uniqueness": "server"`, "pin.uniqueness"},
		"unique truths":                   {`"integer", "required": true`, `"boolean", "uniqueness": "global"`, "zone.uniqueness"},
		"unique objects":                  {`"multiValued": true, "sub`, `"uniqueness": "server", "sub`, "lines.uniqueness"},
		"complex in complex":              {`"name": "value", "type": "string"`, `"name": "value", "type": "complex"`, "lines.value.type"},
		"canonical values that are none":  {`["bus", "tram"]`, `"bus"`, "lines.value.canonicalValues"},
		"a reference's name at the top":   {`"name": "zone"`, `"name": "$ref"`, "name"},
		"a boolean with canonical values": {`"type": "string", "canonicalValues"`, `"type": "boolean", "canonicalValues"`, "lines.value.canonicalValues"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(travel, c.old) {
				t.Fatalf("%s is not there to be changed", c.old)
			}
			_, err := schema.ReadSchema(object(t, strings.Replace(travel, c.old, c.with, 1)))
			if !errors.Is(err, fault.Invalid) || fault.Of(err).Path != c.path {
				t.Errorf("%v, expected a fault at %s", err, c.path)
			}
		})
	}
}

func TestARegistryWithAnExtensionServesIt(t *testing.T) {
	t.Parallel()
	s, err := schema.ReadSchema(object(t, travel))
	if err != nil {
		t.Fatal(err)
	}
	core := schema.Core()
	all, err := core.With(schema.Extension{Of: "user", Schema: s})
	if err != nil {
		t.Fatal(err)
	}
	clean, ignored, err := all.Type("User").Check(object(t, `{"userName":"mia","`+strings.ToUpper(travelURN)+`":{"ZONE":4,"x":1}}`))
	if err != nil || len(ignored) != 1 || clean.Get(travelURN).(*tree.Object).Get("zone") != tree.Number("4") {
		t.Errorf("%v, ignored %v, %v", clean, ignored, err)
	}
	if err := all.Type("User").Required(object(t, `{"userName":"mia","`+travelURN+`":{"badge":"B1"}}`)); fault.Of(err).Path != travelURN+":zone" {
		t.Errorf("a required attribute is missing: %v", err)
	}
	if core.Schema(travelURN) != nil || core.Type("User").Extension(travelURN) != nil {
		t.Error("the registry that it was made of has it too")
	}
	for name, e := range map[string]schema.Extension{
		"a second time":         {Of: "User", Schema: s},
		"of no resource type":   {Of: "Device", Schema: s},
		"under a standard name": {Of: "Group", Schema: &schema.Schema{ID: strings.ToUpper(schema.EnterpriseURN), Name: "x"}},
	} {
		if _, err := all.With(e); !errors.Is(err, fault.Invalid) && !errors.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadSchema(f *testing.F) {
	f.Add(travel)
	f.Add(`{"id":"urn:a:b","name":"x","attributes":[{"name":"a","type":"complex","subAttributes":[{"name":"b"}]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		v, err := tree.Parse([]byte(text))
		o, isObject := v.(*tree.Object)
		if err != nil || !isObject {
			return
		}
		s, err := schema.ReadSchema(o)
		if err != nil {
			if !errors.Is(err, fault.Invalid) {
				t.Fatalf("%v is no fault of who wrote it", err)
			}
			return
		}
		if _, err := schema.Core().With(schema.Extension{Of: "User", Schema: s}); err != nil && !errors.Is(err, fault.Conflict) {
			t.Fatal(err)
		}
	})
}
