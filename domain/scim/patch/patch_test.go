package patch_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim/patch"
	"github.com/extraordinary/provisioning/domain/tree"
)

const (
	enterprise = schema.EnterpriseURN
	pay        = "urn:example:payroll:1.0"
)

// registry is the core one, in which users have an extension with what the core schemas do not have: texts in a list,
// immutable and required attributes, a password.
func registry() *schema.Registry {
	r := schema.Core()
	user := r.Type("User")
	user.Extensions = append(user.Extensions, &schema.Schema{
		ID: pay, Name: "Payroll",
		Attributes: []schema.Attribute{
			{Name: "tags", Type: schema.String, MultiValued: true},
			{Name: "grade", Type: schema.Integer},
			{Name: "hired", Type: schema.DateTime, Mutability: schema.Immutable},
			{Name: "pin", Type: schema.String, Mutability: schema.WriteOnly, Returned: schema.Never},
			{Name: "costs", Type: schema.Complex, MultiValued: true, SubAttributes: []schema.Attribute{
				{Name: "value", Type: schema.String, Required: true},
				{Name: "centre", Type: schema.String, Mutability: schema.Immutable},
				{Name: "booked", Type: schema.Decimal, Mutability: schema.ReadOnly},
				{Name: "notes", Type: schema.String, MultiValued: true},
			}},
			{Name: "wage", Type: schema.Complex, Mutability: schema.Immutable, SubAttributes: []schema.Attribute{
				{Name: "amount", Type: schema.Decimal},
			}},
		},
	})
	return r
}

// object reads JSON; "ENT" and "PAY" in it stand for the URNs of the extensions.
func object(t testing.TB, text string) *tree.Object {
	t.Helper()
	text = strings.NewReplacer("ENT", enterprise, "PAY", pay, "USER", schema.UserURN, "GROUP", schema.GroupURN).Replace(text)
	v, err := tree.Parse([]byte(text))
	require.NoError(t, err, text)
	o, ok := v.(*tree.Object)
	require.True(t, ok, text)
	return o
}

func operations(t testing.TB, list string) ([]patch.Operation, error) {
	t.Helper()
	return patch.Read(object(t, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`+list+`]}`))
}

// apply applies operations to attributes of a resource.
func apply(t testing.TB, resourceType, before, list string) (patch.Result, error) {
	t.Helper()
	ops, err := operations(t, list)
	if err != nil {
		return patch.Result{}, err
	}
	attributes := object(t, before)
	untouched := tree.Append(nil, attributes)
	result, err := patch.Apply(registry().Type(resourceType), attributes, ops)
	require.Equal(t, string(untouched), string(tree.Append(nil, attributes)), "Apply must not change what it is given")
	return result, err
}

type change struct {
	name, before, operations, after string
	ignored                         []string
}

func run(t *testing.T, resourceType string, changes []change) {
	t.Helper()
	for _, c := range changes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			result, err := apply(t, resourceType, c.before, c.operations)
			require.NoError(t, err)
			assert.True(t, tree.Equal(object(t, c.after), result.Attributes), "%s", tree.Append(nil, result.Attributes))
			assert.Equal(t, c.ignored, result.Ignored)
			sound(t, registry().Type(resourceType), result.Attributes)
		})
	}
}

// sound holds that attributes are as Check leaves them.
func sound(t testing.TB, resourceType *schema.ResourceType, attributes *tree.Object) {
	t.Helper()
	clean, ignored, err := resourceType.Check(attributes)
	require.NoError(t, err)
	require.Empty(t, ignored)
	without := attributes.Clone()
	without.Delete("schemas")
	require.Equal(t, string(tree.Append(nil, without)), string(tree.Append(nil, clean)), "Check must change nothing")
}

type refusal struct {
	name, before, operations string
	kind                     fault.Kind
	path                     string
	detail                   string // "": the words are another package's
}

func refuse(t *testing.T, resourceType string, refusals []refusal) {
	t.Helper()
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			result, err := apply(t, resourceType, r.before, r.operations)
			require.Error(t, err, "%s", tree.Append(nil, result.Attributes))
			assert.Equal(t, r.kind.Error(), fault.Of(err).Kind.Error())
			path := strings.NewReplacer("ENT", enterprise, "PAY", pay).Replace(r.path)
			assert.Equal(t, path, fault.Of(err).Path)
			if r.detail != "" {
				assert.Equal(t, r.detail, fault.Of(err).Detail)
			}
			assert.Nil(t, result.Attributes)
		})
	}
}
