package scimapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
)

const rfcFolder = "testdata/rfc"

// TestTheExamplesOfTheRFCs holds the examples of RFC 7643 §8, RFC 7644 §3 and RFC 9865: what they say is said as they
// print it, but for ids and versions, and what is heard is what they print, but for what Source names. A file has
// the RFC and the section in its name.
func TestTheExamplesOfTheRFCs(t *testing.T) {
	t.Parallel()
	converse(t, newServer(t), rfcFolder)
}

func TestTheExamplesOfTheRFCsOnPostgresAndRedis(t *testing.T) {
	t.Parallel()
	converse(t, newServerOn(t, production, direct), rfcFolder)
}

// TestTheSchemasThatAreServedAreThoseOfTheRFC holds /Schemas against the definitions, which domain/schema holds against
// RFC 7643 §8.7 one by one (TestDefinitionsAreTheRFCs), with the reason for each difference.
func TestTheSchemasThatAreServedAreThoseOfTheRFC(t *testing.T) {
	t.Parallel()
	served := readSchemas(t)
	defined := schema.Core().Published()
	if len(served) != len(defined) {
		t.Fatalf("%d schemas are served, and %d are defined", len(served), len(defined))
	}
	for i, s := range served {
		if s.ID != defined[i].ID {
			t.Errorf("%s stands where %s should", s.ID, defined[i].ID)
		}
		sameDefinitions(t, s.ID+":", s.Attributes, defined[i].Attributes)
	}
}

// TestTheDescriptionsOfTheServiceAreAsTheirSchemasSay holds ServiceProviderConfig, ResourceType and Schema against the
// schemas that they name, which stand at /Schemas like those of users (RFC 7643 §7, §8.7.2). That of Schema itself is one
// floor higher than what it says: its subAttributes are complex, which only a schema for people could say to the end.
func TestTheDescriptionsOfTheServiceAreAsTheirSchemasSay(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	for _, path := range []string{"/ServiceProviderConfig", "/ResourceTypes/User", "/Schemas/" + schema.UserURN, "/Schemas/" + schema.ConfigURN} {
		heard, err := who.send(http.MethodGet, path, nil, nil)
		must(t, err)
		described, err := tree.Parse(heard.body)
		must(t, err)
		resource, _ := described.(*tree.Object)
		urns, _ := resource.Get("schemas").(tree.List)
		if len(urns) != 1 {
			t.Fatalf("%s has the schemas %v", path, urns)
		}
		resource.Delete("schemas")
		resource.Delete("meta")
		fits(t, path, schema.Core().Schema(urns[0].(string)).Attributes, resource)
	}
}

// fits holds that o has what is required, and nothing that is not defined or of another type.
func fits(t *testing.T, path string, attributes []schema.Attribute, o *tree.Object) {
	t.Helper()
	known := 0
	for i := range attributes {
		a := &attributes[i]
		v := o.Get(a.Name)
		list, many := v.(tree.List)
		switch {
		case v == nil:
			if a.Required {
				t.Errorf("%s has no %s", path, a.Name)
			}
			continue
		case many != a.MultiValued:
			t.Errorf("%s: %s is a list, or should be one", path, a.Name)
		case !many:
			list = tree.List{v}
		}
		known++
		for _, e := range list {
			if part, ok := e.(*tree.Object); ok && a.Type == schema.Complex {
				fits(t, path+" "+a.Name, a.SubAttributes, part)
			} else if _, ok := a.Key(e); !ok {
				t.Errorf("%s: %s has a value of another type: %v", path, a.Name, e)
			}
		}
	}
	if known != o.Len() {
		t.Errorf("%s has members that its schema has not: %s", path, tree.Append(nil, o))
	}
}

func sameDefinitions(t *testing.T, prefix string, served []described, defined []schema.Attribute) {
	t.Helper()
	if len(served) != len(defined) {
		t.Errorf("%s has %d attributes where %d are defined", prefix, len(served), len(defined))
		return
	}
	for i, d := range defined {
		s := served[i]
		got := fmt.Sprintln(s.Name, s.Type, *s.MultiValued, *s.Required, s.CaseExact != nil && *s.CaseExact, s.Mutability, s.Returned, s.Uniqueness)
		want := fmt.Sprintln(d.Name, d.Type, d.MultiValued, d.Required, d.CaseExact, d.Mutability, d.Returned, d.Uniqueness)
		if got != want || !slices.Equal(s.CanonicalValues, d.CanonicalValues) || !slices.Equal(s.ReferenceTypes, d.ReferenceTypes) {
			t.Errorf("%s is served as %s %v %v", prefix+d.Name, got, s.CanonicalValues, s.ReferenceTypes)
		}
		sameDefinitions(t, prefix+d.Name+".", s.SubAttributes, d.SubAttributes)
	}
}

// TestAPageHoldsTwoHundredAtTheMost holds RFC 7644 §3.4.2.4 and RFC 9865 §2: fewer than count may be returned, as
// filter.maxResults and pagination.maxPageSize say.
func TestAPageHoldsTwoHundredAtTheMost(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	createUsers(t, who, 201)
	for query, want := range map[string]int{"": 100, "?count=1000": 200, "?count=1000&cursor=": 200, "?cursor=": 100, "?count=7": 7} {
		heard, err := who.send(http.MethodGet, "/Users"+query, nil, nil)
		must(t, err)
		var p page
		must(t, json.Unmarshal(heard.body, &p))
		if len(p.Resources) != want || p.ItemsPerPage != want || p.TotalResults != 201 {
			t.Errorf("%s: %d of %d, expected %d", query, len(p.Resources), p.TotalResults, want)
		}
	}
}
