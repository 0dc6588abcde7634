package patch_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/scim/patch"
	"github.com/extraordinary/provisioning/domain/tree"
)

const someone = `{"userName":"a","title":"T","name":{"givenName":"A","familyName":"B"},"active":true,
	"emails":[{"value":"x","type":"work","primary":true},{"value":"y","type":"home","display":"Y"},{"type":"other"}],
	"addresses":[{"type":"work","country":"GB"}],"roles":[{"value":"r"}],
	"ENT":{"department":"D","manager":{"value":"m","$ref":"../Users/m"}},
	"PAY":{"tags":["red"],"costs":[{"value":"c","centre":"1","notes":["n"]}],"hired":"2026-01-01T00:00:00Z"}}`

// hold checks, for any operations on any resource, that nothing panics; that Apply does not change what it is given; that
// its result is as schema.ResourceType.Check leaves it; that one operation done twice is done once; and that Members
// takes nothing away from users.
func hold(t *testing.T, resourceType *schema.ResourceType, attributes *tree.Object, ops []patch.Operation) {
	t.Helper()
	untouched, values := string(tree.Append(nil, attributes)), written(ops)
	once, err := patch.Apply(resourceType, attributes, ops)
	require.Equal(t, untouched, string(tree.Append(nil, attributes)))
	require.Equal(t, values, written(ops))
	membersAside(t, resourceType, attributes, ops, once, err)
	if err != nil {
		require.NotEqual(t, fault.Internal, fault.Of(err).Kind, "%v", err)
		return
	}
	sound(t, resourceType, once.Attributes)
	if len(ops) != 1 || ops[0].Path == nil {
		return // several changes may undo each other
	}
	twice, err := patch.Apply(resourceType, once.Attributes, ops)
	if err != nil { // the new value need not be what the filter selects
		require.ErrorIs(t, err, fault.NoTarget)
		return
	}
	require.Equal(t, string(tree.Append(nil, once.Attributes)), string(tree.Append(nil, twice.Attributes)))
}

func membersAside(t *testing.T, resourceType *schema.ResourceType, attributes *tree.Object, ops []patch.Operation, want patch.Result, wantErr error) {
	t.Helper()
	rest, changes, err := patch.Members(resourceType, ops)
	if resourceType.Name != "User" || err != nil {
		return
	}
	require.Empty(t, changes)
	apart, err := patch.Apply(resourceType, attributes, rest)
	require.Equal(t, wantErr, err)
	require.True(t, tree.Equal(want.Attributes, apart.Attributes))
}

func written(ops []patch.Operation) string {
	var text []byte
	for _, op := range ops {
		text = tree.Append(text, op.Value)
	}
	return string(text)
}

// What operations are made of, to try all of their combinations.
var (
	verbs = []string{"add", "replace", "remove"}
	paths = []string{
		``, `title`, `active`, `userName`, `externalId`, `password`, `id`, `schemas`, `shoeSize`,
		`name`, `name.givenName`, `name[givenName eq "a"]`, `name[givenName eq "b"].familyName`,
		`emails`, `emails.value`, `emails.type`, `emails[type eq "work"]`, `emails[type eq "work"].value`, `emails[type eq "work"].primary`,
		`emails[type eq "other"].type`, `emails[type eq "mobile"].value`, `emails[type eq "mobile"]`, `emails[not (type eq "work")].display`,
		`emails[primary eq "True"].value`, `emails[value eq "x" or value eq "z"]`, `emails[type eq "work" and value eq "w"].display`,
		`addresses`, `addresses[type eq "work"].country`, `addresses[type eq "work"]`, `addresses[type eq "home"].primary`, `roles`, `photos`,
		`ENT`, `ENT:department`, `manager`, `ENT:manager.value`, `ENT:manager.displayName`, `ENT:manager[value eq "m"].$ref`,
		`PAY:tags`, `PAY:tags[value eq "red"]`, `PAY:costs`, `PAY:costs.centre`, `PAY:costs[value eq "c"]`, `PAY:costs[value eq "c"].centre`,
		`PAY:costs[value eq "c"].notes`, `PAY:hired`, `PAY:wage`, `PAY:wage.amount`, `PAY:pin`,
		`displayName`, `members`, `members.value`, `members[value eq "u"]`, `members[value eq "w"].type`, `members[type eq "User"]`,
	}
	values = []string{
		`null`, `""`, `"x"`, `"True"`, `true`, `7`, `[]`, `{}`, `["x"]`, `["red","green"]`, `"2026-01-01T01:00:00+01:00"`,
		`{"value":"x"}`, `{"value":"w","type":"work","primary":true}`, `[{"value":"x","display":"D"}]`, `[{"value":"x","primary":true},{"value":"n","type":"work"}]`,
		`[{"type":"work"},{"type":"home","country":"FR"}]`, `{"givenName":"","familyName":"F"}`, `{"type":"work","country":"FR"}`,
		`{"department":"E","manager":"m2","costs":null}`, `{"name.givenName":"G","emails[type eq \"work\"].value":"v","ENT":{"department":""},"x y":1}`,
		`[{"value":"c","centre":"2","notes":["n","o"]}]`, `{"value":"c","centre":"1"}`, `[{"value":"u","type":"User"},{"value":"v"}]`, `{"amount":1}`,
	}
	resources = [...]struct{ resourceType, attributes string }{
		{"User", someone},
		{"User", `{"userName":"b"}`},
		{"User", `{"userName":"c","name":{"givenName":"A"},"emails":[{"value":"w","type":"work"},{"value":"w2","type":"work","primary":true}],"PAY":{"wage":{"amount":1}}}`},
		{"Group", `{"displayName":"G","members":[{"value":"u","type":"User"},{"value":"w","$ref":"../Users/w"}]}`},
	}
)

func message(t testing.TB, verb, path, value string) []patch.Operation {
	t.Helper()
	text := `{"op":"` + verb + `","path":` + string(tree.Append(nil, path)) + `,"value":` + value + `}`
	ops, err := operations(t, text)
	require.NoError(t, err)
	return ops
}

func TestEveryFormHoldsTheInvariants(t *testing.T) {
	t.Parallel()
	registry := registry()
	for _, resource := range resources {
		before := object(t, resource.attributes)
		for _, path := range paths {
			t.Run(path, func(t *testing.T) {
				t.Parallel()
				path := strings.NewReplacer("ENT", enterprise, "PAY", pay).Replace(path)
				for _, verb := range verbs {
					for _, value := range values {
						hold(t, registry.Type(resource.resourceType), before, message(t, verb, path, value))
					}
				}
			})
		}
	}
}

// FuzzApply tries sequences of operations, each of three bytes, on one of the resources.
func FuzzApply(f *testing.F) {
	f.Add([]byte{0, 1, 17, 2})
	f.Add([]byte{1, 0, 13, 14, 1, 18, 3, 2, 16, 1})
	f.Add([]byte{2, 1, 0, 19, 0, 13, 12, 1, 19, 0})
	f.Add([]byte{3, 0, 50, 22, 2, 50, 11, 2, 52, 0})
	registry := registry()
	f.Fuzz(func(t *testing.T, choices []byte) {
		if len(choices) == 0 || len(choices) > 1+3*8 {
			return
		}
		var ops []patch.Operation
		for c := choices[1:]; len(c) >= 3; c = c[3:] {
			path := strings.NewReplacer("ENT", enterprise, "PAY", pay).Replace(paths[int(c[1])%len(paths)])
			ops = append(ops, message(t, verbs[int(c[0])%len(verbs)], path, values[int(c[2])%len(values)])...)
		}
		resource := resources[int(choices[0])%len(resources)]
		hold(t, registry.Type(resource.resourceType), object(t, resource.attributes), ops)
	})
}

// FuzzMessage tries what clients write.
func FuzzMessage(f *testing.F) {
	for i, path := range paths {
		f.Add(`{"Operations":[{"op":"` + verbs[i%3] + `","path":` + string(tree.Append(nil, path)) + `,"value":` + values[i%len(values)] + `}]}`)
	}
	for _, example := range exampleBodies(f) {
		f.Add(example)
	}
	user, someone := registry().Type("User"), object(f, someone)
	f.Fuzz(func(t *testing.T, text string) {
		v, _ := tree.Parse([]byte(text))
		message, _ := v.(*tree.Object)
		if ops, err := patch.Read(message); err == nil {
			hold(t, user, someone, ops)
		}
	})
}

func FuzzAddThenRemoveIsNothing(f *testing.F) {
	f.Add("emails", "fresh@example.com", "work")
	f.Add("roles", "admin", "")
	f.Add("tags", "green", "")
	user := registry().Type("User")
	before := object(f, someone)
	f.Fuzz(func(t *testing.T, attribute, value, kind string) {
		target, ok := user.Resolve("", attribute, "")
		if !ok || !target.Attribute.MultiValued || !utf8.ValidString(value) || strings.ContainsRune(value, 0) || value == "" || len(value) > 1000 {
			return
		}
		var element tree.Value = value
		if target.Attribute.Sub("value") != nil {
			element = tree.NewObject(tree.Member{Name: "value", Value: value})
		}
		if target.Attribute.Sub("type") != nil && kind != "" {
			element = tree.NewObject(tree.Member{Name: "value", Value: value}, tree.Member{Name: "type", Value: kind})
		}
		selected, err := scim.ParsePath(attribute + "[value eq " + string(tree.Append(nil, value)) + "]")
		require.NoError(t, err)
		removal := patch.Operation{Op: patch.Remove, Path: &selected}
		attributeAlone := scim.PatchPath{Path: selected.Path}

		if result, err := patch.Apply(user, before, []patch.Operation{removal}); err != nil || !tree.Equal(before, result.Attributes) {
			return // it is there already, or cannot be
		}
		with, err := patch.Apply(user, before, []patch.Operation{{Op: patch.Add, Path: &attributeAlone, Value: element}})
		if err != nil {
			return // it cannot be
		}
		for _, op := range []patch.Operation{removal, {Op: patch.Remove, Path: &attributeAlone, Value: tree.List{element}}} {
			without, err := patch.Apply(user, with.Attributes, []patch.Operation{op})
			require.NoError(t, err)
			require.Equal(t, string(tree.Append(nil, before)), string(tree.Append(nil, without.Attributes)))
		}
	})
}
