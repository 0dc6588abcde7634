package patch_test

import (
	"testing"

	"github.com/extraordinary/provisioning/domain/fault"
)

// What Entra sends (entra.md §1.3 to §1.6) and how it broke others (§4).

func TestEntrasDefaultDialect(t *testing.T) {
	t.Parallel()
	run(t, "User", []change{
		{
			name: "one operation for each attribute", before: `{"userName":"a","active":true}`,
			operations: `{"op":"Replace","path":"displayName","value":"Ada L"},
				{"op":"Replace","path":"emails[type eq \"work\"].value","value":"a@example.com"},
				{"op":"Replace","path":"name.givenName","value":"Ada"},
				{"op":"Replace","path":"name.familyName","value":"Lovelace"},
				{"op":"Replace","path":"externalId","value":"E1"},
				{"op":"Replace","path":"ENT:employeeNumber","value":"7"}`,
			after: `{"userName":"a","active":true,"displayName":"Ada L","emails":[{"type":"work","value":"a@example.com"}],
				"name":{"givenName":"Ada","familyName":"Lovelace"},"externalId":"E1","ENT":{"employeeNumber":"7"}}`,
		},
		{
			name: "disable by a string", before: `{"userName":"a","active":true}`,
			operations: `{"op":"Replace","path":"active","value":"False"}`,
			after:      `{"userName":"a","active":false}`,
		},
		{
			name: "enable by add and a string", before: `{"userName":"a","active":false}`,
			operations: `{"op":"Add","path":"active","value":"True"}`,
			after:      `{"userName":"a","active":true}`,
		},
		{
			name: "add a single value", before: `{"userName":"a"}`,
			operations: `{"op":"Add","path":"nickName","value":"Babs"}`,
			after:      `{"userName":"a","nickName":"Babs"}`,
		},
		{
			name: "add to an element that is not there", before: `{"userName":"a","phoneNumbers":[{"type":"work","value":"1"}]}`,
			operations: `{"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":"+44 7700 900123"}`,
			after:      `{"userName":"a","phoneNumbers":[{"type":"work","value":"1"},{"type":"mobile","value":"+44 7700 900123"}]}`,
		},
		{
			name: "replace in an element that is not there", before: `{"userName":"a"}`,
			operations: `{"op":"Replace","path":"phoneNumbers[type eq \"mobile\"].value","value":"2"}`,
			after:      `{"userName":"a","phoneNumbers":[{"type":"mobile","value":"2"}]}`,
		},
		{
			name: "several sub-attributes of an element that is not there", before: `{"userName":"a"}`,
			operations: `{"op":"Add","path":"addresses[type eq \"work\"].streetAddress","value":"S"},
				{"op":"Add","path":"addresses[type eq \"work\"].Country","value":"GB"},
				{"op":"Add","path":"addresses[type eq \"other\"].Formatted","value":"F"}`,
			after: `{"userName":"a","addresses":[{"type":"work","streetAddress":"S","country":"GB"},{"type":"other","formatted":"F"}]}`,
		},
		{
			name: "an element described by several sub-attributes", before: `{"userName":"a"}`,
			operations: `{"op":"Add","path":"emails[type eq \"work\" and primary eq true].value","value":"w@example.com"}`,
			after:      `{"userName":"a","emails":[{"type":"work","primary":true,"value":"w@example.com"}]}`,
		},
		{
			name: "a primary role, as a string", before: `{"userName":"a"}`,
			operations: `{"op":"Add","path":"roles[primary eq \"True\"].value","value":"admin"}`,
			after:      `{"userName":"a","roles":[{"primary":true,"value":"admin"}]}`,
		},
		{
			name: "an existing element, in another case", before: `{"userName":"a","emails":[{"type":"Work","value":"old"}]}`,
			operations: `{"op":"Replace","path":"emails[type eq \"work\"].Value","value":"new"}`,
			after:      `{"userName":"a","emails":[{"type":"Work","value":"new"}]}`,
		},
		{
			name: "the manager as a list", before: `{"userName":"a"}`,
			operations: `{"op":"Add","path":"manager","value":[{"$ref":null,"value":"m1"}]}`,
			after:      `{"userName":"a","ENT":{"manager":{"value":"m1"}}}`,
		},
		{
			name: "the manager as a list with a reference", before: `{"userName":"a"}`,
			operations: `{"op":"Add","path":"ENT:manager","value":[{"$ref":"http://example.com/scim/Users/m1","value":"m1"}]}`,
			after:      `{"userName":"a","ENT":{"manager":{"$ref":"http://example.com/scim/Users/m1","value":"m1"}}}`,
		},
		{
			name: "the manager as an object", before: `{"userName":"a","ENT":{"manager":{"value":"m1"},"department":"D"}}`,
			operations: `{"op":"Replace","path":"manager","value":{"value":"m2"}}`,
			after:      `{"userName":"a","ENT":{"manager":{"value":"m2"},"department":"D"}}`,
		},
		{
			name: "another manager as a bare id leaves no reference to the old one", before: `{"userName":"a","ENT":{"manager":{"value":"m1","$ref":"../Users/m1"}}}`,
			operations: `{"op":"Replace","path":"ENT:manager","value":"m2"}`,
			after:      `{"userName":"a","ENT":{"manager":{"value":"m2"}}}`,
		},
		{
			name: "no manager any more", before: `{"userName":"a","ENT":{"manager":{"value":"m1"},"department":"D"}}`,
			operations: `{"op":"Replace","path":"ENT:manager","value":""}`,
			after:      `{"userName":"a","ENT":{"department":"D"}}`,
		},
		{
			name: "the last attribute of an extension", before: `{"userName":"a","ENT":{"manager":{"value":"m1"}}}`,
			operations: `{"op":"Remove","path":"manager"}`,
			after:      `{"userName":"a"}`,
		},
		{
			name: "clear by an empty string", before: `{"userName":"a","title":"T","phoneNumbers":[{"type":"mobile","value":"1"}],"name":{"givenName":"A","familyName":"B"},"ENT":{"department":"D"}}`,
			operations: `{"op":"replace","path":"title","value":""},{"op":"replace","path":"phoneNumbers[type eq \"mobile\"].value","value":""},
				{"op":"replace","path":"name.givenName","value":""},{"op":"replace","path":"ENT:department","value":""}`,
			after: `{"userName":"a","name":{"familyName":"B"}}`,
		},
		{
			name: "clear by null", before: `{"userName":"a","title":"T","phoneNumbers":[{"type":"mobile","value":"1"},{"type":"work","value":"2"}],"ENT":{"department":"D"}}`,
			operations: `{"op":"replace","path":"title","value":null},{"op":"replace","path":"phoneNumbers[type eq \"mobile\"].value","value":null},
				{"op":"replace","path":"ENT:department","value":null}`,
			after: `{"userName":"a","phoneNumbers":[{"type":"work","value":"2"}]}`,
		},
		{
			name: "clear what is not there", before: `{"userName":"a"}`,
			operations: `{"op":"replace","path":"phoneNumbers[type eq \"mobile\"].value","value":""},{"op":"replace","path":"title","value":""},{"op":"replace","path":"name.givenName","value":null}`,
			after:      `{"userName":"a"}`,
		},
		{
			name: "what more is said of an element that is cleared stays", before: `{"userName":"a","phoneNumbers":[{"type":"mobile","value":"1","display":"M"}]}`,
			operations: `{"op":"replace","path":"phoneNumbers[type eq \"mobile\"].value","value":""}`,
			after:      `{"userName":"a","phoneNumbers":[{"type":"mobile","display":"M"}]}`,
		},
		{
			name: "a role that is added again", before: `{"userName":"a","roles":[{"primary":true,"type":"App","value":"{\"id\":1}"}]}`,
			operations: `{"op":"Add","path":"roles","value":[{"value":"{\"id\":1}"}]}`,
			after:      `{"userName":"a","roles":[{"primary":true,"type":"App","value":"{\"id\":1}"}]}`,
		},
		{
			name: "a role that is added again with more", before: `{"userName":"a","roles":[{"value":"r"}]}`,
			operations: `{"op":"Add","path":"roles","value":[{"value":"r","display":"R","primary":"True"}]}`,
			after:      `{"userName":"a","roles":[{"value":"r","display":"R","primary":true}]}`,
		},
		{
			name: "remove listed values and no others", before: `{"userName":"a","roles":[{"value":"r"},{"value":"s","display":"S"},{"value":"t"}]}`,
			operations: `{"op":"Remove","path":"roles","value":[{"value":"s","display":"other"},{"value":"nobody"}]}`,
			after:      `{"userName":"a","roles":[{"value":"r"},{"value":"t"}]}`,
		},
		{
			name: "a mapping that nobody knows fails nothing", before: `{"userName":"a"}`,
			operations: `{"op":"Add","path":"shoeSize","value":"44"},{"op":"Replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0User:department","value":"D"},
				{"op":"Add","path":"emails[type eq \"work\"].colour","value":"red"},{"op":"Replace","path":"title","value":"T"},{"op":"Add","path":"shoeSize","value":"45"}`,
			after:   `{"userName":"a","title":"T"}`,
			ignored: []string{"shoeSize", "urn:ietf:params:scim:schemas:extension:enterprise:2.0User:department", "emails.colour"},
		},
		{
			name: "no operations", before: `{"userName":"a"}`, operations: ``, after: `{"userName":"a"}`,
		},
		{
			name: "the same attribute several times", before: `{"userName":"a"}`,
			operations: `{"op":"Replace","path":"title","value":"1"},{"op":"Replace","path":"title","value":"2"},{"op":"Remove","path":"title"},{"op":"Add","path":"title","value":"3"}`,
			after:      `{"userName":"a","title":"3"}`,
		},
	})
}

func TestEntrasDialectOf062020(t *testing.T) {
	t.Parallel()
	run(t, "User", []change{
		{
			name: "many attributes in one value, with dots and URNs in their names", before: `{"userName":"a","name":{"givenName":"old","middleName":"M"}}`,
			operations: `{"op":"replace","value":{"displayName":"Ada L","name.givenName":"Ada","name.familyName":"Lovelace","ENT:employeeNumber":"7","active":false}}`,
			after:      `{"userName":"a","name":{"givenName":"Ada","middleName":"M","familyName":"Lovelace"},"displayName":"Ada L","ENT":{"employeeNumber":"7"},"active":false}`,
		},
		{
			name: "add in the same form", before: `{"userName":"a"}`,
			operations: `{"op":"add","value":{"name.givenName":"Ada","ENT:manager":"m1","ENT:department":"D"}}`,
			after:      `{"userName":"a","name":{"givenName":"Ada"},"ENT":{"manager":{"value":"m1"},"department":"D"}}`,
		},
		{
			name: "a filter in a name", before: `{"userName":"a"}`,
			operations: `{"op":"replace","value":{"phoneNumbers[type eq \"mobile\"].value":"1","emails[type eq \"work\"].value":""}}`,
			after:      `{"userName":"a","phoneNumbers":[{"type":"mobile","value":"1"}]}`,
		},
		{
			name: "schemas and other values that we write ourselves are no fault there", before: `{"userName":"a"}`,
			operations: `{"op":"replace","value":{"schemas":["x"],"id":"1","meta":{"resourceType":"User"},"groups":[{"value":"g"}],"ENT:manager.displayName":"M","title":"T"}}`,
			after:      `{"userName":"a","title":"T"}`,
		},
		{
			name: "names that are no paths", before: `{"userName":"a"}`,
			operations: `{"op":"replace","value":{"not a path":"x","a[b":"y","":"z","gone now":null,"title":"T"}}`,
			after:      `{"userName":"a","title":"T"}`,
			ignored:    []string{"not a path", "a[b", ""},
		},
		{
			name: "multi-valued attributes one by one", before: `{"userName":"a"}`,
			operations: `{"op":"replace","path":"emails[type eq \"work\"].value","value":"w@example.com"},{"op":"replace","path":"addresses[type eq \"work\"].country","value":"GB"}`,
			after:      `{"userName":"a","emails":[{"type":"work","value":"w@example.com"}],"addresses":[{"type":"work","country":"GB"}]}`,
		},
	})
}

func TestEntrasGroups(t *testing.T) {
	t.Parallel()
	run(t, "Group", []change{
		{
			name: "rename", before: `{"displayName":"G","members":[{"value":"u"}]}`,
			operations: `{"op":"Replace","path":"displayName","value":"H"}`,
			after:      `{"displayName":"H","members":[{"value":"u"}]}`,
		},
		{
			name: "add", before: `{"displayName":"G"}`,
			operations: `{"op":"Add","path":"members","value":[{"$ref":null,"value":"u"}]}`,
			after:      `{"displayName":"G","members":[{"value":"u"}]}`,
		},
		{
			name: "remove by a list", before: `{"displayName":"G","members":[{"value":"u"},{"value":"v"}]}`,
			operations: `{"op":"Remove","path":"members","value":[{"$ref":null,"value":"u"}]}`,
			after:      `{"displayName":"G","members":[{"value":"v"}]}`,
		},
		{
			name: "remove by an empty list removes nobody", before: `{"displayName":"G","members":[{"value":"u"}]}`,
			operations: `{"op":"Remove","path":"members","value":[]},{"op":"Remove","path":"members","value":[{}]},{"op":"Remove","path":"members","value":""}`,
			after:      `{"displayName":"G","members":[{"value":"u"}]}`,
		},
		{
			name: "remove by one object and by a bare id", before: `{"displayName":"G","members":[{"value":"u"},{"value":"v"},{"value":"w"}]}`,
			operations: `{"op":"Remove","path":"members","value":{"value":"u"}},{"op":"Remove","path":"members","value":"w"}`,
			after:      `{"displayName":"G","members":[{"value":"v"}]}`,
		},
		{
			name: "remove by a filter", before: `{"displayName":"G","members":[{"value":"u"},{"value":"v"}]}`,
			operations: `{"op":"remove","path":"members[value eq \"u\"]"}`,
			after:      `{"displayName":"G","members":[{"value":"v"}]}`,
		},
	})
}

func TestNoTargetHoldsWhereEntraDoesNotNeedOtherwise(t *testing.T) {
	t.Parallel()
	const before = `{"userName":"a","emails":[{"type":"home","value":"h"}],"name":{"givenName":"A"}}`
	const detail = "has no value that the filter selects"
	refuse(t, "User", []refusal{
		{"a whole element", before, `{"op":"replace","path":"emails[type eq \"work\"]","value":{"value":"w"}}`, fault.NoTarget, "emails", detail},
		{"or", before, `{"op":"replace","path":"emails[type eq \"work\" or type eq \"other\"].value","value":"w"}`, fault.NoTarget, "emails.value", detail},
		{"not", before, `{"op":"replace","path":"emails[not (type eq \"home\")].value","value":"w"}`, fault.NoTarget, "emails.value", detail},
		{"ne", before, `{"op":"add","path":"emails[type ne \"home\"].value","value":"w"}`, fault.NoTarget, "emails.value", detail},
		{"co", before, `{"op":"replace","path":"emails[type co \"wor\"].value","value":"w"}`, fault.NoTarget, "emails.value", detail},
		{"pr", before, `{"op":"replace","path":"emails[display pr].value","value":"w"}`, fault.NoTarget, "emails.value", detail},
		{"null", before, `{"op":"replace","path":"emails[type eq null].value","value":"w"}`, fault.NoTarget, "emails.value", detail},
		{"what would not be selected afterwards", before, `{"op":"replace","path":"emails[value eq \"x\"].value","value":"w"}`, fault.NoTarget, "emails.value", detail},
		{"a contradiction", before, `{"op":"add","path":"emails[type eq \"work\" and type eq \"other\"].value","value":"w"}`, fault.NoTarget, "emails.value", detail},
		{"an attribute of one value", before, `{"op":"replace","path":"name[givenName eq \"B\"].familyName","value":"w"}`, fault.NoTarget, "name.familyName", detail},
		{"a simple element", before, `{"op":"add","path":"PAY:tags[value eq \"x\"]","value":"y"}`, fault.NoTarget, "PAY:tags", detail},
		{"a whole element that contradicts the filter", before, `{"op":"add","path":"emails[type eq \"work\"]","value":{"type":"other","value":"w"}}`, fault.NoTarget, "emails", detail},
	})
}
