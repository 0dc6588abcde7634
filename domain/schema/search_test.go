package schema_test

import (
	"slices"
	"testing"

	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
)

func TestSearchGivesWhatFiltersAreEvaluatedOn(t *testing.T) {
	t.Parallel()
	const core, extension = `"urn:ietf:params:scim:schemas:core:2.0:user"`, `"urn:ietf:params:scim:schemas:extension:enterprise:2.0:user"`
	for _, c := range []struct{ name, kept, document string }{
		{
			"names in lower case, strings folded unless they are case exact",
			`{"userName":"Mia@Example.com","externalId":"E-1","name":{"familyName":"STRA\u00dfE"},"profileUrl":"https://Example.com/A"}`,
			`{"schemas":[` + core + `],"username":"mia@example.com","externalid":"E-1","name":{"familyname":"strasse"},"profileurl":"https://Example.com/A"}`,
		},
		{
			"lists", `{"emails":[{"type":"Work","value":"A@b","primary":true}]}`,
			`{"schemas":[` + core + `],"emails":[{"type":"work","value":"a@b","primary":true}]}`,
		},
		{
			"an extension under its URN in lower case", `{` + enterprise + `:{"employeeNumber":"A1","manager":{"value":"M"}}}`,
			`{"schemas":[` + core + `,` + extension + `],` + extension + `:{"employeenumber":"a1","manager":{"value":"M"}}}`,
		},
		{
			"times in UTC, numbers in one form, booleans, binaries and references exact",
			`{"urn:example:badge:1.0":{"since":"2026-01-01T00:30:00.5+01:00","level":-0,"height":1.70,"key":"Aa==","page":"B","lost":false,"shifts":["2026-01-01T24:00:00"]}}`,
			`{"schemas":[` + core + `,"urn:example:badge:1.0"],"urn:example:badge:1.0":{"since":"2025-12-31T23:30:00.500000000Z","level":0,"height":1.7,"key":"Aa==","page":"b","lost":false,"shifts":["2026-01-02T00:00:00.000000000Z"]}}`,
		},
		{
			"neither id nor meta nor what is write-only nor what does not fit",
			`{"id":"1","meta":{"version":"1"},"schemas":["x"],"password":"p","title":1,"emails":"a","name":["x"],"shoeSize":1,"roles":[1,{"value":true}]}`,
			`{"schemas":[` + core + `]}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			user := badge()
			document := user.Search(object(t, c.kept))
			if written(document) != c.document {
				t.Errorf("got  %s\nwant %s", written(document), c.document)
			}
			if again := user.Search(document); written(again) != c.document {
				t.Errorf("searched again it is %s", written(again))
			}
		})
	}
}

func TestSearchHoldsTheMembersThatItIsShown(t *testing.T) {
	t.Parallel()
	document := schema.Core().Type("Group").Search(object(t, `{"displayName":"Ops","members":[{"value":"U1","display":"Mia","type":"User"}]}`))
	want := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:group"],"displayname":"ops","members":[{"value":"U1","display":"mia","type":"user"}]}`
	if written(document) != want {
		t.Errorf("got %s", written(document))
	}
}

func TestKeyGivesWhatAValueIsComparedAs(t *testing.T) {
	t.Parallel()
	user := badge()
	for _, c := range []struct{ urn, name, sub, value, key string }{
		{"", "userName", "", `"MIA"`, `"mia"`},
		{"", "externalId", "", `"MIA"`, `"MIA"`},
		{"", "id", "", `"MIA"`, `"MIA"`},
		{"", "schemas", "", `"URN:X"`, `"urn:x"`},
		{"", "active", "", `true`, `true`},
		{"", "active", "", `"False"`, `false`},
		{"", "meta", "created", `"2026-01-01T00:00:00+10:00"`, `"2025-12-31T14:00:00.000000000Z"`},
		{"urn:example:badge:1.0", "level", "", `7`, `7`},
		{"urn:example:badge:1.0", "height", "", `1.0`, `1`},
		{"urn:example:badge:1.0", "height", "", `1e6`, `1000000`},
		{"urn:example:badge:1.0", "height", "", `1e22`, `1e+22`},
		{"urn:example:badge:1.0", "height", "", `-0.0`, `0`},
		{"urn:example:badge:1.0", "height", "", `1e-7`, `1e-07`},
		{"", "userName", "", `1`, ``},
		{"", "userName", "", `null`, ``},
		{"", "active", "", `"yes"`, ``},
		{"", "meta", "created", `"yesterday"`, ``},
		{"", "meta", "created", `1`, ``},
		{"urn:example:badge:1.0", "level", "", `7.5`, ``},
		{"urn:example:badge:1.0", "level", "", `"7"`, ``},
		{"urn:example:badge:1.0", "height", "", `1e999`, ``},
		{"", "name", "", `"Mia"`, ``},
		{"", "emails", "", `{"value":"a"}`, ``},
	} {
		target, ok := user.Resolve(c.urn, c.name, c.sub)
		if !ok {
			t.Errorf("%s %s is not there", c.name, c.sub)
			continue
		}
		a := target.Attribute
		if target.Sub != nil {
			a = target.Sub
		}
		key, ok := a.Key(parse(t, c.value))
		if ok != (c.key != "") || ok && written(key) != c.key || !ok && key != nil {
			t.Errorf("%s of %s: got %v, %t, want %s", c.value, target.Path(), key, ok, c.key)
		}
	}
}

func TestTheOrderOfKeysIsTheOrderOfTime(t *testing.T) {
	t.Parallel()
	inOrder := []string{
		"0001-01-01T00:00:00Z", "1999-12-31T23:59:59.999999999Z", "2000-01-01T00:00:00Z", "2000-01-01T00:00:00.1Z",
		"2000-01-01T00:00:00.11Z", "2000-01-01T01:30:00+01:00", "2000-01-01T00:30:01", "2000-01-01T00:00:00-14:00", "9999-12-31T23:59:59Z",
	}
	since := &schema.Attribute{Type: schema.DateTime}
	keys := make([]string, len(inOrder))
	for i, s := range inOrder {
		key, _ := since.Key(s)
		keys[i], _ = key.(string)
		if len(keys[i]) != len("2006-01-02T15:04:05.000000000Z") {
			t.Errorf("%s has the key %q", s, keys[i])
		}
	}
	if !slices.IsSorted(keys) {
		t.Errorf("keys are %q", keys)
	}
}

func TestTypesTakeWhatTheRFCSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind      schema.Type
		good, bad []string
	}{
		{
			schema.DateTime,
			[]string{
				`"2008-01-23T04:56:22Z"`, `"2008-01-23T04:56:22"`, `"2008-01-23T04:56:22.123456789012+09:30"`, `"2024-02-29T00:00:00-00:00"`,
				`"2008-01-23T24:00:00Z"`, `"2008-01-23T24:00:00.00Z"`, `"0000-01-01T00:00:00Z"`,
			},
			[]string{
				`"2008-01-23"`, `"04:56:22"`, `"2008-01-23t04:56:22Z"`, `"2008-01-23 04:56:22Z"`, `"2008-01-23T04:56:22z"`, `"2008-01-23T04:56Z"`,
				`"2008-01-23T04:56:22,5Z"`, `"2008-01-23T04:56:22.Z"`, `"2008-01-23T4:56:22Z"`, `"2008-01-23T4:56:22.5Z"`, `"2008-1-23T04:56:22Z"`,
				`"2023-02-29T00:00:00Z"`, `"2008-13-01T00:00:00Z"`, `"2008-01-23T25:00:00Z"`, `"2008-01-23T24:00:01Z"`, `"2008-01-23T24:00:00.1Z"`,
				`"2008-01-23T04:60:00Z"`, `"2008-01-23T04:56:60Z"`, `"2008-01-23T04:56:22+14:01"`, `"2008-01-23T04:56:22+1:00"`, `"2008-01-23T04:56:22+0100"`,
				`"2008-01-23T04:56:22+01:60"`, `"2008-01-23T04:56:22ZZ"`, `" 2008-01-23T04:56:22Z"`, `"2008-01-23T04:56:22Z "`, `"9999-12-31T23:59:59-01:00"`,
				`"0000-01-01T00:00:00+01:00"`, `"12008-01-23T04:56:22Z"`, `"-2008-01-23T04:56:22Z"`, `1201064182`, `true`,
			},
		},
		{
			schema.Integer,
			[]string{`0`, `-1`, `9223372036854775807`},
			[]string{`1.0`, `1e2`, `9223372036854775808`, `"1"`, `true`},
		},
		{schema.Decimal, []string{`0`, `-1.5`, `1e308`, `1e-999`}, []string{`1e309`, `"1.5"`, `"NaN"`, `false`}},
		{
			schema.Binary,
			[]string{`""`, `"AA=="`, `"AA"`, `"AAA="`, `"AAA"`, `"AAAA"`, `"+/+/"`, `"-_-_"`},
			[]string{`"A"`, `"AA="`, `"AAAA="`, `"A==="`, `"===="`, `"AA==AA=="`, `"+/-_"`, `"AA\nAA"`, `"AA AA"`, `"é==="`, `1`},
		},
		{schema.Boolean, []string{`true`, `false`, `"True"`, `"fALSE"`}, []string{`"1"`, `"yes"`, `" true"`, `0`, `1`}},
		{schema.String, []string{`""`, `" "`, `"a"`}, []string{`1`, `true`}},
		{schema.Reference, []string{`""`, `"../Users/1"`}, []string{`1`, `true`}},
	} {
		a := &schema.Attribute{Name: "a", Type: c.kind}
		for _, good := range c.good {
			if clean, _, err := a.CheckValue("a", parse(t, good)); err != nil || clean == nil {
				t.Errorf("%s %s: %v", c.kind, good, err)
			}
		}
		for _, bad := range c.bad {
			if clean, _, err := a.CheckValue("a", parse(t, bad)); err == nil {
				t.Errorf("%s takes %s as %s", c.kind, bad, written(clean))
			}
		}
	}
}

func BenchmarkCheckAndSearch(b *testing.B) {
	user := schema.Core().Type("User")
	o := object(b, `{"schemas":["`+schema.UserURN+`",`+enterprise+`],"externalId":"E-1001","userName":"mia.chen@example.com","active":"True",`+
		`"displayName":"Mia Chen","title":"Engineer","emails":[{"primary":true,"type":"work","value":"mia.chen@example.com"}],`+
		`"name":{"formatted":"Mia Chen","familyName":"Chen","givenName":"Mia"},"phoneNumbers":[{"type":"mobile","value":"+61 400 000 000"}],`+
		enterprise+`:{"employeeNumber":"1001","department":"R&D"}}`)
	b.ReportAllocs()
	for b.Loop() {
		clean, _, err := user.Check(o)
		if err != nil {
			b.Fatal(err)
		}
		user.Search(tree.NewObject()) // as cheap as it can be
		user.Search(clean)
	}
}
