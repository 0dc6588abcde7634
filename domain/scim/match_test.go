package scim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

func ada(t *testing.T) scim.Subject {
	t.Helper()
	v, err := tree.Parse([]byte(`{
		"externalId": "E-7",
		"userName": "Ada@Example.com",
		"active": false,
		"title": "Straße",
		"nickName": "",
		"name": {"givenName": "Ada", "familyName": "O'Malley"},
		"emails": [
			{"type": "work", "value": "ada@example.com", "primary": true},
			{"type": "home", "value": "ada@jensen.org"}
		],
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "7", "manager": {"value": "m1"}},
		"urn:example:payroll:1.0": {
			"grade": 9007199254740993, "hours": 37.50, "since": "2026-03-01T00:00:00+01:00", "tags": ["Blue", "Red"], "code": "Ab"
		}
	}`))
	require.NoError(t, err)
	user := payroll().Type("User")
	clean, ignored, err := user.Check(v.(*tree.Object))
	require.NoError(t, err)
	require.Empty(t, ignored)
	return scim.Subject{
		ID: "0190", Version: `W/"3"`, Search: user.Search(clean),
		Created:  time.Date(2026, 1, 31, 12, 0, 0, 5000, time.UTC),
		Modified: time.Date(2026, 2, 1, 13, 0, 0, 0, time.FixedZone("", 3600)),
	}
}

func TestMatchMeansWhatTheRFCSays(t *testing.T) {
	t.Parallel()
	for filter, want := range map[string]bool{
		`userName eq "ada@example.COM"`: true,
		`userName eq "ada"`:             false,
		`userName ne "ada"`:             true,
		`userName sw "ADA@"`:            true,
		`userName sw "example"`:         false,
		`userName ew ".com"`:            true,
		`userName ew "ada"`:             false,
		`userName co "@exam"`:           true,
		`userName co "xx"`:              false,
		`userName gt "ada"`:             true,
		`userName ge "ada@example.com"`: true,
		`userName gt "ada@example.com"`: false,
		`userName lt "b"`:               true,
		`userName le "ada@example.com"`: true,
		`userName le "ada"`:             false,
		`title eq "STRASSE"`:            true,
		`externalId eq "E-7"`:           true,
		`externalId eq "e-7"`:           false,
		`code eq "Ab"`:                  true,
		`code eq "ab"`:                  false,

		`active eq false`:  true,
		`active eq "true"`: false,
		`active ne true`:   true,

		`id eq "0190"`:                                       true,
		`id ne "0190"`:                                       false,
		`id eq "0190" and manager eq "m1"`:                   true,
		`manager eq "m1" and id eq "0191"`:                   false,
		`meta.version eq "W/\"3\""`:                          true,
		`meta.created eq "2026-01-31T13:00:00.000005+01:00"`: true,
		`meta.created gt "2026-01-31T12:00:00Z"`:             true,
		`meta.lastModified le "2026-02-01T12:00:00Z"`:        true,
		`meta.lastModified lt "2026-02-01T12:00:00Z"`:        false,
		`meta[lastModified gt "2026-01-01T00:00:00Z"]`:       true,

		`schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`: true,
		`schemas[value eq "urn:example:payroll:1.0"]`:                             true,
		`schemas eq "urn:example:other"`:                                          false,

		`grade eq 9007199254740993`:           true,
		`grade eq 9007199254740992`:           false,
		`grade gt 9007199254740992`:           true,
		`grade lt 9007199254740992`:           false,
		`hours eq 37.5`:                       true,
		`hours ge 4`:                          true,
		`hours lt 4e1`:                        true,
		`since eq "2026-02-28T23:00:00Z"`:     true,
		`since lt "2026-03-01T00:00:00Z"`:     true,
		`tags eq "blue"`:                      true,
		`tags eq "green"`:                     false,
		`tags[value sw "r"]`:                  true,
		`tags[value sw "r" and value sw "b"]`: false,
		`tags sw "r" and tags sw "b"`:         true,

		// "…if any of the values of the specified attribute match" (§3.4.2.2).
		`emails eq "ada@jensen.org"`:                              true,
		`emails.type eq "home"`:                                   true,
		`emails.type ne "home"`:                                   false,
		`emails.type ne "other"`:                                  true,
		`not (emails co "example.com")`:                           false,
		`emails.type eq "home" and emails.value co "example.com"`: true,
		`emails[type eq "home" and value co "example.com"]`:       false,
		`emails[type eq "work" and value co "@EXAMPLE.com"]`:      true,
		`emails[type eq "work"].value eq "ada@example.com"`:       true,
		`emails[primary eq true].type eq "work"`:                  true,
		`emails[not (primary eq true)].type eq "home"`:            true,
		`emails[primary eq null].type eq "home"`:                  true,
		`name[givenName eq "ada" and familyName co "malley"]`:     true,
		`name[not (givenName eq "ada")]`:                          false,

		`title pr`:               true,
		`nickName pr`:            false,
		`displayName pr`:         false,
		`displayName eq ""`:      false,
		`displayName ne "x"`:     true, // no value is not equal to any
		`displayName eq null`:    true,
		`displayName co ""`:      false,
		`title co ""`:            true,
		`emails pr`:              true,
		`emails.display pr`:      false,
		`ims pr`:                 false,
		`ims[type pr]`:           false,
		`not (ims[type eq "x"])`: true,
		`name pr`:                true,
		`name.middleName pr`:     false,
		`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr`: true,

		`title pr and userType eq "Employee"`:                                                       false,
		`title pr or userType eq "Intern"`:                                                          true,
		`userType eq "x" and active eq true or title pr`:                                            true,
		`userType eq "x" and (active eq true or title pr)`:                                          false,
		`userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")`: false,
	} {
		bound, err := bind(t, filter, "User")
		require.NoError(t, err, filter)
		assert.Equal(t, want, scim.Match(bound, ada(t)), filter)
	}
}

func TestEveryExampleOfTheRFCCanBeAsked(t *testing.T) {
	t.Parallel()
	for _, filter := range examples {
		for _, resourceType := range []string{"User", "Group"} {
			bound, err := bind(t, filter, resourceType)
			require.NoError(t, err, filter)
			require.NotNil(t, bound)
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, filter := range examples {
		f.Add(filter)
	}
	f.Add(`tags[value pr] or grade ge 3 or meta.created lt "2026-01-01T00:00:00Z" or urn:example:payroll:1.0:hours ne null`)
	registry := payroll()
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := scim.Parse(text)
		if err != nil {
			return
		}
		for _, resourceType := range registry.Types {
			bound, err := scim.Bind(filter, resourceType, registry)
			if err != nil {
				continue
			}
			negated, err := scim.Bind(scim.Not{Filter: filter}, resourceType, registry)
			require.NoError(t, err)
			subject := ada(t)
			require.NotEqual(t, scim.Match(bound, subject), scim.Match(negated, subject), "a filter and its negation: %s", filter)
		}
	})
}

func BenchmarkBind(b *testing.B) {
	registry := payroll()
	for _, text := range []string{`userName eq "ada@example.com"`, `id eq "0190" and manager eq "0191"`} {
		filter, err := scim.Parse(text)
		require.NoError(b, err)
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := scim.Bind(filter, registry.Type("User"), registry); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
