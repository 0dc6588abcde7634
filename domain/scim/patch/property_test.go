package patch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/scim/patch"
	"github.com/extraordinary/provisioning/domain/tree"
)

const someone = `{"userName":"a","title":"T","name":{"givenName":"A","familyName":"B"},"active":true,
	"emails":[{"value":"x","type":"work","primary":true},{"value":"y","type":"home","display":"Y"},{"type":"other"}],
	"addresses":[{"type":"work","country":"GB"}],"roles":[{"value":"r"}],
	"ENT":{"department":"D","manager":{"value":"m","$ref":"../Users/m"}},
	"PAY":{"tags":["red"],"costs":[{"value":"c","centre":"1","notes":["n"]}],"hired":"2026-01-01T00:00:00Z"}}`

// FuzzApply holds, for whatever messages and resources there are: nothing panics; Apply does not change what it is
// given; its result is as Check leaves it; one replacement done twice is done once; Members takes nothing away from
// users.
func FuzzApply(f *testing.F) {
	for _, operation := range []string{
		`{"op":"add","path":"emails","value":[{"value":"z","primary":true}]}`,
		`{"op":"Replace","path":"emails[type eq \"work\"].value","value":"w"}`,
		`{"op":"replace","path":"emails[type eq \"work\" and value ew \"x\"]","value":{"type":"home"}}`,
		`{"op":"replace","path":"phoneNumbers[type eq \"mobile\"].value","value":"1"}`,
		`{"op":"remove","path":"emails","value":[{"value":"y"}]}`,
		`{"op":"remove","path":"emails[not (primary pr)].type"}`,
		`{"op":"replace","value":{"name.givenName":"G","ENT:manager":"m2","emails[type eq \"x\"].display":"","ENT":{"department":null},"shoe size":1}}`,
		`{"op":"add","path":"PAY:costs[value eq \"c\"].notes","value":["o"]}`,
		`{"op":"replace","path":"PAY:tags[value eq \"red\"]","value":"blue"}`,
		`{"op":"replace","path":"name","value":{"givenName":""}}`,
		`{"op":"replace","path":"emails.type","value":"t"}`,
		`{"op":"remove","path":"ENT"}`,
		`{"op":"replace","path":"ENT:manager","value":[{"value":"m3"}]}`,
		`{"op":"replace","path":"addresses[type eq \"work\"].primary","value":"True"}`,
	} {
		f.Add(tree.Append(nil, object(f, someone)), tree.Append(nil, object(f, `{"Operations":[`+operation+`]}`)))
	}
	registry := registry()
	f.Fuzz(func(t *testing.T, resource, message []byte) {
		read := func(text []byte) *tree.Object {
			v, _ := tree.Parse(text)
			o, _ := v.(*tree.Object)
			return o
		}
		for _, resourceType := range registry.Types {
			attributes, _, err := resourceType.Check(read(resource))
			if err != nil {
				continue
			}
			ops, err := patch.Read(read(message))
			if err != nil {
				continue
			}
			untouched, sent := string(tree.Append(nil, attributes)), string(tree.Append(nil, read(message)))
			once, err := patch.Apply(resourceType, attributes, ops)
			require.Equal(t, untouched, string(tree.Append(nil, attributes)))
			require.Equal(t, sent, string(tree.Append(nil, read(message))))
			rest, changes, membersErr := patch.Members(resourceType, ops)
			if resourceType.Name == "User" && membersErr == nil {
				require.Empty(t, changes)
				apart, apartErr := patch.Apply(resourceType, attributes, rest)
				require.Equal(t, err, apartErr)
				require.True(t, err != nil || tree.Equal(once.Attributes, apart.Attributes))
			}
			if err != nil {
				require.NotEqual(t, fault.Internal, fault.Of(err).Kind, "%v", err)
				continue
			}
			sound(t, resourceType.Name, once.Attributes)
			if len(ops) != 1 || ops[0].Op != patch.Replace || ops[0].Path == nil {
				continue // several changes may undo each other, and "add" and "remove" may go on
			}
			twice, err := patch.Apply(resourceType, once.Attributes, ops)
			if err != nil { // the replaced value need not be what the filter selects
				require.ErrorIs(t, err, fault.NoTarget)
				continue
			}
			require.Equal(t, string(tree.Append(nil, once.Attributes)), string(tree.Append(nil, twice.Attributes)))
		}
	})
}

func FuzzAddThenRemoveIsNothing(f *testing.F) {
	f.Add("emails", "fresh@example.com", "work")
	f.Add("roles", "admin", "")
	f.Add("PAY:tags", "green", "")
	user := registry().Type("User")
	before, _, err := user.Check(object(f, someone))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, attribute, value, kind string) {
		target, ok := user.Resolve("", attribute, "")
		if !ok || !target.Attribute.MultiValued || target.Attribute.Sub("value") == nil || value == "" {
			return
		}
		element := tree.NewObject(tree.Member{Name: "value", Value: value})
		if kind != "" && target.Attribute.Sub("type") != nil {
			element.Set("type", kind)
		}
		for _, remove := range []tree.Value{
			tree.NewObject(tree.Member{Name: "op", Value: "remove"}, tree.Member{Name: "path", Value: attribute}, tree.Member{Name: "value", Value: tree.List{element}}),
			tree.NewObject(tree.Member{Name: "op", Value: "remove"}, tree.Member{Name: "path", Value: attribute + `[value eq ` + string(tree.Append(nil, value)) + `]`}),
		} {
			add := tree.NewObject(tree.Member{Name: "op", Value: "add"}, tree.Member{Name: "path", Value: attribute}, tree.Member{Name: "value", Value: element})
			adding, err := patch.Read(tree.NewObject(tree.Member{Name: "Operations", Value: tree.List{add}}))
			require.NoError(t, err)
			with, err := patch.Apply(user, before, adding)
			if err != nil {
				return // no value of this attribute
			}
			if elements, _ := with.Attributes.Get(target.Attribute.Name).(tree.List); len(elements) == len(list(before.Get(target.Attribute.Name))) {
				return // it was there
			}
			removing, err := patch.Read(tree.NewObject(tree.Member{Name: "Operations", Value: tree.List{remove}}))
			if err != nil {
				return // a value that no filter can have, for it is no UTF-8
			}
			without, err := patch.Apply(user, with.Attributes, removing)
			require.NoError(t, err)
			require.Equal(t, string(tree.Append(nil, before)), string(tree.Append(nil, without.Attributes)))
		}
	})
}

func list(v tree.Value) tree.List {
	l, _ := v.(tree.List)
	return l
}
