package schema_test

import (
	"errors"
	"testing"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
)

func TestResolveFindsWhatAPathNames(t *testing.T) {
	t.Parallel()
	const x = schema.EnterpriseURN
	for _, c := range []struct{ urn, name, sub, path string }{
		{"", "USERNAME", "", "userName"},
		{"", "Name", "GivenName", "name.givenName"},
		{schema.UserURN, "emails", "value", "emails.value"},
		{"URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER", "emails", "", "emails"},
		{schema.UserURN, "id", "", "id"},
		{"", "ID", "", "id"},
		{"", "externalid", "", "externalId"},
		{"", "meta", "lastmodified", "meta.lastModified"},
		{"", "schemas", "", "schemas"},
		{"", "groups", "$REF", "groups.$ref"},
		{x, "MANAGER", "VALUE", x + ":manager.value"},
		{"URN:ietf:params:scim:schemas:extension:enterprise:2.0:User", "employeenumber", "", x + ":employeeNumber"},
		{"", "manager", "", x + ":manager"},
		{"", "manager", "value", x + ":manager.value"},
		{"", "title", "", "title"},
		{"urn:example:badge:1.0", "department", "", "urn:example:badge:1.0:department"},
		{"", "level", "", "urn:example:badge:1.0:level"},

		{"", "department", "", ""}, // two extensions have one
		{"", "shoeSize", "", ""},
		{"", "", "", ""},
		{"", "name", "nick", ""},
		{"", "title", "value", ""},
		{"", "\u212aey", "", ""},
		{schema.UserURN, "manager", "", ""},
		{x, "userName", "", ""},
		{x, "id", "", ""},
		{x, "", "", ""},
		{schema.GroupURN, "displayName", "", ""},
		{"urn:example:none", "userName", "", ""},
	} {
		target, ok := badge().Resolve(c.urn, c.name, c.sub)
		if ok != (c.path != "") || target.Path() != c.path {
			t.Errorf("%s:%s.%s is %q, %t, want %q", c.urn, c.name, c.sub, target.Path(), ok, c.path)
		}
	}
}

func TestResolveGivesTheDefinitionsThemselves(t *testing.T) {
	t.Parallel()
	user := schema.Core().Type("User")
	target, _ := user.Resolve("", "manager", "value")
	extension := user.Extension(schema.EnterpriseURN)
	if target.Extension != extension || target.Attribute != extension.Attribute("manager") || target.Sub != target.Attribute.Sub("value") {
		t.Errorf("got %+v", target)
	}
	if path := (schema.Target{Extension: extension}).Path(); path != schema.EnterpriseURN {
		t.Errorf("an extension as a whole is %s", path)
	}
}

func TestRequiredAttributesMustHaveAValue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, kept, path string }{
		{"User", `{"userName":"mia"}`, ""},
		{"User", `{"title":"x"}`, "userName"},
		{"User", `{"userName":null}`, "userName"},
		{"User", `{"userName":" \u00a0"}`, "userName"},
		{"Group", `{"displayName":"Ops"}`, ""},
		{"Group", `{"externalId":"x"}`, "displayName"},
		{"Group", `{"displayName":"Ops","members":[{"value":"u"},{"type":"User"}]}`, "members[1].value"},
		{"User", `{"userName":"mia","urn:example:badge:1.0":{"code":"x"}}`, ""},
		{"User", `{"userName":"mia","urn:example:badge:1.0":{"level":1}}`, "urn:example:badge:1.0:code"},
		{"User", `{"userName":"mia","urn:example:badge:1.0":{}}`, ""},
	} {
		resource := schema.Core().Type(c.kind)
		if c.kind == "User" {
			resource = badge()
		}
		err := resource.Required(object(t, c.kept))
		if c.path == "" && err == nil {
			continue
		}
		if !errors.Is(err, fault.Invalid) || fault.Of(err).Path != c.path || fault.Of(err).Detail == "" {
			t.Errorf("%s: %v, want %q", c.kept, err, c.path)
		}
	}
}

func TestSchemasAreThoseThatHaveAttributes(t *testing.T) {
	t.Parallel()
	for kept, want := range map[string]string{
		`{}`: `["` + schema.UserURN + `"]`,
		`{"schemas":["x"],` + enterprise + `:{"department":"x"}}`: `["` + schema.UserURN + `",` + enterprise + `]`,
		`{` + enterprise + `:{}}`:                                 `["` + schema.UserURN + `"]`,
	} {
		var urns tree.List
		for _, urn := range schema.Core().Type("User").Schemas(object(t, kept)) {
			urns = append(urns, urn)
		}
		if written(urns) != want {
			t.Errorf("%s has %s", kept, written(urns))
		}
	}
}
