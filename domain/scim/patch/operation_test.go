package patch_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/scim/patch"
	"github.com/extraordinary/provisioning/domain/tree"
)

func TestReadTakesEveryForm(t *testing.T) {
	t.Parallel()
	title := &scim.PatchPath{Path: scim.Path{Name: "title"}}
	for message, want := range map[string][]patch.Operation{
		`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"title","value":"x"}]}`:     {{Op: patch.Add, Path: title, Value: "x"}},
		`{"Operations":[{"value":"x","path":"title","op":"Replace"}],"Schemas":["URN:ietf:params:scim:api:messages:2.0:patchop"]}`: {{Op: patch.Replace, Path: title, Value: "x"}},
		`{"schemas":"urn:ietf:params:scim:api:messages:2.0:PatchOp","operations":[{"OP":"REMOVE","PATH":"title","id":1}]}`:         {{Op: patch.Remove, Path: title}},
		`{"schemas":["x","urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","value":null}]}`:               {{Op: patch.Add}},
		`{"Operations":[{"op":"remove","path":""},{"op":"remove","path":null,"value":[]}]}`:                                        {{Op: patch.Remove}, {Op: patch.Remove, Value: tree.List{}}},
		`{"Operations":[]}`: {},
	} {
		got, err := patch.Read(object(t, message))
		require.NoError(t, err, message)
		assert.Equal(t, want, got, message)
	}
}

func TestReadSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	many := strings.Repeat(`{"op":"remove","path":"title"},`, 100)
	for _, c := range []struct {
		message string
		kind    fault.Kind
		path    string
		detail  string
	}{
		{`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"Operations":[]}`, fault.Syntax, "schemas", `must hold "urn:ietf:params:scim:api:messages:2.0:PatchOp", for this is a PATCH`},
		{`{"schemas":[],"Operations":[]}`, fault.Syntax, "schemas", `must hold "urn:ietf:params:scim:api:messages:2.0:PatchOp", for this is a PATCH`},
		{`{"schemas":7,"Operations":[]}`, fault.Syntax, "schemas", `must hold "urn:ietf:params:scim:api:messages:2.0:PatchOp", for this is a PATCH`},
		{`{}`, fault.Syntax, "Operations", "must be a list of operations"},
		{`{"Operations":{"op":"add"}}`, fault.Syntax, "Operations", "must be a list of operations"},
		{`{"Operations":["add"]}`, fault.Syntax, "Operations[0]", `must be an object with "op", "path" and "value"`},
		{`{"Operations":[{"op":"remove","path":"title"},{"path":"title","value":"x"}]}`, fault.Syntax, "Operations[1].op", `must be "add", "replace" or "remove"`},
		{`{"Operations":[{"op":"move","path":"title"}]}`, fault.Syntax, "Operations[0].op", `must be "add", "replace" or "remove"`},
		{`{"Operations":[{"op":1}]}`, fault.Syntax, "Operations[0].op", `must be "add", "replace" or "remove"`},
		{`{"Operations":[{"op":"add","path":"title"}]}`, fault.Invalid, "Operations[0].value", `is missing; "add" needs one, if only null`},
		{`{"Operations":[{"op":"Replace","path":"title"}]}`, fault.Invalid, "Operations[0].value", `is missing; "replace" needs one, if only null`},
		{`{"Operations":[{"op":"add","path":["title"],"value":1}]}`, fault.InvalidPath, "Operations[0].path", "must be a string"},
		{`{"Operations":[{"op":"add","path":"na me","value":1}]}`, fault.InvalidPath, "Operations[0].path", `at byte 4, me: expected the end or "["`},
		{`{"Operations":[{"op":"add","path":"emails[type eq work]","value":1}]}`, fault.InvalidFilter, "Operations[0].path", `at byte 16, work: a text needs quotation marks, as in "name"`},
		{`{"Operations":[` + many + `{"op":"remove","path":"title"}]}`, fault.TooLarge, "Operations", "has 101 operations; send 100 at the most in one request"},
	} {
		_, err := patch.Read(object(t, c.message))
		require.ErrorIs(t, err, c.kind, c.message)
		assert.Equal(t, c.path, fault.Of(err).Path, c.message)
		assert.Equal(t, c.detail, fault.Of(err).Detail, c.message)
	}
	_, err := patch.Read(object(t, `{"Operations":[`+strings.TrimSuffix(many, ",")+`]}`))
	require.NoError(t, err)
}
