package schema_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
)

const enterprise = `"` + schema.EnterpriseURN + `"`

func parse(t testing.TB, text string) tree.Value {
	t.Helper()
	v, err := tree.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func object(t testing.TB, text string) *tree.Object {
	t.Helper()
	return parse(t, text).(*tree.Object)
}

func written(v tree.Value) string { return string(tree.Append(nil, v)) }

// badge is an extension with an attribute of every type that RFC 7643's own schemas use little or not at all.
func badge() *schema.ResourceType {
	t := schema.Core().Type("User")
	attribute := func(name string, kind schema.Type) schema.Attribute {
		return schema.Attribute{Name: name, Type: kind, Mutability: schema.ReadWrite, Returned: schema.Default, Uniqueness: schema.None}
	}
	times := attribute("shifts", schema.DateTime)
	times.MultiValued = true
	code := attribute("code", schema.String)
	code.Required, code.CaseExact = true, true
	pin := attribute("pin", schema.String)
	pin.Mutability, pin.Returned = schema.WriteOnly, schema.Never
	issuer := attribute("issuer", schema.String)
	issuer.Required, issuer.Mutability = true, schema.ReadOnly
	door := attribute("door", schema.String)
	door.Required = true
	locks := attribute("locks", schema.Complex)
	locks.MultiValued, locks.SubAttributes = true, []schema.Attribute{door, issuer}
	t.Extensions = append(t.Extensions, &schema.Schema{ID: "urn:example:badge:1.0", Name: "Badge", Attributes: []schema.Attribute{
		attribute("level", schema.Integer), attribute("height", schema.Decimal), attribute("since", schema.DateTime),
		attribute("key", schema.Binary), attribute("page", schema.Reference), attribute("lost", schema.Boolean), times, code, pin, issuer,
		attribute("department", schema.String), locks,
	}})
	return t
}

func TestCheckKeepsWhatWasSent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, input, clean, ignored string }{
		{
			"values as they were sent, in the order of arrival, names as they are spelt in the schema",
			`{"TITLE":" Engineer ","username":"Mia@Example.com","PhoneNumbers":[{"TYPE":"mobile","VALUE":"0400 000 000"}]}`,
			`{"title":" Engineer ","userName":"Mia@Example.com","phoneNumbers":[{"type":"mobile","value":"0400 000 000"}]}`, ``,
		},
		{"an empty string is a value of a text", `{"title":""}`, `{"title":""}`, ``},
		{"and means absent where no text can be", `{"active":"","name":"","emails":[{"value":"a","primary":""}],"urn:example:badge:1.0":{"level":"","since":"","shifts":[""]}}`, `{"emails":[{"value":"a"}]}`, ``},
		{
			"one value of one type that stands twice is one",
			`{"emails":[{"type":"work","value":"a@b","primary":true},{"value":"a@b"},{"type":"WORK","value":"A@b","display":"A"},{"value":"A@B"}]}`,
			`{"emails":[{"type":"WORK","value":"A@b","primary":true,"display":"A"},{"value":"A@B"}]}`, ``,
		},
		{
			"so is an equal element without a value, and no other", `{"addresses":[{"type":"work","country":"NZ"},{"country":"nz","type":"work"},{"type":"work","country":"AU"}]}`,
			`{"addresses":[{"type":"work","country":"nz"},{"type":"work","country":"AU"}]}`, ``,
		},
		{"a simple value that stands twice is one", `{"urn:example:badge:1.0":{"shifts":["2026-01-01T01:00:00+01:00","2026-01-01T00:00:00Z"]}}`, `{"urn:example:badge:1.0":{"shifts":["2026-01-01T01:00:00+01:00"]}}`, ``},
		{"null, [] and {} mean absent", `{"title":null,"emails":[],"name":{},"addresses":null}`, `{}`, ``},
		{
			"and so do they within values",
			`{"emails":[null,{},{"value":null},{"value":"a@b","display":null}],"name":{"givenName":null}}`,
			`{"emails":[{"value":"a@b"}]}`, ``,
		},
		{"what only this service writes is left out in silence", `{"id":"1","ID2":null,"meta":{"resourceType":"User"},"groups":[{"value":"g"}]}`, `{}`, ``},
		{"externalId is the client's", `{"externalId":"E-1"}`, `{"externalId":"E-1"}`, ``},
		{"a password is accepted and not kept", `{"userName":"a","password":"secret"}`, `{"userName":"a"}`, ``},
		{"a password of any form", `{"password":1}`, `{}`, ``},
		{
			"unknown attributes are named",
			`{"shoeSize":44,"emails":[{"value":"a","label":"x"},{"value":"b","label":"y"}],"name":{"nick":"z"}}`,
			`{"emails":[{"value":"a"},{"value":"b"}]}`, `shoeSize emails.label name.nick`,
		},
		{"unknown attributes without a value are not", `{"department":null,"manager":null,"x":[],"name":{"y":{}}}`, `{}`, ``},
		{
			"unknown schemas are named",
			`{"schemas":["` + strings.ToUpper(schema.UserURN) + `",` + enterprise + `,"urn:example:none"]}`, `{}`, `urn:example:none`,
		},
		{"schemas may be one string", `{"schemas":"urn:example:none"}`, `{}`, `urn:example:none`},
		{
			"the enterprise URN that Entra's documentation misspells",
			`{"userName":"a","urn:ietf:params:scim:schemas:extension:enterprise:2.0User":{"department":"x"}}`,
			`{"userName":"a"}`, `urn:ietf:params:scim:schemas:extension:enterprise:2.0User`,
		},
		{
			"an extension in any case",
			`{"URN:IETF:PARAMS:SCIM:SCHEMAS:EXTENSION:ENTERPRISE:2.0:USER":{"DEPARTMENT":"x","floor":3,"manager":{"value":"m","since":1}}}`,
			`{` + enterprise + `:{"department":"x","manager":{"value":"m"}}}`,
			schema.EnterpriseURN + `:floor ` + schema.EnterpriseURN + `:manager.since`,
		},
		{"an extension without a value", `{` + enterprise + `:{"department":null},"urn:example:badge:1.0":null}`, `{}`, ``},
		{"booleans in words, as Entra sends them", `{"active":"False","roles":[{"value":"a","primary":"TRUE"}]}`, `{"active":false,"roles":[{"value":"a","primary":true}]}`, ``},
		{"a manager as a bare id", `{` + enterprise + `:{"manager":"m"}}`, `{` + enterprise + `:{"manager":{"value":"m"}}}`, ``},
		{"a manager as an empty id is none", `{` + enterprise + `:{"manager":""}}`, `{}`, ``},
		{"the manager's name is this service's to give", `{` + enterprise + `:{"manager":{"value":"m","displayName":"M"}}}`, `{` + enterprise + `:{"manager":{"value":"m"}}}`, ``},
		{"one element without its list", `{"emails":{"value":"a"}}`, `{"emails":[{"value":"a"}]}`, ``},
		{"elements as bare values", `{"roles":["a",{"value":"b"},""]}`, `{"roles":[{"value":"a"},{"value":"b"}]}`, ``},
		{"one element as a bare value", `{"roles":"a"}`, `{"roles":[{"value":"a"}]}`, ``},
		{"one simple element without its list", `{"urn:example:badge:1.0":{"shifts":"2026-01-01T00:00:00Z"}}`, `{"urn:example:badge:1.0":{"shifts":["2026-01-01T00:00:00Z"]}}`, ``},
		{"a type that stands twice", `{"emails":[{"type":"work","value":"a"},{"type":"work","value":"b"}]}`, `{"emails":[{"type":"work","value":"a"},{"type":"work","value":"b"}]}`, ``},
		{"a type that the schema does not suggest", `{"emails":[{"type":"boat","value":"a"}]}`, `{"emails":[{"type":"boat","value":"a"}]}`, ``},
		{"one primary among many", `{"emails":[{"value":"a","primary":true},{"value":"b","primary":false}]}`, `{"emails":[{"value":"a","primary":true},{"value":"b","primary":false}]}`, ``},
		{
			"numbers with their digits", `{"urn:example:badge:1.0":{"level":-9223372036854775808,"height":1.70}}`,
			`{"urn:example:badge:1.0":{"level":-9223372036854775808,"height":1.70}}`, ``,
		},
		{
			"binary with or without padding", `{"urn:example:badge:1.0":{"key":"_-8"},"x509Certificates":[{"value":"+/8="},{"value":"AA=="}]}`,
			`{"urn:example:badge:1.0":{"key":"_-8"},"x509Certificates":[{"value":"+/8="},{"value":"AA=="}]}`, ``,
		},
		{"what an extension keeps from being read", `{"urn:example:badge:1.0":{"pin":"1234"}}`, `{}`, ``},
		{"what only this service writes in an extension", `{"urn:example:badge:1.0":{"issuer":"me"}}`, `{}`, ``},
		{"references as they are", `{"profileUrl":"not a URI"}`, `{"profileUrl":"not a URI"}`, ``},
		{"names in every script", `{"userName":"山田 太郎@例え.jp","displayName":"👩‍👩‍👧"}`, `{"userName":"山田 太郎@例え.jp","displayName":"👩‍👩‍👧"}`, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			clean, ignored, err := badge().Check(object(t, c.input))
			if err != nil {
				t.Fatal(err)
			}
			if written(clean) != c.clean {
				t.Errorf("%s\nis kept as %s\nwant       %s", c.input, written(clean), c.clean)
			}
			if got := strings.Join(ignored, " "); got != c.ignored {
				t.Errorf("ignored are %s, want %s", got, c.ignored)
			}
		})
	}
}

func TestCheckSaysWhatIsWrongAndWhere(t *testing.T) {
	t.Parallel()
	long := `[` + strings.Repeat(`"r",`, schema.MaxElements) + `"r"]`
	for _, c := range []struct{ input, path, detail string }{
		{`{"active":1}`, "active", "must be true or false, but a number was sent"},
		{`{"active":"yes"}`, "active", "must be true or false, and the string that was sent is not"},
		{`{"active":[true]}`, "active", "must be true or false, but a list was sent"},
		{`{"externalId":1001}`, "externalId", "must be a string: put it in quotes, but a number was sent"},
		{`{"title":true}`, "title", "must be a string, but a boolean was sent"},
		{`{"title":["a"]}`, "title", "must be a string, but a list was sent"},
		{`{"title":{"a":1}}`, "title", "must be a string, but an object was sent"},
		{`{"name":"Mia"}`, "name", "must be an object (of formatted, familyName, givenName, middleName, honorificPrefix, honorificSuffix), but a string was sent"},
		{`{"name":[{"givenName":"Mia"}]}`, "name", "must be an object (of formatted, familyName, givenName, middleName, honorificPrefix, honorificSuffix), but a list was sent"},
		{`{"name":{"givenName":1}}`, "name.givenName", "must be a string: put it in quotes, but a number was sent"},
		{`{"emails":[{"value":"a"},{"value":{"x":1}}]}`, "emails[1].value", "must be a string, but an object was sent"},
		{`{"emails":[1]}`, "emails[0]", "must be an object (of value, display, type, primary), but a number was sent"},
		{`{"emails":[[{"value":"a"}]]}`, "emails[0]", "must be an object (of value, display, type, primary), but a list was sent"},
		{`{"emails":[{"value":"a","primary":true},{"value":"b","primary":"True"}]}`, "emails", "2 elements are primary; let one be it at the most"},
		{`{"roles":` + long + `}`, "roles", "has 1001 elements; send 1000 at the most in one request"},
		{`{"schemas":[1]}`, "schemas[0]", "must be a string: put it in quotes, but a number was sent"},
		{`{` + enterprise + `:"x"}`, schema.EnterpriseURN, "must be an object with the attributes of this schema, but a string was sent"},
		{`{` + enterprise + `:{"manager":[{"value":"m"}]}}`, schema.EnterpriseURN + ":manager", "must be an object (of value, $ref, displayName), but a list was sent"},
		{`{` + enterprise + `:{"employeeNumber":7}}`, schema.EnterpriseURN + ":employeeNumber", "must be a string: put it in quotes, but a number was sent"},
		{`{"userName":""}`, "userName", "must not be blank"},
		{`{"urn:example:badge:1.0":{"locks":[{"door":"d"},{"label":"x","issuer":"me"}]}}`, "urn:example:badge:1.0:locks[1].door", "is required; send a value that is not blank"},
		{`{"userName":" \t\u3000"}`, "userName", "must not be blank"},
		{`{"x509Certificates":[{"value":"a b="}]}`, "x509Certificates[0].value", "must be a string in base64 without line breaks, and the string that was sent is not"},
	} {
		_, _, err := badge().Check(object(t, c.input))
		if f := fault.Of(err); !errors.Is(err, fault.Invalid) || f.Path != c.path || f.Detail != c.detail {
			t.Errorf("%.80s: got %v\nwant %s: %s", c.input, err, c.path, c.detail)
		}
	}
}

func TestAUserNameIsWhatItSeemsToBe(t *testing.T) {
	t.Parallel()
	user := schema.Core().Type("User")
	for name, r := range map[string]rune{
		"tab": '\t', "line feed": '\n', "delete": 0x7f, "C1 control": 0x85, "soft hyphen": 0xad, "zero width space": 0x200b,
		"zero width joiner": 0x200d, "left-to-right mark": 0x200e, "right-to-left override": 0x202e, "isolate": 0x2066,
		"Arabic letter mark": 0x61c, "line separator": 0x2028, "paragraph separator": 0x2029, "byte order mark": 0xfeff,
		"private use": 0xe000, "unassigned": 0x378, "noncharacter": 0xffff, "tag": 0xe0041, "Hangul filler": 0x3164,
		"variation selector": 0xfe0f, "combining grapheme joiner": 0x34f, "Khmer inherent vowel": 0x17b4,
	} {
		o := tree.NewObject(tree.Member{Name: "userName", Value: "mia" + string(r) + "chen"})
		if _, _, err := user.Check(o); !errors.Is(err, fault.Invalid) || fault.Of(err).Path != "userName" {
			t.Errorf("%s: %v", name, err)
		}
		o = tree.NewObject(tree.Member{Name: "displayName", Value: "mia" + string(r) + "chen"})
		if clean, _, err := user.Check(o); err != nil || !tree.Equal(clean, o) {
			t.Errorf("%s in another attribute: %v", name, err)
		}
	}
	for _, name := range []string{"mia.chen@example.com", "José Ñandú", "o'brien+x_y#EXT#@example.com", "Ωmega\u0301", "李雷", "संजय", "€100", "😀"} {
		if _, _, err := user.Check(tree.NewObject(tree.Member{Name: "userName", Value: name})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFaultNamesNoValue(t *testing.T) {
	t.Parallel()
	for _, input := range []string{
		`{"active":"canary"}`, `{"name":"canary"}`, `{"userName":"canary\u200b"}`, `{"emails":[{"value":{"canary":1}}]}`,
		`{"urn:example:badge:1.0":{"since":"canary"}}`, `{"urn:example:badge:1.0":{"level":"canary"}}`,
	} {
		if _, _, err := badge().Check(object(t, input)); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", input, err)
		}
	}
}

func TestTheRFCsOwnExamplesAreKeptWhole(t *testing.T) {
	t.Parallel()
	for file, kind := range map[string]string{"8.1": "User", "8.2": "User", "8.3": "User", "8.4": "Group"} {
		data, err := os.ReadFile("testdata/rfc7643-" + file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		sent := object(t, string(data))
		resource := schema.Core().Type(kind)
		clean, ignored, err := resource.Check(sent)
		if err != nil || len(ignored) > 0 {
			t.Errorf("%s: %v, ignored %q", file, err, ignored)
			continue
		}
		if err := resource.Required(clean); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		want := sent.Clone()
		for _, name := range []string{"schemas", "id", "meta", "groups", "password"} {
			want.Delete(name)
		}
		if manager, ok := want.Get(schema.EnterpriseURN).(*tree.Object); ok {
			manager.Get("manager").(*tree.Object).Delete("displayName")
		}
		if members, ok := want.Get("members").(tree.List); ok {
			for _, m := range members {
				m.(*tree.Object).Delete("display")
			}
		}
		if !tree.Equal(clean, want) {
			t.Errorf("%s is kept as %s", file, written(clean))
		}
		urns, _ := sent.Get("schemas").(tree.List)
		if got := resource.Schemas(clean); !slices.EqualFunc(got, urns, func(a string, b tree.Value) bool { return a == b }) {
			t.Errorf("%s has the schemas %q", file, got)
		}
	}
}

func TestCheckLeavesItsInputAlone(t *testing.T) {
	t.Parallel()
	const input = `{"active":"True","emails":[null,{"value":"a","x":1}],"name":{"givenName":null},` + enterprise + `:{"manager":"m"}}`
	o := object(t, input)
	clean, _, err := schema.Core().Type("User").Check(o)
	if err != nil {
		t.Fatal(err)
	}
	clean.Get("emails").(tree.List)[0].(*tree.Object).Set("value", "changed")
	if written(o) != input {
		t.Errorf("it became %s", written(o))
	}
}

func TestCheckElementTakesOneElement(t *testing.T) {
	t.Parallel()
	user, group := schema.Core().Type("User").Core, schema.Core().Type("Group").Core
	for _, c := range []struct {
		a                *schema.Attribute
		in, out, ignored string
	}{
		{user.Attribute("emails"), `{"VALUE":"a","label":1}`, `{"value":"a"}`, `p.label`},
		{user.Attribute("roles"), `"a"`, `{"value":"a"}`, ``},
		{user.Attribute("emails"), `{}`, `null`, ``},
		{user.Attribute("emails").Sub("primary"), `"True"`, `true`, ``},
		{user.Attribute("title"), `"a"`, `"a"`, ``},
		{user.Attribute("password"), `"a"`, `null`, ``},
		{group.Attribute("members"), `{"$ref":null,"value":"u","display":"Mia"}`, `{"value":"u"}`, ``},
	} {
		clean, ignored, err := c.a.CheckElement("p", parse(t, c.in))
		if err != nil || written(clean) != c.out || strings.Join(ignored, " ") != c.ignored {
			t.Errorf("%s of %s: got %s, ignored %q, %v", c.in, c.a.Name, written(clean), ignored, err)
		}
	}
	if _, _, err := user.Attribute("emails").CheckElement("p", parse(t, `[{"value":"a"}]`)); !errors.Is(err, fault.Invalid) {
		t.Errorf("a list is no element, got %v", err)
	}
}

func TestManyUnknownAttributesCostLittle(t *testing.T) {
	t.Parallel()
	element := tree.NewObject(tree.Member{Name: "value", Value: "a"})
	for i := range 200 {
		element.Set(strings.Repeat("x", i+1), true)
	}
	emails := make(tree.List, schema.MaxElements)
	for i := range emails {
		emails[i] = element
	}
	_, ignored, err := schema.Core().Type("User").Check(tree.NewObject(tree.Member{Name: "emails", Value: emails}))
	if err != nil || len(ignored) != 200 {
		t.Errorf("%d are ignored, %v", len(ignored), err)
	}
}
