package scim_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

// examples are all filters in RFC 7644 that its grammar allows (figure 2, §3.4.2.2, §3.4.3) and those of Entra.
var examples = []string{
	`userName Eq "john"`,
	`Username eq "john"`,
	`userName eq "bjensen"`,
	`name.familyName co "O'Malley"`,
	`userName sw "J"`,
	`urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"`,
	`title pr`,
	`meta.lastModified gt "2011-05-13T04:42:34Z"`,
	`meta.lastModified ge "2011-05-13T04:42:34Z"`,
	`meta.lastModified lt "2011-05-13T04:42:34Z"`,
	`meta.lastModified le "2011-05-13T04:42:34Z"`,
	`title pr and userType eq "Employee"`,
	`title pr or userType eq "Intern"`,
	"\n schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"",
	"userType eq \"Employee\" and (emails co \"example.com\" or\n  emails.value co \"example.org\")",
	"userType ne \"Employee\" and not (emails co \"example.com\" or\n  emails.value co \"example.org\")",
	`userType eq "Employee" and (emails.type eq "work")`,
	"userType eq \"Employee\" and emails[type eq \"work\" and\n  value co \"@example.com\"]",
	"emails[type eq \"work\" and value co \"@example.com\"] or\n  ims[type eq \"xmpp\" and value co \"@foo.com\"]",
	`displayName sw "smith"`,
	`(meta.resourceType eq "User") or (meta.resourceType eq "Group")`,
	`id eq "5d48a0a8" and manager eq "d1c7e3a2"`,
	`emails[type eq "work"].value eq "ada@example.com"`,
	`externalId eq "jyoung"`,
}

func TestParseReadsEveryForm(t *testing.T) {
	t.Parallel()
	compare := func(name string, op scim.Op, value tree.Value) scim.Filter {
		return scim.Compare{Path: scim.Path{Name: name}, Op: op, Value: value}
	}
	present := func(name string) scim.Filter { return scim.Present{Path: scim.Path{Name: name}} }
	emails := scim.Path{Name: "emails"}
	const user = "urn:ietf:params:scim:schemas:core:2.0:User"

	for text, want := range map[string]scim.Filter{
		`a eq "x"`:                        compare("a", scim.Equal, "x"),
		`a NE "x"`:                        compare("a", scim.NotEqual, "x"),
		`a co "x"`:                        compare("a", scim.Contains, "x"),
		`a sW "x"`:                        compare("a", scim.StartsWith, "x"),
		`a ew "x"`:                        compare("a", scim.EndsWith, "x"),
		`a gt 1`:                          compare("a", scim.Greater, tree.Number("1")),
		`a ge -0.5e+3`:                    compare("a", scim.GreaterOrEqual, tree.Number("-0.5e+3")),
		`a lt 12`:                         compare("a", scim.Less, tree.Number("12")),
		`a le 12`:                         compare("a", scim.LessOrEqual, tree.Number("12")),
		`a eq true`:                       compare("a", scim.Equal, true),
		`a eq FALSE`:                      compare("a", scim.Equal, false),
		`a eq Null`:                       compare("a", scim.Equal, nil),
		`a PR`:                            present("a"),
		`a eq ""`:                         compare("a", scim.Equal, ""),
		`a eq "( [ ] ) and"`:              compare("a", scim.Equal, "( [ ] ) and"),
		`a eq "\"\\\/\b\f\n\r\té😀"`:       compare("a", scim.Equal, "\"\\/\b\f\n\r\té😀"),
		`a eq "\u00e9\ud83d\ude00\u0041"`: compare("a", scim.Equal, "é😀A"),
		"\t a\n eq\r \"x\" ":              compare("a", scim.Equal, "x"),
		`a eq"x"`:                         compare("a", scim.Equal, "x"), // RFC 7644 §3.5.2.2 has such an example

		user + `:name.givenName pr`: scim.Present{Path: scim.Path{URN: user, Name: "name", Sub: "givenName"}},
		`x-y_z9.$ref pr`:            scim.Present{Path: scim.Path{Name: "x-y_z9", Sub: "$ref"}},
		`urn:example:1.0 pr`:        scim.Present{Path: scim.Path{URN: "urn:example:1.0"}},

		`not (a pr)`:                scim.Not{Filter: present("a")},
		`NOT(a pr)`:                 scim.Not{Filter: present("a")},
		`not (not ((a pr)))`:        scim.Not{Filter: scim.Not{Filter: present("a")}},
		`not pr`:                    present("not"),
		`not eq "x"`:                compare("not", scim.Equal, "x"),
		`and pr and or pr or eq pr`: scim.Or{scim.And{present("and"), present("or")}, present("eq")},

		`a pr or b pr and c pr`:    scim.Or{present("a"), scim.And{present("b"), present("c")}},
		`a pr and b pr or c pr`:    scim.Or{scim.And{present("a"), present("b")}, present("c")},
		`(a pr or b pr) AND c pr`:  scim.And{scim.Or{present("a"), present("b")}, present("c")},
		`not (a pr) and b pr`:      scim.And{scim.Not{Filter: present("a")}, present("b")},
		`(a pr and b pr) and c pr`: scim.And{present("a"), present("b"), present("c")},
		`a pr and (b pr and c pr)`: scim.And{present("a"), present("b"), present("c")},
		`a pr oR (b pr or (c pr))`: scim.Or{present("a"), present("b"), present("c")},

		`emails[type eq "work"]`:        scim.Element{Path: emails, Filter: compare("type", scim.Equal, "work")},
		`emails [ not (type pr) ]`:      scim.Element{Path: emails, Filter: scim.Not{Filter: present("type")}},
		`emails[a pr or b pr] and c pr`: scim.And{scim.Element{Path: emails, Filter: scim.Or{present("a"), present("b")}}, present("c")},

		// Entra's way to write a matching attribute (entra.md §1.2).
		`emails[type eq "work"].value eq "x"`:          scim.Element{Path: emails, Filter: scim.And{compare("type", scim.Equal, "work"), compare("value", scim.Equal, "x")}},
		`emails[a pr or b pr].value eq "x"`:            scim.Element{Path: emails, Filter: scim.And{scim.Or{present("a"), present("b")}, compare("value", scim.Equal, "x")}},
		`emails[a pr and b pr].Value pr`:               scim.Element{Path: emails, Filter: scim.And{present("a"), present("b"), present("Value")}},
		`emails[type eq "work"].value eq "x" and c pr`: scim.And{scim.Element{Path: emails, Filter: scim.And{compare("type", scim.Equal, "work"), compare("value", scim.Equal, "x")}}, present("c")},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got, err := scim.Parse(text)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
}

func TestParseSaysWhereAndWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:                                      `at the end (byte 1): expected the name of an attribute`,
		`  `:                                    `at the end (byte 3): expected the name of an attribute`,
		`userName`:                              `at the end (byte 9): expected an operator: eq, ne, co, sw, ew, gt, ge, lt, le or pr`,
		`userName regex "j"`:                    `at byte 10, regex: this operator is not supported; expected eq, ne, co, sw, ew, gt, ge, lt, le or pr`,
		`userName "j"`:                          `at byte 10, "j": expected an operator: eq, ne, co, sw, ew, gt, ge, lt, le or pr`,
		`userName eq`:                           `at the end (byte 12): expected a value: a text in quotation marks, a number, true, false or null`,
		`userName eq (`:                         `at byte 13, (: expected a value: a text in quotation marks, a number, true, false or null`,
		`externalId eq jyoung`:                  `at byte 15, jyoung: a text needs quotation marks, as in "name"`,
		`displayName sw 'Group'`:                `at byte 16, 'Group': a text needs quotation marks, as in "name"`,
		`employeeNumber eq 007`:                 `at byte 19, 007: a text needs quotation marks, as in "name"`,
		`a eq {}`:                               `at byte 6, {}: a text needs quotation marks, as in "name"`,
		`userName eq "j`:                        `at byte 13, "j: the closing quotation mark is missing`,
		`userName eq "j\"`:                      `at byte 13, "j\": the closing quotation mark is missing`,
		`userName eq "j\`:                       `at byte 13, "j\: the closing quotation mark is missing`,
		"a eq \"\t\"":                           `at byte 7: a control character must be written as \u0009`,
		`a eq "\x"`:                             `at byte 6, "\x": this is no JSON string; escapes are \" \\ \/ \b \f \n \r \t and \u with four digits, but not \u0000 and not half a surrogate pair`,
		`a eq "\u0000"`:                         `at byte 6, "\u0000": this is no JSON string; escapes are \" \\ \/ \b \f \n \r \t and \u with four digits, but not \u0000 and not half a surrogate pair`,
		`a eq "\ud800"`:                         `at byte 6, "\ud800": this is no JSON string; escapes are \" \\ \/ \b \f \n \r \t and \u with four digits, but not \u0000 and not half a surrogate pair`,
		"a eq \"\xff\"":                         `at byte 7: the text is not UTF-8`,
		"a\x00b eq\x1b 1":                       `at byte 2, �b: this cannot be part of a path; an attribute is named as name or name.sub, with its schema's URN and a colon before it if need be`,
		`a eq "x" b eq "y"`:                     `at byte 10, b: expected "and", "or" or the end`,
		`a pr and`:                              `at the end (byte 9): expected the name of an attribute`,
		`a pr or )`:                             `at byte 9, ): expected the name of an attribute`,
		`(a pr`:                                 `at the end (byte 6): expected "and", "or" or ")"`,
		`(a pr]`:                                `at byte 6, ]: expected "and", "or" or ")"`,
		`a pr)`:                                 `at byte 5, ): expected "and", "or" or the end`,
		`()`:                                    `at byte 2, ): expected the name of an attribute`,
		`not a pr`:                              `at byte 5, a: expected "(" after "not"`,
		`not`:                                   `at the end (byte 4): expected "(" after "not"`,
		`emails[]`:                              `at byte 8, ]: expected the name of an attribute`,
		`emails[type eq "work"`:                 `at the end (byte 22): expected "and", "or" or "]"`,
		`emails.value[type eq "work"]`:          `at byte 1, emails.value: a sub-attribute has no sub-attributes to select by; put the brackets behind the attribute`,
		`urn:example:1.0[type eq "work"]`:       `at byte 16, [: brackets can only follow the name of an attribute`,
		`emails[type eq "work"].`:               `at byte 23, .: this is no name of a sub-attribute`,
		`emails[type eq "work"].value`:          `at the end (byte 29): expected an operator: eq, ne, co, sw, ew, gt, ge, lt, le or pr`,
		`emails[type eq "work"] .value pr`:      `at byte 24, .value: expected "and", "or" or the end`,
		`9lives pr`:                             `at byte 1, 9lives: this cannot be part of a path; an attribute is named as name or name.sub, with its schema's URN and a colon before it if need be`,
		`a.b.c pr`:                              `at byte 4, .c: this cannot be part of a path; an attribute is named as name or name.sub, with its schema's URN and a colon before it if need be`,
		`name. pr`:                              `at the end (byte 6): this cannot be part of a path; an attribute is named as name or name.sub, with its schema's URN and a colon before it if need be`,
		`a eq ` + "x" + strings.Repeat("é", 30): `at byte 6, x` + strings.Repeat("é", 19) + `…: a text needs quotation marks, as in "name"`,
		strings.Repeat("(", 17) + `a pr`:        `at byte 17, (: brackets are nested deeper than 16`,
		`a eq "` + strings.Repeat("x", 4091):    `it is 4097 bytes long; at most 4096 are read`,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got, err := scim.Parse(text)
			require.ErrorIs(t, err, fault.InvalidFilter)
			assert.Equal(t, want, fault.Of(err).Detail)
			assert.Nil(t, got)
		})
	}
}

func TestParseKeepsToItsLimits(t *testing.T) {
	t.Parallel()
	terms := func(n int) string { return strings.TrimSuffix(strings.Repeat("a pr or ", n), " or ") }
	nested := func(n int) string { return strings.Repeat("(", n) + "a pr" + strings.Repeat(")", n) }

	for _, text := range []string{terms(50), nested(16), `a eq "` + strings.Repeat("x", 4089) + `"`} {
		_, err := scim.Parse(text)
		require.NoError(t, err)
	}
	_, err := scim.Parse(terms(51))
	require.ErrorIs(t, err, fault.TooMany)
	assert.Equal(t, "the filter has more than 50 terms; ask in several requests", fault.Of(err).Detail)
	_, err = scim.Parse(strings.Repeat("not (", 17) + "a pr" + strings.Repeat(")", 17))
	require.ErrorIs(t, err, fault.InvalidFilter)
	_, err = scim.Parse(strings.Repeat("a[", 17))
	require.ErrorIs(t, err, fault.InvalidFilter)
	_, err = scim.Parse("(a pr) and " + strings.Repeat("((b pr) and ", 15) + "c pr" + strings.Repeat(")", 15))
	require.NoError(t, err, "brackets that are closed again do not nest")
}

func TestTheCanonicalFormIsReadBackToTheSame(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`Not((a PR Or b Eq"x")And c eq TRUE)`:      `not ((a pr or b eq "x") and c eq true)`,
		`(a pr and b pr) or (c pr)`:                `a pr and b pr or c pr`,
		`emails[type eq "work"].value eq "\u0041"`: `emails[type eq "work" and value eq "A"]`,
		`a eq "\"\\\n\u0001"`:                      `a eq "\"\\\n\u0001"`,
		`urn:X:name.b  gt  1.50`:                   `urn:X:name.b gt 1.50`,
		`(((a eq null)))`:                          `a eq null`,
	} {
		f, err := scim.Parse(text)
		require.NoError(t, err)
		assert.Equal(t, want, f.String())
		again, err := scim.Parse(f.String())
		require.NoError(t, err)
		assert.Equal(t, f, again)
	}
}

func TestShapeHidesValues(t *testing.T) {
	t.Parallel()
	f, err := scim.Parse(`id eq "1" and (manager eq "2" or not (emails[type eq "work"].value co "x")) and title pr and a gt 5 and b eq null`)
	require.NoError(t, err)
	assert.Equal(t, `id eq ? and (manager eq ? or not (emails[type eq ? and value co ?])) and title pr and a gt ? and b eq ?`, scim.Shape(f))
}

func FuzzParse(f *testing.F) {
	for _, text := range examples {
		f.Add(text)
	}
	for _, text := range []string{`not (a[b pr].c eq 1.5e3)`, `a eq "\ud83d\ude00`, `urn:x:1.0:a.b pr or ((`, "é", `a eq "\u2028"`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := scim.Parse(text)
		if err != nil {
			kind := fault.Of(err).Kind
			require.True(t, kind == fault.InvalidFilter || kind == fault.TooMany, "%v", err)
			require.NotEmpty(t, fault.Of(err).Detail)
			return
		}
		again, err := scim.Parse(filter.String())
		require.NoError(t, err, "%q", filter.String())
		require.Equal(t, filter, again)
		require.Equal(t, filter.String(), again.String())
	})
}

func BenchmarkParse(b *testing.B) {
	for _, text := range []string{`userName eq "ada@example.com"`, `emails[type eq "work"].value eq "ada@example.com"`, `id eq "0190" and manager eq "0191"`} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := scim.Parse(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
