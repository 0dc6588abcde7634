package scim_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/scim"
)

func TestParsePathReadsEveryForm(t *testing.T) {
	t.Parallel()
	const (
		enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0"
		member     = "2819c223-7f76-453a-919d-413861904646"
	)
	eq := func(name, value string) scim.Filter {
		return scim.Compare{Path: scim.Path{Name: name}, Op: scim.Equal, Value: value}
	}
	for text, want := range map[string]scim.PatchPath{
		"members":                                        {Path: scim.Path{Name: "members"}},
		"name.familyName":                                {Path: scim.Path{Name: "name", Sub: "familyName"}},
		`addresses[type eq "work"]`:                      {Path: scim.Path{Name: "addresses"}, Filter: eq("type", "work")},
		`members[value eq "` + member + `"]`:             {Path: scim.Path{Name: "members"}, Filter: eq("value", member)},
		`members[value eq"` + member + `"]`:              {Path: scim.Path{Name: "members"}, Filter: eq("value", member)},
		`members[value eq "` + member + `"].displayName`: {Path: scim.Path{Name: "members", Sub: "displayName"}, Filter: eq("value", member)},
		`emails[type eq "other"].Value`:                  {Path: scim.Path{Name: "emails", Sub: "Value"}, Filter: eq("type", "other")},
		" title ":                                        {Path: scim.Path{Name: "title"}},

		enterprise + ":User":                   {Path: scim.Path{URN: enterprise, Name: "User"}},
		enterprise + ":User:manager":           {Path: scim.Path{URN: enterprise + ":User", Name: "manager"}},
		enterprise + ":User:manager.value":     {Path: scim.Path{URN: enterprise + ":User", Name: "manager", Sub: "value"}},
		enterprise + `:User:manager[a eq "x"]`: {Path: scim.Path{URN: enterprise + ":User", Name: "manager"}, Filter: eq("a", "x")},
		"urn:example:payroll:1.0":              {Path: scim.Path{URN: "urn:example:payroll:1.0"}},
		"urn:example:payroll:v1.0":             {Path: scim.Path{URN: "urn:example:payroll:v1.0"}},
		"http://schemas.example.com/2006/11/A": {Path: scim.Path{URN: "http://schemas.example.com/2006/11/A"}},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got, err := scim.ParsePath(text)
			require.NoError(t, err)
			assert.Equal(t, want, got)
			again, err := scim.ParsePath(got.String())
			require.NoError(t, err)
			assert.Equal(t, want, again)
		})
	}
}

func TestParsePathSaysWhereAndWhatIsWrong(t *testing.T) {
	t.Parallel()
	const name = "this cannot be part of a path; an attribute is named as name or name.sub, with its schema's URN and a colon before it if need be"
	for text, want := range map[string]struct {
		kind   fault.Kind
		detail string
	}{
		``:                        {fault.InvalidPath, "at the end (byte 1): expected the name of an attribute"},
		`/displayName`:            {fault.InvalidPath, "at byte 1, /displayName: " + name},
		`a/b`:                     {fault.InvalidPath, "at byte 2, /b: " + name},
		`emails[0`:                {fault.InvalidFilter, "at byte 8, 0: " + name},
		`emails.`:                 {fault.InvalidPath, "at the end (byte 8): " + name},
		`emails.value.type`:       {fault.InvalidPath, "at byte 13, .type: " + name},
		`urn:a:`:                  {fault.InvalidPath, "at the end (byte 7): " + name},
		`urn:<a>:b`:               {fault.InvalidPath, "at byte 5, <a>:b: " + name},
		`:a`:                      {fault.InvalidPath, "at byte 1, :a: " + name},
		`first name`:              {fault.InvalidPath, `at byte 7, name: expected the end or "["`},
		`(title)`:                 {fault.InvalidPath, "at byte 1, (: expected the name of an attribute"},
		`emails[type eq "x"`:      {fault.InvalidPath, `at the end (byte 19): expected "and", "or" or "]"`},
		`emails[type eq "x"]v`:    {fault.InvalidPath, "at byte 20, v: expected the end, or a dot and the name of a sub-attribute"},
		`emails[type eq "x"].`:    {fault.InvalidPath, "at byte 20, .: this is no name of a sub-attribute"},
		`emails[type eq "x"].a.b`: {fault.InvalidPath, "at byte 20, .a.b: this is no name of a sub-attribute"},
		`emails.a[type eq "x"]`:   {fault.InvalidPath, "at byte 9, [: brackets can only follow the name of an attribute"},
		`urn:a:1.0[type eq "x"]`:  {fault.InvalidPath, "at byte 10, [: brackets can only follow the name of an attribute"},
		`emails[]`:                {fault.InvalidFilter, "at byte 8, ]: expected the name of an attribute"},
		`emails[type eq work]`:    {fault.InvalidFilter, `at byte 16, work: a text needs quotation marks, as in "name"`},
		"a\xff":                   {fault.InvalidPath, "at byte 2: the text is not UTF-8"},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			_, err := scim.ParsePath(text)
			require.Error(t, err)
			assert.Equal(t, want.kind, fault.Of(err).Kind)
			assert.Equal(t, want.detail, fault.Of(err).Detail)
		})
	}
}

func FuzzParsePath(f *testing.F) {
	for _, text := range []string{ // RFC 7644 §3.5.2, §3.10
		"members", "name.familyName", `addresses[type eq "work"]`, `members[value eq "2819c223-7f76-453a-919d-413861904646"]`,
		`members[value eq "2819c223-7f76-453a-919d-413861904646"].displayName`, `emails[type eq "work" and value ew "example.com"]`,
		`addresses[type eq "work"].streetAddress`, `members[value eq"2819c223"]`, "urn:ietf:params:scim:schemas:core:2.0:User:userName",
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "urn:x:1.0",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		path, err := scim.ParsePath(text)
		if err != nil {
			kind := fault.Of(err).Kind
			require.True(t, kind == fault.InvalidPath || kind == fault.InvalidFilter || kind == fault.TooMany, "%v", err)
			return
		}
		again, err := scim.ParsePath(path.String())
		require.NoError(t, err, "%q", path.String())
		require.Equal(t, path, again)
	})
}
