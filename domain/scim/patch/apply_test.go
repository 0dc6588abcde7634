package patch_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/tree"
)

func TestAdd(t *testing.T) {
	t.Parallel()
	run(t, "User", []change{
		{
			name: "takes the place of a single value", before: `{"userName":"a","title":"T"}`,
			operations: `{"op":"add","path":"title","value":"U"}`, after: `{"userName":"a","title":"U"}`,
		},
		{
			name: "fills in a complex value", before: `{"userName":"a","name":{"givenName":"A","familyName":"B"}}`,
			operations: `{"op":"add","path":"name","value":{"familyName":"C","middleName":"M","givenName":null}}`,
			after:      `{"userName":"a","name":{"familyName":"C","middleName":"M"}}`,
		},
		{
			name: "appends what is not there, compared as the schema compares", before: `{"userName":"a","emails":[{"type":"work","value":"A@example.com"}]}`,
			operations: `{"op":"add","path":"emails","value":[{"type":"WORK","value":"a@EXAMPLE.com"},{"type":"home","value":"a@example.com"},{"type":"home","value":"b@example.com"}]}`,
			after:      `{"userName":"a","emails":[{"type":"work","value":"A@example.com"},{"type":"home","value":"a@example.com"},{"type":"home","value":"b@example.com"}]}`,
		},
		{
			name: "one element without a list", before: `{"userName":"a","emails":[{"value":"x"}]}`,
			operations: `{"op":"add","path":"emails","value":{"value":"y"}}`, after: `{"userName":"a","emails":[{"value":"x"},{"value":"y"}]}`,
		},
		{
			name: "the same element twice in one list", before: `{"userName":"a"}`,
			operations: `{"op":"add","path":"emails","value":[{"value":"x"},{"value":"x"}]}`, after: `{"userName":"a","emails":[{"value":"x"}]}`,
		},
		{
			name: "nothing", before: `{"userName":"a","emails":[{"value":"x"}],"PAY":{"tags":["t"]}}`,
			operations: `{"op":"add","path":"emails","value":[]},{"op":"add","path":"emails","value":null},{"op":"add","path":"PAY:tags","value":""}`,
			after:      `{"userName":"a","emails":[{"value":"x"}],"PAY":{"tags":["t"]}}`,
		},
		{
			name: "addresses, which have no value", before: `{"userName":"a","addresses":[{"type":"work","country":"GB","region":"R"}]}`,
			operations: `{"op":"add","path":"addresses","value":[{"type":"work","country":"gb"},{"type":"work","country":"FR"}]}`,
			after:      `{"userName":"a","addresses":[{"type":"work","country":"GB","region":"R"},{"type":"work","country":"FR"}]}`,
		},
		{
			name: "texts in a list", before: `{"userName":"a","PAY":{"tags":["Red"]}}`,
			operations: `{"op":"add","path":"PAY:tags","value":["red","Blue"]},{"op":"add","path":"PAY:tags","value":"Green"}`,
			after:      `{"userName":"a","PAY":{"tags":["Red","Blue","Green"]}}`,
		},
		{
			name: "a new primary value demotes the others", before: `{"userName":"a","emails":[{"value":"x","primary":true},{"value":"y"}]}`,
			operations: `{"op":"add","path":"emails","value":[{"value":"z","primary":true}]}`,
			after:      `{"userName":"a","emails":[{"value":"x","primary":false},{"value":"y"},{"value":"z","primary":true}]}`,
		},
		{
			name: "primary of an element demotes the others", before: `{"userName":"a","emails":[{"value":"x","type":"work","primary":true},{"value":"y","type":"home","primary":false}]}`,
			operations: `{"op":"add","path":"emails[type eq \"home\"].primary","value":true}`,
			after:      `{"userName":"a","emails":[{"value":"x","type":"work","primary":false},{"value":"y","type":"home","primary":true}]}`,
		},
		{
			name: "to a selected element merges", before: `{"userName":"a","emails":[{"value":"x","type":"work"}]}`,
			operations: `{"op":"add","path":"emails[type eq \"work\"]","value":{"display":"X","primary":true}}`,
			after:      `{"userName":"a","emails":[{"value":"x","type":"work","display":"X","primary":true}]}`,
		},
		{
			name: "a whole element that is not there", before: `{"userName":"a"}`,
			operations: `{"op":"add","path":"emails[type eq \"work\"]","value":[{"value":"x"}]}`,
			after:      `{"userName":"a","emails":[{"value":"x","type":"work"}]}`,
		},
		{
			name: "an immutable value that was not there, and the same again", before: `{"userName":"a"}`,
			operations: `{"op":"add","path":"PAY:hired","value":"2026-01-01T00:00:00Z"},{"op":"add","path":"PAY:hired","value":"2026-01-01T01:00:00+01:00"}`,
			after:      `{"userName":"a","PAY":{"hired":"2026-01-01T01:00:00+01:00"}}`,
		},
		{
			name: "an element with the value of another, whose immutable part stays", before: `{"userName":"a","PAY":{"costs":[{"value":"c","centre":"1"}]}}`,
			operations: `{"op":"add","path":"PAY:costs","value":[{"value":"c","centre":"2","notes":["n"]}]}`,
			after:      `{"userName":"a","PAY":{"costs":[{"value":"c","centre":"1","notes":["n"]}]}}`,
		},
		{
			name: "a type to the value that has none, and a value to its type", before: `{"userName":"a","roles":[{"value":"r"},{"value":"s","type":"App"}]}`,
			operations: `{"op":"add","path":"roles","value":[{"value":"r","type":"App"},{"value":"s","display":"S"}]}`,
			after:      `{"userName":"a","roles":[{"value":"r","type":"App"},{"value":"s","type":"App","display":"S"}]}`,
		},
		{
			name: "to a list within an element", before: `{"userName":"a","PAY":{"costs":[{"value":"c","notes":["n"]}]}}`,
			operations: `{"op":"add","path":"PAY:costs[value eq \"c\"].notes","value":["m","N"]}`,
			after:      `{"userName":"a","PAY":{"costs":[{"value":"c","notes":["n","m"]}]}}`,
		},
	})
}

func TestReplace(t *testing.T) {
	t.Parallel()
	run(t, "User", []change{
		{
			name: "an attribute that is not there", before: `{"userName":"a"}`,
			operations: `{"op":"replace","path":"title","value":"T"}`, after: `{"userName":"a","title":"T"}`,
		},
		{
			name: "a complex value leaves what is not said", before: `{"userName":"a","name":{"givenName":"A","familyName":"B"}}`,
			operations: `{"op":"replace","path":"name","value":{"familyName":"C"}}`, after: `{"userName":"a","name":{"givenName":"A","familyName":"C"}}`,
		},
		{
			name: "nothing said of a complex value changes nothing", before: `{"userName":"a","name":{"givenName":"A"}}`,
			operations: `{"op":"replace","path":"name","value":{}},{"op":"replace","path":"name","value":{"nick":"x"}}`,
			after:      `{"userName":"a","name":{"givenName":"A"}}`, ignored: []string{"name.nick"},
		},
		{
			name: "the last part of a complex value", before: `{"userName":"a","name":{"givenName":"A"}}`,
			operations: `{"op":"replace","path":"name","value":{"givenName":""}}`, after: `{"userName":"a"}`,
		},
		{
			name: "all elements", before: `{"userName":"a","emails":[{"value":"x"},{"value":"y"}]}`,
			operations: `{"op":"replace","path":"emails","value":[{"value":"z"}]}`, after: `{"userName":"a","emails":[{"value":"z"}]}`,
		},
		{
			name: "all elements by none", before: `{"userName":"a","emails":[{"value":"x"}],"ims":[{"value":"i"}],"photos":[{"value":"p"}]}`,
			operations: `{"op":"replace","path":"emails","value":[]},{"op":"replace","path":"ims","value":null},{"op":"replace","path":"photos","value":""}`,
			after:      `{"userName":"a"}`,
		},
		{
			name: "all elements by what is ignored changes nothing", before: `{"userName":"a","emails":[{"value":"x"}]}`,
			operations: `{"op":"replace","path":"emails","value":[{"colour":"red"}]}`, after: `{"userName":"a","emails":[{"value":"x"}]}`, ignored: []string{"emails.colour"},
		},
		{
			name: "every selected element, of which one is left", before: `{"userName":"a","emails":[{"value":"x","type":"work"},{"value":"y","type":"home"},{"value":"z","type":"work","display":"Z"}]}`,
			operations: `{"op":"replace","path":"emails[type eq \"work\"]","value":{"value":"w","type":"other"}}`,
			after:      `{"userName":"a","emails":[{"value":"w","type":"other"},{"value":"y","type":"home"}]}`,
		},
		{
			name: "a type that makes two elements one", before: `{"userName":"a","emails":[{"value":"x","type":"work","display":"W"},{"value":"X","type":"home"}]}`,
			operations: `{"op":"replace","path":"emails[type eq \"home\"].type","value":"work"}`,
			after:      `{"userName":"a","emails":[{"value":"X","type":"work","display":"W"}]}`,
		},
		{
			name: "a selected element by nothing", before: `{"userName":"a","emails":[{"value":"x","type":"work"},{"value":"y"}]}`,
			operations: `{"op":"replace","path":"emails[type eq \"work\"]","value":null}`, after: `{"userName":"a","emails":[{"value":"y"}]}`,
		},
		{
			name: "a sub-attribute of every selected element", before: `{"userName":"a","emails":[{"value":"x","type":"work"},{"value":"y","type":"work"}]}`,
			operations: `{"op":"replace","path":"emails[type eq \"work\"].display","value":"D"}`,
			after:      `{"userName":"a","emails":[{"value":"x","type":"work","display":"D"},{"value":"y","type":"work","display":"D"}]}`,
		},
		{
			name: "a label of an element that says nothing else", before: `{"userName":"a"}`,
			operations: `{"op":"replace","path":"emails[type eq \"work\"].primary","value":true},{"op":"replace","path":"emails[type eq \"work\"].primary","value":true}`,
			after:      `{"userName":"a","emails":[{"type":"work","primary":true}]}`,
		},
		{
			name: "a sub-attribute of the only element", before: `{"userName":"a","emails":[{"value":"x","type":"work"}]}`,
			operations: `{"op":"replace","path":"emails.value","value":"y"}`, after: `{"userName":"a","emails":[{"value":"y","type":"work"}]}`,
		},
		{
			name: "a sub-attribute of no element", before: `{"userName":"a"}`,
			operations: `{"op":"replace","path":"emails.value","value":"y"},{"op":"replace","path":"ims.type","value":"x"}`, after: `{"userName":"a","emails":[{"value":"y"}],"ims":[{"type":"x"}]}`,
		},
		{
			name: "an element among texts", before: `{"userName":"a","PAY":{"tags":["red","blue"]}}`,
			operations: `{"op":"replace","path":"PAY:tags[value eq \"Red\"]","value":"green"}`, after: `{"userName":"a","PAY":{"tags":["green","blue"]}}`,
		},
		{
			name: "a single complex value by a filter that selects it", before: `{"userName":"a","name":{"givenName":"A","familyName":"B"}}`,
			operations: `{"op":"replace","path":"name[givenName eq \"a\"].familyName","value":"C"}`, after: `{"userName":"a","name":{"givenName":"A","familyName":"C"}}`,
		},
		{
			name: "a whole extension leaves what is not said", before: `{"userName":"a","ENT":{"department":"D","division":"V"}}`,
			operations: `{"op":"replace","path":"ENT","value":{"department":"E","manager":{"value":"m"},"colour":"red","urn:x:y":"z"}}`,
			after:      `{"userName":"a","ENT":{"department":"E","division":"V","manager":{"value":"m"}}}`,
			ignored:    []string{enterprise + ":colour", enterprise + ":y"},
		},
		{
			name: "a whole extension as a name in the value", before: `{"userName":"a"}`,
			operations: `{"op":"replace","value":{"ENT":{"department":"E","manager.value":"m"}}}`,
			after:      `{"userName":"a","ENT":{"department":"E","manager":{"value":"m"}}}`,
		},
		{
			name: "a whole extension by nothing", before: `{"userName":"a","ENT":{"department":"E"},"PAY":{"grade":1}}`,
			operations: `{"op":"replace","path":"ENT","value":null},{"op":"replace","value":{"PAY":""}}`, after: `{"userName":"a"}`,
		},
		{
			name: "the core schema by its URN", before: `{"userName":"a"}`,
			operations: `{"op":"replace","path":"USER","value":{"title":"T"}},{"op":"add","value":{"USER":{"nickName":"N"},"USER:userType":"U"}},{"op":"add","path":"USER:name.givenName","value":"A"}`,
			after:      `{"userName":"a","title":"T","nickName":"N","userType":"U","name":{"givenName":"A"}}`,
		},
		{
			name: "a password is accepted and not kept", before: `{"userName":"a"}`,
			operations: `{"op":"replace","path":"password","value":"secret"},{"op":"replace","value":{"password":"secret","PAY":{"pin":"1"}}}`, after: `{"userName":"a"}`,
		},
		{
			name: "schemas follow from what is there", before: `{"schemas":["USER"],"userName":"a"}`,
			operations: `{"op":"add","path":"schemas","value":["ENT"]},{"op":"replace","value":{"schemas":[]}},{"op":"remove","path":"schemas[value eq \"ENT\"]"}`,
			after:      `{"schemas":["USER"],"userName":"a"}`,
		},
		{
			name: "an empty path is none", before: `{"userName":"a"}`,
			operations: `{"op":"replace","path":"","value":{"title":"T"}},{"op":"replace","path":null,"value":{"nickName":"N"}}`, after: `{"userName":"a","title":"T","nickName":"N"}`,
		},
		{
			name: "another primary value in a whole list", before: `{"userName":"a","emails":[{"value":"x","primary":true},{"value":"y"}]}`,
			operations: `{"op":"replace","path":"emails","value":[{"value":"x"},{"value":"y","primary":true}]}`, after: `{"userName":"a","emails":[{"value":"x"},{"value":"y","primary":true}]}`,
		},
		{
			name: "a name in any case becomes the schema's own", before: `{"userName":"a"}`,
			operations: `{"op":"replace","path":"NICKNAME","value":"N"},{"op":"add","path":"Emails","value":{"VALUE":"x"}},{"op":"replace","path":"urn:EXAMPLE:payroll:1.0:GRADE","value":3}`,
			after:      `{"userName":"a","nickName":"N","emails":[{"value":"x"}],"PAY":{"grade":3}}`,
		},
	})
}

func TestRemove(t *testing.T) {
	t.Parallel()
	run(t, "User", []change{
		{
			name: "a single value", before: `{"userName":"a","title":"T"}`,
			operations: `{"op":"remove","path":"title"}`, after: `{"userName":"a"}`,
		},
		{
			name: "a single value, whatever value is said", before: `{"userName":"a","title":"T","ENT":{"manager":{"value":"m"}}}`,
			operations: `{"op":"remove","path":"title","value":"other"},{"op":"Remove","path":"manager","value":"m"}`, after: `{"userName":"a"}`,
		},
		{
			name: "what is not there", before: `{"userName":"a"}`,
			operations: `{"op":"remove","path":"title"},{"op":"remove","path":"emails"},{"op":"remove","path":"name.givenName"},{"op":"remove","path":"emails[type eq \"work\"].value"},
				{"op":"remove","path":"emails.type"},{"op":"remove","path":"ENT"},{"op":"remove","path":"ENT:department"},{"op":"remove","path":"shoeSize"}`,
			after: `{"userName":"a"}`,
		},
		{
			name: "all elements", before: `{"userName":"a","emails":[{"value":"x"},{"value":"y"}]}`,
			operations: `{"op":"remove","path":"emails"}`, after: `{"userName":"a"}`,
		},
		{
			name: "the last selected element", before: `{"userName":"a","emails":[{"value":"x","type":"work"}]}`,
			operations: `{"op":"remove","path":"emails[type eq \"work\"]"}`, after: `{"userName":"a"}`,
		},
		{
			name: "a sub-attribute", before: `{"userName":"a","name":{"givenName":"A","familyName":"B"}}`,
			operations: `{"op":"remove","path":"name.givenName"}`, after: `{"userName":"a","name":{"familyName":"B"}}`,
		},
		{
			name: "the last sub-attribute", before: `{"userName":"a","name":{"givenName":"A"}}`,
			operations: `{"op":"remove","path":"name.givenName"}`, after: `{"userName":"a"}`,
		},
		{
			name: "a sub-attribute of selected elements", before: `{"userName":"a","emails":[{"value":"x","type":"work","display":"X"},{"value":"y","display":"Y"}]}`,
			operations: `{"op":"remove","path":"emails[type eq \"work\"].display"}`, after: `{"userName":"a","emails":[{"value":"x","type":"work"},{"value":"y","display":"Y"}]}`,
		},
		{
			name: "a sub-attribute of all elements", before: `{"userName":"a","emails":[{"value":"x","type":"work"},{"value":"y","type":"home"}]}`,
			operations: `{"op":"remove","path":"emails.type"}`, after: `{"userName":"a","emails":[{"value":"x"},{"value":"y"}]}`,
		},
		{
			name: "an element among texts", before: `{"userName":"a","PAY":{"tags":["red","blue","green"]}}`,
			operations: `{"op":"remove","path":"PAY:tags[value sw \"R\"]"},{"op":"remove","path":"PAY:tags","value":["GREEN"]}`, after: `{"userName":"a","PAY":{"tags":["blue"]}}`,
		},
		{
			name: "listed elements that have no value", before: `{"userName":"a","addresses":[{"type":"work","country":"GB"},{"type":"home","country":"FR"}]}`,
			operations: `{"op":"remove","path":"addresses","value":[{"country":"gb"}]}`, after: `{"userName":"a","addresses":[{"type":"home","country":"FR"}]}`,
		},
		{
			name: "a listed element of another type stays", before: `{"userName":"a","emails":[{"type":"work","value":"x"},{"type":"home","value":"x"}]}`,
			operations: `{"op":"remove","path":"emails","value":[{"type":"home","value":"x"}]}`, after: `{"userName":"a","emails":[{"type":"work","value":"x"}]}`,
		},
		{
			name: "a listed element by its value alone", before: `{"userName":"a","emails":[{"type":"work","value":"x","display":"X"},{"type":"home","value":"y"}]}`,
			operations: `{"op":"remove","path":"emails","value":[{"value":"x","display":"other"}]}`, after: `{"userName":"a","emails":[{"type":"home","value":"y"}]}`,
		},
		{
			name: "an extension", before: `{"userName":"a","ENT":{"department":"D"}}`,
			operations: `{"op":"remove","path":"ENT"}`, after: `{"userName":"a"}`,
		},
		{
			name: "a single complex value by a filter", before: `{"userName":"a","ENT":{"manager":{"value":"m"}}}`,
			operations: `{"op":"remove","path":"ENT:manager[value eq \"m\"]"}`, after: `{"userName":"a"}`,
		},
		{
			name: "an element whose sub-attributes are immutable", before: `{"userName":"a","PAY":{"costs":[{"value":"c","centre":"1"},{"value":"d"}]}}`,
			operations: `{"op":"remove","path":"PAY:costs[value eq \"c\"]"}`, after: `{"userName":"a","PAY":{"costs":[{"value":"d"}]}}`,
		},
	})
}

func TestWhatCannotBeChanged(t *testing.T) {
	t.Parallel()
	const (
		before    = `{"userName":"a","emails":[{"value":"x","type":"work"},{"value":"y","type":"work"}],"PAY":{"hired":"2026-01-01T00:00:00Z","costs":[{"value":"c","centre":"1"}],"wage":{"amount":1}}}`
		readOnly  = "is read-only"
		required  = "is required and cannot be removed"
		immutable = "cannot be changed once it has a value"
	)
	refuse(t, "User", []refusal{
		{"id", before, `{"op":"replace","path":"id","value":"1"}`, fault.Mutability, "id", readOnly},
		{"meta", before, `{"op":"remove","path":"meta"}`, fault.Mutability, "meta", readOnly},
		{"a part of meta", before, `{"op":"replace","path":"meta.created","value":"2026-01-01T00:00:00Z"}`, fault.Mutability, "meta.created", readOnly},
		{"groups of a user", before, `{"op":"add","path":"groups","value":[{"value":"g"}]}`, fault.Mutability, "groups", readOnly},
		{"selected groups", before, `{"op":"remove","path":"groups[value eq \"g\"]"}`, fault.Mutability, "groups", readOnly},
		{"the manager's name", before, `{"op":"add","path":"ENT:manager.displayName","value":"M"}`, fault.Mutability, "ENT:manager.displayName", readOnly},
		{"a part of an element", before, `{"op":"replace","path":"PAY:costs[value eq \"c\"].booked","value":1}`, fault.Mutability, "PAY:costs.booked", readOnly},
		{"schemas", before, `{"op":"remove","path":"schemas"}`, fault.Mutability, "schemas", required},
		{"a required attribute", before, `{"op":"remove","path":"userName"}`, fault.Mutability, "userName", required},
		{"a required attribute by null", before, `{"op":"replace","path":"userName","value":null}`, fault.Invalid, "userName", "is required; send a value that is not blank"},
		{"a required attribute by nothing", before, `{"op":"replace","value":{"userName":""}}`, fault.Invalid, "userName", "is required; send a value that is not blank"},
		{"a required attribute by blanks", before, `{"op":"replace","path":"userName","value":"  "}`, fault.Invalid, "userName", ""},
		{"a required part", before, `{"op":"remove","path":"PAY:costs[value eq \"c\"].value"}`, fault.Mutability, "PAY:costs.value", required},
		{"the core schema", before, `{"op":"remove","path":"urn:ietf:params:scim:schemas:core:2.0:User"}`, fault.Mutability, "urn:ietf:params:scim:schemas:core:2.0:User", "has attributes that are required; name those that shall go"},
		{"an immutable value", before, `{"op":"add","path":"PAY:hired","value":"2026-02-01T00:00:00Z"}`, fault.Mutability, "PAY:hired", immutable},
		{"an immutable value by removing it", before, `{"op":"remove","path":"PAY:hired"}`, fault.Mutability, "PAY:hired", immutable},
		{"a part of an immutable value", before, `{"op":"replace","path":"PAY:wage.amount","value":2}`, fault.Mutability, "PAY:wage", immutable},
		{"an immutable part", before, `{"op":"replace","path":"PAY:costs[value eq \"c\"].centre","value":"2"}`, fault.Mutability, "PAY:costs.centre", immutable},
		{"an immutable part by adding to its element", before, `{"op":"add","path":"PAY:costs[value eq \"c\"]","value":{"centre":"2"}}`, fault.Mutability, "PAY:costs.centre", immutable},
		{"an immutable part by another list", before, `{"op":"replace","path":"PAY:costs","value":[{"value":"d"},{"value":"c","centre":"2"}]}`, fault.Mutability, "PAY:costs.centre", immutable},
		{"an immutable part by another element", before, `{"op":"replace","path":"PAY:costs[value eq \"c\"]","value":{"value":"c"}}`, fault.Mutability, "PAY:costs.centre", immutable},

		{"remove without a path", before, `{"op":"remove"}`, fault.NoTarget, "path", "is needed to remove something; name the attribute"},
		{"a value without a path that is no object", before, `{"op":"replace","value":"x"}`, fault.Invalid, "value", "must be an object of attributes, since no single attribute is named"},
		{"an extension that is no object", before, `{"op":"replace","path":"ENT","value":"x"}`, fault.Invalid, "ENT", "must be an object of attributes, since no single attribute is named"},
		{"a value of another type", before, `{"op":"replace","path":"title","value":7}`, fault.Invalid, "title", ""},
		{"several values for one", before, `{"op":"replace","path":"title","value":["a","b"]}`, fault.Invalid, "title", ""},
		{"a boolean that is none", before, `{"op":"replace","path":"active","value":"yes"}`, fault.Invalid, "active", ""},
		{"a text for a complex value", before, `{"op":"add","path":"addresses[type eq \"work\"]","value":"x"}`, fault.Invalid, "addresses", ""},
		{"a part of several elements at once", before, `{"op":"replace","path":"emails.value","value":"z"}`, fault.InvalidPath, "emails.value", `names no single value, for there are several; select one by a filter, as in emails[type eq "work"].value`},
		{"several primary values by a filter", before, `{"op":"replace","path":"emails[type eq \"work\"].primary","value":true}`, fault.Invalid, "emails", "2 elements are primary; let one be it at the most"},
		{"several primary values in a list", before, `{"op":"add","path":"emails","value":[{"value":"p","primary":true},{"value":"q","primary":true}]}`, fault.Invalid, "emails", "2 elements are primary; let one be it at the most"},
		{"a filter on a simple value", before, `{"op":"replace","path":"title[value eq \"x\"]","value":"y"}`, fault.InvalidPath, "title", "has one simple value, so that no filter can select from it"},
		{"a filter on what elements do not have", before, `{"op":"replace","path":"emails[colour eq \"x\"].value","value":"y"}`, fault.InvalidFilter, "emails", `has no sub-attribute "colour"; within brackets can stand value, display, type, primary`},
		{"an operation after others fails all", before, `{"op":"replace","path":"title","value":"T"},{"op":"remove","path":"userName"}`, fault.Mutability, "userName", required},
	})
}

func TestAnAttributeDoesNotGrowWithoutEnd(t *testing.T) {
	t.Parallel()
	values := func(from, to int) string {
		var all []string
		for i := from; i < to; i++ {
			all = append(all, fmt.Sprintf(`{"value":"r%d"}`, i))
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	full := `{"userName":"a","roles":` + values(0, 1000) + `}`
	refuse(t, "User", []refusal{
		{"one more", full, `{"op":"add","path":"roles","value":{"value":"x"}}`, fault.Invalid, "roles", "would have 1001 elements; at the most 1000 are kept"},
		{"one more by a filter", full, `{"op":"add","path":"roles[type eq \"App\"].value","value":"x"}`, fault.Invalid, "roles", "would have 1001 elements; at the most 1000 are kept"},
	})
	run(t, "User", []change{{
		name: "those that are there", before: full,
		operations: `{"op":"add","path":"roles","value":` + values(0, 1000) + `}`, after: full,
	}})
}

func TestEveryUnknownAttributeIsNamedOnce(t *testing.T) {
	t.Parallel()
	const many = 50_000 // as many as a message can hold; to look through them for each would take seconds
	var unknown strings.Builder
	for i := range many {
		fmt.Fprintf(&unknown, `"x%d":1,`, i)
	}
	value := `{` + unknown.String() + `"title":"T"}`
	result, err := apply(t, "User", `{"userName":"a"}`, `{"op":"add","value":`+value+`},{"op":"replace","value":`+value+`}`)
	require.NoError(t, err)
	assert.Len(t, result.Ignored, many)
	assert.Equal(t, `{"userName":"a","title":"T"}`, string(tree.Append(nil, result.Attributes)))
}
