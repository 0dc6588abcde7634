package patch_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/scim/patch"
	"github.com/extraordinary/provisioning/domain/tree"
)

func members(t *testing.T, list string) ([]patch.Operation, []patch.MemberChange, error) {
	t.Helper()
	ops, err := operations(t, list)
	require.NoError(t, err)
	return patch.Members(registry().Type("Group"), ops)
}

func TestMembersFindsEveryFormOfChange(t *testing.T) {
	t.Parallel()
	refs := func(ids ...string) []patch.MemberRef {
		all := make([]patch.MemberRef, len(ids))
		for i, id := range ids {
			all[i].Value = id
		}
		return all
	}
	where := func(path string) scim.Filter {
		p, err := scim.ParsePath(path)
		require.NoError(t, err)
		return p.Filter
	}
	everybody := []patch.MemberChange{{Op: patch.Remove, All: true}}
	for name, c := range map[string]struct {
		operations string
		changes    []patch.MemberChange
	}{
		"add, as Entra does":                         {`{"op":"Add","path":"members","value":[{"$ref":null,"value":"u"}]}`, []patch.MemberChange{{Op: patch.Add, Members: refs("u")}}},
		"add one without a list":                     {`{"op":"add","path":"members","value":{"value":"u"}}`, []patch.MemberChange{{Op: patch.Add, Members: refs("u")}}},
		"add a bare id":                              {`{"op":"add","path":"members","value":"u"}`, []patch.MemberChange{{Op: patch.Add, Members: refs("u")}}},
		"add with a type":                            {`{"op":"add","path":"members","value":[{"value":"u","type":"Group","display":"G"}]}`, []patch.MemberChange{{Op: patch.Add, Members: []patch.MemberRef{{Value: "u", Type: "Group"}}}}},
		"add several, each once":                     {`{"op":"add","path":"members","value":[{"value":"u"},{"value":"v"},{"value":"u"}]}`, []patch.MemberChange{{Op: patch.Add, Members: refs("u", "v")}}},
		"add by the full name":                       {`{"op":"add","path":"GROUP:Members","value":[{"value":"u"}]}`, []patch.MemberChange{{Op: patch.Add, Members: refs("u")}}},
		"add without a path":                         {`{"op":"add","value":{"members":[{"value":"u"}]}}`, []patch.MemberChange{{Op: patch.Add, Members: refs("u")}}},
		"add by URN, no path":                        {`{"op":"add","value":{"GROUP:members":[{"value":"u"}]}}`, []patch.MemberChange{{Op: patch.Add, Members: refs("u")}}},
		"add in the core schema":                     {`{"op":"add","value":{"GROUP":{"members":[{"value":"u"}]}}}`, []patch.MemberChange{{Op: patch.Add, Members: refs("u")}}},
		"add nobody":                                 {`{"op":"add","path":"members","value":[]},{"op":"add","path":"members","value":null},{"op":"add","value":{"members":[{}]}}`, nil},
		"replace":                                    {`{"op":"replace","path":"members","value":[{"value":"u"}]}`, []patch.MemberChange{{Op: patch.Replace, Members: refs("u")}}},
		"replace, no path":                           {`{"op":"replace","value":{"members":[{"value":"u"}]}}`, []patch.MemberChange{{Op: patch.Replace, Members: refs("u")}}},
		"replace by nobody":                          {`{"op":"replace","path":"members","value":[]}`, everybody},
		"replace by null":                            {`{"op":"replace","path":"members","value":null}`, everybody},
		"remove all":                                 {`{"op":"remove","path":"members"}`, everybody},
		"remove with null":                           {`{"op":"remove","path":"members","value":null}`, everybody},
		"remove listed ones":                         {`{"op":"Remove","path":"members","value":[{"$ref":null,"value":"u"},{"value":"v"}]}`, []patch.MemberChange{{Op: patch.Remove, Members: refs("u", "v")}}},
		"remove listed nobody":                       {`{"op":"Remove","path":"members","value":[]},{"op":"Remove","path":"members","value":""}`, nil},
		"remove a bare id":                           {`{"op":"Remove","path":"members","value":"u"}`, []patch.MemberChange{{Op: patch.Remove, Members: refs("u")}}},
		"remove by a filter":                         {`{"op":"remove","path":"members[value eq \"u\"]"}`, []patch.MemberChange{{Op: patch.Remove, Members: refs("u")}}},
		"remove by alternatives":                     {`{"op":"remove","path":"members[value eq \"u\" or Value eq \"v\" or value eq \"u\"]"}`, []patch.MemberChange{{Op: patch.Remove, Members: refs("u", "v")}}},
		"remove by a filter, whatever value is said": {`{"op":"remove","path":"members[value eq \"u\"]","value":null}`, []patch.MemberChange{{Op: patch.Remove, Members: refs("u")}}},
		"clear by a filter":                          {`{"op":"replace","path":"members[value eq \"u\"]","value":null}`, []patch.MemberChange{{Op: patch.Remove, Members: refs("u")}}},
		"remove by another filter":                   {`{"op":"remove","path":"members[display sw \"A\"]"}`, []patch.MemberChange{{Op: patch.Remove, Where: where(`members[display sw "A"]`)}}},
		"remove by a compound filter":                {`{"op":"remove","path":"members[value eq \"u\" and type eq \"User\"]"}`, []patch.MemberChange{{Op: patch.Remove, Where: where(`members[value eq "u" and type eq "User"]`)}}},
		"remove by mixed alternatives":               {`{"op":"remove","path":"members[value eq \"u\" or type eq \"Group\"]"}`, []patch.MemberChange{{Op: patch.Remove, Where: where(`members[value eq "u" or type eq "Group"]`)}}},
		"several in their order": {
			`{"op":"remove","path":"members"},{"op":"add","path":"members","value":[{"value":"u"}]},{"op":"remove","path":"members[value eq \"v\"]"}`,
			[]patch.MemberChange{{Op: patch.Remove, All: true}, {Op: patch.Add, Members: refs("u")}, {Op: patch.Remove, Members: refs("v")}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rest, changes, err := members(t, c.operations)
			require.NoError(t, err)
			assert.Empty(t, rest)
			assert.Equal(t, c.changes, changes)
		})
	}
}

func TestMembersLeavesTheRestToApply(t *testing.T) {
	t.Parallel()
	rest, changes, err := members(t, `{"op":"Replace","path":"displayName","value":"H"},
		{"op":"replace","value":{"id":"1","members":[{"value":"u"}],"externalId":"e","shoe size":"44"}},
		{"op":"replace","path":"members[value eq \"u\"].displayName","value":"U"}`)
	require.NoError(t, err)
	assert.Equal(t, []patch.MemberChange{{Op: patch.Replace, Members: []patch.MemberRef{{Value: "u"}}}}, changes)

	before := object(t, `{"displayName":"G"}`)
	result, err := patch.Apply(registry().Type("Group"), before, rest)
	require.NoError(t, err)
	assert.Equal(t, `{"displayName":"H","externalId":"e"}`, string(tree.Append(nil, result.Attributes)))
	assert.Equal(t, []string{"shoe size", "members.displayName"}, result.Ignored)

	ops, err := operations(t, `{"op":"add","path":"members","value":[{"value":"u"}]}`)
	require.NoError(t, err)
	rest, changes, err = patch.Members(registry().Type("User"), ops)
	require.NoError(t, err)
	assert.Equal(t, ops, rest, "users have no members")
	assert.Empty(t, changes)
}

func TestMembersSaysWhatCannotBeDone(t *testing.T) {
	t.Parallel()
	const (
		part   = "cannot be changed; add and remove members as a whole"
		filter = "cannot be changed by a filter; add and remove members as a whole"
	)
	for _, c := range []struct {
		operation string
		kind      fault.Kind
		path      string
		detail    string
	}{
		{`{"op":"replace","path":"members.value","value":"u"}`, fault.Mutability, "members.value", part},
		{`{"op":"remove","path":"members.value"}`, fault.Mutability, "members.value", part},
		{`{"op":"replace","path":"members[value eq \"u\"].value","value":"v"}`, fault.Mutability, "members.value", part},
		{`{"op":"remove","path":"members[value eq \"u\"].type"}`, fault.Mutability, "members.type", part},
		{`{"op":"replace","value":{"members.display":"D"}}`, fault.Mutability, "members.display", part},
		{`{"op":"replace","path":"members[value eq \"u\"]","value":{"value":"v"}}`, fault.Mutability, "members", filter},
		{`{"op":"add","path":"members[value eq \"u\"]","value":{"display":"v"}}`, fault.Mutability, "members", filter},
		{`{"op":"add","path":"members","value":[{"value":"u"},{"type":"User"}]}`, fault.Invalid, "members.value", "is required; send the id of each member"},
		{`{"op":"remove","path":"members","value":[{"$ref":"../Users/u"}]}`, fault.Invalid, "members.value", "is required; send the id of each member"},
		{`{"op":"remove","path":"members","value":[{"display":"U"}]}`, fault.Invalid, "members[0].value", "is required; send a value that is not blank"},
		{`{"op":"add","path":"members","value":[7]}`, fault.Invalid, "members[0]", ""},
		{`{"op":"remove","path":"members[colour eq \"u\"]"}`, fault.InvalidFilter, "members", `has no sub-attribute "colour"; within brackets can stand value, $ref, type, display`},
		{`{"op":"remove","path":"members[value eq 7]"}`, fault.InvalidFilter, "members.value", "is a text: put the value in quotation marks"},
		{`{"op":"remove"}`, fault.NoTarget, "path", "is needed to remove something; name the attribute"},
	} {
		_, _, err := members(t, c.operation)
		require.ErrorIs(t, err, c.kind, c.operation)
		assert.Equal(t, c.path, fault.Of(err).Path, c.operation)
		if c.detail != "" {
			assert.Equal(t, c.detail, fault.Of(err).Detail, c.operation)
		}
	}
}
