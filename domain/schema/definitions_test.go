package schema_test

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/extraordinary/provisioning/domain/schema"
)

// definition is an attribute as the JSON of RFC 7643 §8.7.1 writes it.
type definition struct {
	Name            string
	Type            schema.Type
	MultiValued     bool
	Required        bool
	CaseExact       bool
	CanonicalValues []string
	Mutability      schema.Mutability
	Returned        schema.Returned
	Uniqueness      schema.Uniqueness
	ReferenceTypes  []string
	SubAttributes   []definition
}

// differences are where we differ from RFC 7643 §8.7 on purpose, and why. Most of them follow the text of the RFC,
// with which its own example does not agree.
var differences = map[string]struct{ ours, why string }{
	"User:ims.type canonicalValues": {
		"[aim gtalk icq xmpp msn skype qq yahoo other]", `§4.1.2 lists "other" too`,
	},
	"User:addresses.primary":                 {"added", "§2.4 gives it to every multi-valued attribute and §8.2 sends it"},
	"User:groups.$ref referenceTypes":        {"[Group]", "§4.1.2: it is the URI of a Group"},
	"User:groups.value caseExact":            {"true", "it holds an id, which is case exact (§3.1)"},
	"User:groups.$ref caseExact":             {"true", "a reference is case exact (§2.3.7)"},
	"User:profileUrl caseExact":              {"true", "a reference is case exact (§2.3.7)"},
	"User:photos.value caseExact":            {"true", "a reference is case exact (§2.3.7)"},
	"User:x509Certificates.value caseExact":  {"true", "a binary is case exact (§2.3.6)"},
	"Group:displayName required":             {"true", "§4.2: REQUIRED"},
	"Group:displayName uniqueness":           {"server", "Entra matches groups by name and does not work with two of one name"},
	"Group:members.value required":           {"true", "§4.2 allows it; a member without it is nobody"},
	"Group:members.value caseExact":          {"true", "it holds an id, which is case exact (§3.1)"},
	"Group:members.$ref caseExact":           {"true", "a reference is case exact (§2.3.7)"},
	"Group:members.display":                  {"added", "§2.4, and §8.4 sends it"},
	"EnterpriseUser:manager.value caseExact": {"true", "it holds an id, which is case exact (§3.1)"},
	"EnterpriseUser:manager.$ref caseExact":  {"true", "a reference is case exact (§2.3.7)"},

	"Service Provider Configuration:documentationUri caseExact":                       {"true", "a reference is case exact (§2.3.7)"},
	"Service Provider Configuration:etag":                                             {"added", "§5: REQUIRED"},
	"Service Provider Configuration:pagination":                                       {"added", "RFC 9865 §4"},
	"Service Provider Configuration:authenticationSchemes.type":                       {"added", "§5: REQUIRED"},
	"Service Provider Configuration:authenticationSchemes.primary":                    {"added", "§2.4 gives it to every multi-valued attribute and §8.5 sends it"},
	"Service Provider Configuration:authenticationSchemes.specUri caseExact":          {"true", "a reference is case exact (§2.3.7)"},
	"Service Provider Configuration:authenticationSchemes.documentationUri caseExact": {"true", "a reference is case exact (§2.3.7)"},
	"ResourceType:endpoint caseExact":                                                 {"true", "a reference is case exact (§2.3.7)"},
	"ResourceType:schemaExtensions multiValued":                                       {"true", "§6: it is a list"},
	"ResourceType:schemaExtensions required":                                          {"false", "§6: OPTIONAL"},
	"Schema:attributes.type canonicalValues":                                          {types, "§7 lists binary too"},
	"Schema:attributes.subAttributes.type canonicalValues":                            {types, "§7 lists binary too"},
	"Schema:attributes.subAttributes.referenceTypes multiValued":                      {"true", "§7: it is a list, as that of attributes is"},
}

const types = "[string boolean decimal integer dateTime reference binary complex]"

func TestDefinitionsAreTheRFCs(t *testing.T) {
	t.Parallel()
	found := map[string]string{}
	for _, theirs := range append(read(t, "testdata/rfc7643-8.7.1.json"), read(t, "testdata/rfc7643-8.7.2.json")...) {
		ours := schema.Core().Schema(theirs.ID)
		if ours == nil || ours.Name != theirs.Name || ours.ID != theirs.ID {
			t.Errorf("%s %s is %+v", theirs.ID, theirs.Name, ours)
			continue
		}
		compare(found, ours.Name+":", theirs.Attributes, ours.Attributes)
	}
	for where, what := range found {
		if differences[where].ours != what {
			t.Errorf("%s is %s, which differs from the RFC for no reason that is written down", where, what)
		}
	}
	for where, d := range differences {
		if found[where] == "" {
			t.Errorf("%s is no longer %s (%s)", where, d.ours, d.why)
		}
	}
}

type definitions struct {
	ID, Name   string
	Attributes []definition
}

// read reads the RFC's schemas, without the descriptions, which are ours.
func read(t *testing.T, file string) (all []definitions) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func compare(found map[string]string, prefix string, theirs []definition, ours []schema.Attribute) {
	for _, their := range theirs {
		i := slices.IndexFunc(ours, func(a schema.Attribute) bool { return a.Name == their.Name })
		if i < 0 {
			found[prefix+their.Name] = "missing"
			continue
		}
		their.defaults()
		our := ours[i]
		for _, characteristic := range []string{
			"Type", "MultiValued", "Required", "CaseExact", "CanonicalValues", "Mutability", "Returned", "Uniqueness", "ReferenceTypes",
		} {
			got := fmt.Sprint(reflect.ValueOf(our).FieldByName(characteristic))
			if want := fmt.Sprint(reflect.ValueOf(their).FieldByName(characteristic)); got != want {
				found[prefix+their.Name+" "+strings.ToLower(characteristic[:1])+characteristic[1:]] = got
			}
		}
		compare(found, prefix+their.Name+".", their.SubAttributes, our.SubAttributes)
	}
	for _, our := range ours {
		if !slices.ContainsFunc(theirs, func(d definition) bool { return d.Name == our.Name }) {
			found[prefix+our.Name] = "added"
		}
	}
}

// defaults fills in what the RFC's example leaves out, by its §2.2.
func (d *definition) defaults() {
	if d.Uniqueness == "" {
		d.Uniqueness = schema.None
	}
}

func TestEveryDefinitionIsWhole(t *testing.T) {
	t.Parallel()
	var whole func(path string, a *schema.Attribute)
	whole = func(path string, a *schema.Attribute) {
		if a.Name == "" || a.Description == "" || a.Type == "" || a.Mutability == "" || a.Returned == "" || a.Uniqueness == "" {
			t.Errorf("%s lacks a characteristic: %+v", path, a)
		}
		if (a.Type == schema.Complex) != (len(a.SubAttributes) > 0) || (a.Type == schema.Reference) != (len(a.ReferenceTypes) > 0) {
			t.Errorf("%s does not fit its type: %+v", path, a)
		}
		for i := range a.SubAttributes {
			whole(path+"."+a.SubAttributes[i].Name, &a.SubAttributes[i])
		}
	}
	for _, s := range schema.Core().Published() {
		for i := range s.Attributes {
			whole(s.Name+":"+s.Attributes[i].Name, &s.Attributes[i])
		}
	}
	for _, name := range []string{"schemas", "id", "externalId", "meta"} {
		target, _ := schema.Core().Type("Group").Resolve("", name, "")
		whole(name, target.Attribute)
	}
}

// The common attributes are in no schema of §8.7.1; their characteristics are in the text of §3 and §3.1.
func TestCommonAttributesAreTheRFCs(t *testing.T) {
	t.Parallel()
	user := schema.Core().Type("User")
	for path, want := range map[string]string{
		"schemas":           "reference multi required readWrite always none",
		"id":                "string exact readOnly always server",
		"externalId":        "string exact readWrite default none",
		"meta":              "complex readOnly default none",
		"meta.resourceType": "string exact readOnly default none",
		"meta.created":      "dateTime readOnly default none",
		"meta.lastModified": "dateTime readOnly default none",
		"meta.location":     "reference exact readOnly default none",
		"meta.version":      "string exact readOnly default none",
	} {
		name, sub, _ := strings.Cut(path, ".")
		target, ok := user.Resolve("", name, sub)
		if !ok {
			t.Errorf("%s is missing", path)
			continue
		}
		a := target.Attribute
		if target.Sub != nil {
			a = target.Sub
		}
		words := []string{string(a.Type)}
		for word, is := range map[string]bool{"multi": a.MultiValued, "required": a.Required, "exact": a.CaseExact} {
			if is {
				words = append(words, word)
			}
		}
		slices.Sort(words[1:])
		words = append(words, string(a.Mutability), string(a.Returned), string(a.Uniqueness))
		if got := strings.Join(words, " "); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}

func TestARegistryFindsTypesAndSchemasInAnyCase(t *testing.T) {
	t.Parallel()
	r := schema.Core()
	var ids []string
	for _, s := range r.Schemas() {
		ids = append(ids, s.ID)
	}
	if want := []string{schema.UserURN, schema.EnterpriseURN, schema.GroupURN}; !slices.Equal(ids, want) {
		t.Errorf("schemas are %q", ids)
	}
	if r.Type("user") == nil || r.Type("GROUP") == nil || r.Type("Device") != nil {
		t.Error("types are User and Group")
	}
	if s := r.Schema(strings.ToUpper(schema.EnterpriseURN)); s == nil || s.Name != "EnterpriseUser" {
		t.Errorf("got %+v", s)
	}
	if r.Schema("urn:example:none") != nil {
		t.Error("there is a schema of no such URN")
	}
}

func TestEachRegistryIsItsOwn(t *testing.T) {
	t.Parallel()
	schema.Core().Type("User").Core.Attribute("userName").Required = false
	if !schema.Core().Type("User").Core.Attribute("userName").Required {
		t.Error("a change to one registry is seen in another")
	}
}
