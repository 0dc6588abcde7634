package scim_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

// payroll is the core registry, in which users have an extension with what the core schemas do not have: numbers,
// times, a list of texts.
func payroll() *schema.Registry {
	registry := schema.Core()
	user := registry.Type("User")
	user.Extensions = append(user.Extensions, &schema.Schema{
		ID: "urn:example:payroll:1.0", Name: "Payroll",
		Attributes: []schema.Attribute{
			{Name: "grade", Type: schema.Integer},
			{Name: "hours", Type: schema.Decimal},
			{Name: "since", Type: schema.DateTime},
			{Name: "tags", Type: schema.String, MultiValued: true},
			{Name: "code", Type: schema.String, CaseExact: true},
			{Name: "seal", Type: schema.Binary, CaseExact: true},
			{Name: "pin", Type: schema.String, Returned: schema.Never},
		},
	})
	return registry
}

const (
	user       = schema.UserURN
	enterprise = schema.EnterpriseURN
	pay        = "urn:example:payroll:1.0"
)

func bind(t *testing.T, filter, resourceType string) (scim.Bound, error) {
	t.Helper()
	f, err := scim.Parse(filter)
	require.NoError(t, err)
	registry := payroll()
	return scim.Bind(f, registry.Type(resourceType), registry)
}

func TestBindGivesDefinitionsAndComparableValues(t *testing.T) {
	t.Parallel()
	target := func(urn, name, sub string) schema.Target {
		found, ok := payroll().Type("User").Resolve(urn, name, sub)
		require.True(t, ok, name)
		return found
	}
	term := func(urn, name, sub string, op scim.Op, value tree.Value) scim.Bound {
		return scim.Term{Target: target(urn, name, sub), Op: op, Value: value}
	}
	emails := target("", "emails", "")
	secondary := scim.Negation{Filter: term("", "emails", "primary", scim.Equal, true)}
	work := term("", "emails", "type", scim.Equal, "work")
	for filter, want := range map[string]scim.Bound{
		`USERNAME eq "Ada@Example.COM"`:               term("", "userName", "", scim.Equal, "ada@example.com"),
		user + `:userName sw "J"`:                     term("", "userName", "", scim.StartsWith, "j"),
		`externalId eq "AbC"`:                         term("", "externalId", "", scim.Equal, "AbC"),
		`active eq true`:                              term("", "active", "", scim.Equal, true),
		`active eq "False"`:                           term("", "active", "", scim.Equal, false),
		`name.familyName co "O'Malley"`:               term("", "name", "familyName", scim.Contains, "o'malley"),
		`emails co "Example.com"`:                     term("", "emails", "value", scim.Contains, "example.com"),
		`emails.value ew ".org"`:                      term("", "emails", "value", scim.EndsWith, ".org"),
		enterprise + `:employeeNumber eq "7"`:         term(enterprise, "employeeNumber", "", scim.Equal, "7"),
		`employeeNumber eq "7"`:                       term(enterprise, "employeeNumber", "", scim.Equal, "7"),
		`manager eq "26118915"`:                       term(enterprise, "manager", "value", scim.Equal, "26118915"),
		`meta.created gt "2026-01-31T10:00:00+02:00"`: term("", "meta", "created", scim.Greater, "2026-01-31T08:00:00.000000000Z"),
		`id eq "0190"`:                                term("", "id", "", scim.Equal, "0190"),
		`schemas eq "URN:Example:Payroll:1.0"`:        term("", "schemas", "", scim.Equal, "urn:example:payroll:1.0"),
		pay + `:grade le 12`:                          term(pay, "grade", "", scim.LessOrEqual, tree.Number("12")),
		`hours gt 1.50`:                               term(pay, "hours", "", scim.Greater, tree.Number("1.5")),
		`seal eq "QQ=="`:                              term(pay, "seal", "", scim.Equal, "QQ=="),

		`title pr`:             scim.Has{Target: target("", "title", "")},
		`emails.value pr`:      scim.Has{Target: target("", "emails", "value")},
		enterprise + ` pr`:     scim.Has{Target: schema.Target{Extension: target(enterprise, "manager", "").Extension}},
		`groups.$ref pr`:       scim.Has{Target: target("", "groups", "")},
		`groups[$ref pr]`:      scim.Some{Target: target("", "groups", ""), Filter: scim.Has{Target: target("", "groups", "")}},
		`title ne null`:        scim.Has{Target: target("", "title", "")},
		`title eq null`:        scim.Negation{Filter: scim.Has{Target: target("", "title", "")}},
		`emails eq null`:       scim.Negation{Filter: scim.Has{Target: emails}},
		`title ne "Dr"`:        scim.Negation{Filter: term("", "title", "", scim.Equal, "dr")},
		`not (title ne "Dr")`:  term("", "title", "", scim.Equal, "dr"),
		`not (not (title pr))`: scim.Has{Target: target("", "title", "")},

		`emails[type eq "Work"]`:              scim.Some{Target: emails, Filter: work},
		`emails[type eq "work"].value eq "X"`: scim.Some{Target: emails, Filter: scim.All{work, term("", "emails", "value", scim.Equal, "x")}},
		`emails[primary eq false]`:            scim.Some{Target: emails, Filter: secondary},
		`emails.primary eq false`:             scim.Some{Target: emails, Filter: secondary},
		`emails.primary ne "false"`:           scim.Negation{Filter: scim.Some{Target: emails, Filter: secondary}},
		`emails[primary ne false]`:            scim.Some{Target: emails, Filter: term("", "emails", "primary", scim.Equal, true)},
		`emails.primary eq true`:              term("", "emails", "primary", scim.Equal, true),
		`name[givenName pr]`:                  scim.Some{Target: target("", "name", ""), Filter: scim.Has{Target: target("", "name", "givenName")}},
		`tags[value eq "A"]`:                  scim.Some{Target: target(pay, "tags", ""), Filter: term(pay, "tags", "", scim.Equal, "a")},
		`meta[created gt "2026-01-01T00:00:00Z" and resourceType eq "User"]`: term("", "meta", "created", scim.Greater, "2026-01-01T00:00:00.000000000Z"),

		`title pr and userType pr and (active eq true or emails[type eq "work"])`: scim.All{
			scim.Has{Target: target("", "title", "")},
			scim.Has{Target: target("", "userType", "")},
			scim.Any{term("", "active", "", scim.Equal, true), scim.Some{Target: emails, Filter: work}},
		},
	} {
		t.Run(filter, func(t *testing.T) {
			t.Parallel()
			got, err := bind(t, filter, "User")
			require.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
}

func TestBindWorksOutWhatItCan(t *testing.T) {
	t.Parallel()
	for filter, want := range map[string]bool{
		`meta.resourceType eq "User"`:                                     true,
		`meta.resourceType eq "Group"`:                                    false,
		`meta.resourceType ne "Group"`:                                    true,
		`meta.resourceType sw "U"`:                                        true,
		`meta.resourceType eq "Group" and title pr`:                       false,
		`meta.resourceType eq "User" or title pr`:                         true,
		`(meta.resourceType eq "User") or (meta.resourceType eq "Group")`: true,
		`not (meta.resourceType eq "Group" and title pr)`:                 true,
		`id pr`:            true,
		`id eq null`:       false,
		`meta pr`:          true,
		`meta.location pr`: true,

		// What only another resource type has, has no value here (RFC 7644 §3.4.2.1).
		`members eq "u"`:                        false,
		`members pr`:                            false,
		`members eq null`:                       true,
		`members ne "u"`:                        true,
		`members[value eq "u"]`:                 false,
		`not (members[value eq "u"])`:           true,
		schema.GroupURN + `:displayName eq "x"`: false,
	} {
		got, err := bind(t, filter, "User")
		require.NoError(t, err, filter)
		assert.Equal(t, scim.Constant(want), got, filter)
	}

	got, err := bind(t, `meta.resourceType eq "User" and title pr`, "User")
	require.NoError(t, err)
	assert.IsType(t, scim.Has{}, got, "what always holds is left out")
}

func TestBindRefusesWhatCannotBeAsked(t *testing.T) {
	t.Parallel()
	for filter, want := range map[string]struct{ path, detail string }{
		`shoeSize eq "44"`:            {"shoeSize", "is an attribute that no schema here has; those that are there are listed at /Schemas"},
		`name.nick eq "x"`:            {"name.nick", "is an attribute that no schema here has; those that are there are listed at /Schemas"},
		`urn:nobody:a eq "x"`:         {"urn:nobody:a", "is an attribute that no schema here has; those that are there are listed at /Schemas"},
		`title.x pr`:                  {"title.x", "is an attribute that no schema here has; those that are there are listed at /Schemas"},
		`title pr and shoeSize pr`:    {"shoeSize", "is an attribute that no schema here has; those that are there are listed at /Schemas"},
		`not (shoeSize pr)`:           {"shoeSize", "is an attribute that no schema here has; those that are there are listed at /Schemas"},
		`emails[shoe eq "x"]`:         {"emails", `has no sub-attribute "shoe"; within brackets can stand value, display, type, primary`},
		`emails[emails.type eq "x"]`:  {"emails", `has no sub-attribute "emails.type"; within brackets can stand value, display, type, primary`},
		`tags[type eq "x"]`:           {pay + ":tags", `has no sub-attribute "type"; within brackets can stand value`},
		`title[value eq "x"]`:         {"title", "has no elements to select from; brackets can follow an attribute that is complex or has many values"},
		`emails[type[value eq "x"]]`:  {"emails.type", "has no elements to select from; brackets can follow an attribute that is complex or has many values"},
		`userName eq 7`:               {"userName", "is a text: put the value in quotation marks"},
		`userName eq true`:            {"userName", "is a text: put the value in quotation marks"},
		`active eq "yes"`:             {"active", "is a boolean: compare it with true or false"},
		`active eq 1`:                 {"active", "is a boolean: compare it with true or false"},
		`active gt true`:              {"active", "is of type boolean, which has no operator gt; use one of eq ne"},
		`active co "t"`:               {"active", "is of type boolean, which has no operator co; use one of eq ne"},
		`seal ge "QQ=="`:              {pay + ":seal", "is of type binary, which has no operator ge; use one of eq ne"},
		`x509Certificates sw "QQ=="`:  {"x509Certificates.value", "is of type binary, which has no operator sw; use one of eq ne"},
		`grade sw "1"`:                {pay + ":grade", "is of type integer, which has no operator sw; use one of eq ne gt ge lt le"},
		`grade eq "1"`:                {pay + ":grade", "is a whole number: compare it with one, without quotation marks"},
		`grade eq 1.5`:                {pay + ":grade", "is a whole number: compare it with one, without quotation marks"},
		`hours eq "1"`:                {pay + ":hours", "is a number: compare it with one, without quotation marks"},
		`meta.created co "2026"`:      {"meta.created", "is of type dateTime, which has no operator co; use one of eq ne gt ge lt le"},
		`meta.created gt "yesterday"`: {"meta.created", `is a date and time: compare it with one such as "2026-01-31T23:59:59Z"`},
		`meta.location eq "x"`:        {"meta.location", "cannot be searched; its last part is the id, so search for that"},
		`groups.$ref co "x"`:          {"groups.$ref", "cannot be searched; its last part is the id, so search for that"},
		`title gt null`:               {"title", "can be compared with null by eq and ne only"},
		`name eq "Ada"`:               {"name", "is complex; name one of its sub-attributes: formatted, familyName, givenName, middleName, honorificPrefix, honorificSuffix"},
		`addresses co "x"`:            {"addresses", "is complex; name one of its sub-attributes: formatted, streetAddress, locality, region, postalCode, country, type, primary"},
		enterprise + ` eq "x"`:        {enterprise, "is a schema, which can only be tested by pr; name an attribute of it"},
		enterprise + `[a eq "x"]`:     {enterprise, "has no elements to select from; brackets can follow an attribute that is complex or has many values"},
		`password eq "x"`:             {"password", "cannot be searched, as it is never returned"},
		`password pr`:                 {"password", "cannot be searched, as it is never returned"},
		`password eq null`:            {"password", "cannot be searched, as it is never returned"},
		`pin sw "1"`:                  {pay + ":pin", "cannot be searched, as it is never returned"},

		// It is checked even where the answer would be the same whatever is asked.
		`members[value eq 7]`: {"members.value", "is a text: put the value in quotation marks"},
	} {
		t.Run(filter, func(t *testing.T) {
			t.Parallel()
			got, err := bind(t, filter, "User")
			require.ErrorIs(t, err, fault.InvalidFilter)
			assert.Equal(t, want.path, fault.Of(err).Path)
			assert.Equal(t, want.detail, fault.Of(err).Detail)
			assert.Nil(t, got)
		})
	}
}
