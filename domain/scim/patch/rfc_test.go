package patch_test

import "testing"

// The examples of RFC 7644 §3.5.2 on users, each on a user that makes its effect visible. Those on members are in
// members_test.go, and here as well: Apply treats members as it does any other attribute.

func TestEveryExampleOfTheRFC(t *testing.T) {
	t.Parallel()
	const (
		babs  = `{"display":"Babs Jensen","$ref":"https://example.com/v2/Users/2819c223","value":"2819c223"}`
		james = `{"display":"James Smith","$ref":"https://example.com/v2/Users/08e1d05d","value":"08e1d05d"}`
		// display is read-only: it is the name that the member has.
		keptBabs  = `{"$ref":"https://example.com/v2/Users/2819c223","value":"2819c223"}`
		keptJames = `{"$ref":"https://example.com/v2/Users/08e1d05d","value":"08e1d05d"}`
	)
	t.Run("Group", func(t *testing.T) {
		t.Parallel()
		run(t, "Group", []change{
			{
				name: "add a member", before: `{"displayName":"G"}`,
				operations: `{"op":"add","path":"members","value":[` + babs + `]}`,
				after:      `{"displayName":"G","members":[` + keptBabs + `]}`,
			},
			{
				name: "add a member who is one already", before: `{"displayName":"G","members":[` + keptBabs + `]}`,
				operations: `{"op":"add","path":"members","value":[` + babs + `]}`,
				after:      `{"displayName":"G","members":[` + keptBabs + `]}`,
			},
			{
				name: "remove a member", before: `{"displayName":"G","members":[` + keptBabs + `,` + keptJames + `]}`,
				operations: `{"op":"remove","path":"members[value eq \"2819c223\"]"}`,
				after:      `{"displayName":"G","members":[` + keptJames + `]}`,
			},
			{
				name: "remove a member who is none", before: `{"displayName":"G","members":[` + keptJames + `]}`,
				operations: `{"op":"remove","path":"members[value eq \"2819c223\"]"}`,
				after:      `{"displayName":"G","members":[` + keptJames + `]}`,
			},
			{
				name: "remove all members", before: `{"displayName":"G","members":[` + keptBabs + `,` + keptJames + `]}`,
				operations: `{"op":"remove","path":"members"}`,
				after:      `{"displayName":"G"}`,
			},
			{
				name: "remove and add a member, without a space", before: `{"displayName":"G","members":[` + keptBabs + `]}`,
				operations: `{"op":"remove","path":"members[value eq\"2819c223\"]"},{"op":"add","path":"members","value":[` + james + `]}`,
				after:      `{"displayName":"G","members":[` + keptJames + `]}`,
			},
			{
				name: "remove all members and add others", before: `{"displayName":"G","members":[{"value":"x"}]}`,
				operations: `{"op":"remove","path":"members"},{"op":"add","path":"members","value":[` + babs + `,` + james + `]}`,
				after:      `{"displayName":"G","members":[` + keptBabs + `,` + keptJames + `]}`,
			},
			{
				name: "replace all members", before: `{"displayName":"G","members":[{"value":"x"}]}`,
				operations: `{"op":"replace","path":"members","value":[` + babs + `,` + james + `]}`,
				after:      `{"displayName":"G","members":[` + keptBabs + `,` + keptJames + `]}`,
			},
			{
				// Figure 8 has this path, though no schema has a displayName of a member.
				name: "a path to what members do not have", before: `{"displayName":"G","members":[{"value":"2819c223"}]}`,
				operations: `{"op":"replace","path":"members[value eq \"2819c223\"].displayName","value":"Babs"}`,
				after:      `{"displayName":"G","members":[{"value":"2819c223"}]}`,
				ignored:    []string{"members.displayName"},
			},
		})
	})
	t.Run("User", func(t *testing.T) {
		t.Parallel()
		const home = `{"value":"babs@jensen.org","type":"home"}`
		run(t, "User", []change{
			{
				name: "add attributes without a path", before: `{"userName":"b","nickName":"B","emails":[{"value":"b@example.com"}]}`,
				operations: `{"op":"add","value":{"emails":[` + home + `],"nickname":"Babs"}}`,
				after:      `{"userName":"b","nickName":"Babs","emails":[{"value":"b@example.com"},` + home + `]}`,
			},
			{
				name: "remove by a compound filter", before: `{"userName":"b","emails":[{"value":"b@example.com","type":"work"},{"value":"b@example.org","type":"work"},` + home + `]}`,
				operations: `{"op":"remove","path":"emails[type eq \"work\" and value ew \"example.com\"]"}`,
				after:      `{"userName":"b","emails":[{"value":"b@example.org","type":"work"},` + home + `]}`,
			},
			{
				name: "replace the whole work address", before: `{"userName":"b","addresses":[{"type":"home","primary":true,"region":"NY"},{"type":"work","formatted":"x","primary":false}]}`,
				operations: `{"op":"replace","path":"addresses[type eq \"work\"]","value":{
					"type":"work","streetAddress":"911 Universal City Plaza","locality":"Hollywood","region":"CA","postalCode":"91608",
					"country":"US","formatted":"911 Universal City Plaza\nHollywood, CA 91608 US","primary":true}}`,
				after: `{"userName":"b","addresses":[{"type":"home","primary":false,"region":"NY"},{
					"type":"work","streetAddress":"911 Universal City Plaza","locality":"Hollywood","region":"CA","postalCode":"91608",
					"country":"US","formatted":"911 Universal City Plaza\nHollywood, CA 91608 US","primary":true}]}`,
			},
			{
				name: "replace the street of the work address", before: `{"userName":"b","addresses":[{"type":"work","streetAddress":"x","region":"CA"},{"type":"home","streetAddress":"y"}]}`,
				operations: `{"op":"replace","path":"addresses[type eq \"work\"].streetAddress","value":"1010 Broadway Ave"}`,
				after:      `{"userName":"b","addresses":[{"type":"work","streetAddress":"1010 Broadway Ave","region":"CA"},{"type":"home","streetAddress":"y"}]}`,
			},
			{
				name: "replace attributes without a path", before: `{"userName":"b","title":"T","emails":[{"value":"x"},{"value":"y"}]}`,
				operations: `{"op":"replace","value":{"emails":[{"value":"bjensen@example.com","type":"work","primary":true},` + home + `],"nickname":"Babs"}}`,
				after:      `{"userName":"b","title":"T","emails":[{"value":"bjensen@example.com","type":"work","primary":true},` + home + `],"nickName":"Babs"}`,
			},
			{
				name: "an extension's attribute by its full name", before: `{"userName":"b"}`,
				operations: `{"op":"add","path":"ENT:employeeNumber","value":"701984"}`,
				after:      `{"userName":"b","ENT":{"employeeNumber":"701984"}}`,
			},
			{
				name: "a sub-attribute by its path", before: `{"userName":"b","name":{"givenName":"B"}}`,
				operations: `{"op":"replace","path":"name.familyName","value":"Jensen"}`,
				after:      `{"userName":"b","name":{"givenName":"B","familyName":"Jensen"}}`,
			},
		})
	})
}
