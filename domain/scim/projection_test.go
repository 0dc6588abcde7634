package scim_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

// shelf has one attribute for each time at which attributes are returned (RFC 7643 §7), and sub-attributes likewise.
func shelf() *schema.ResourceType {
	returned := func(name string, when schema.Returned) schema.Attribute {
		return schema.Attribute{Name: name, Type: schema.String, Returned: when}
	}
	parts := []schema.Attribute{returned("one", schema.Default), returned("kind", schema.Default), returned("key", schema.Always)}
	single := schema.Attribute{Name: "single", Type: schema.Complex, Returned: schema.Default, SubAttributes: parts}
	several := single
	several.Name, several.MultiValued = "several", true
	return &schema.ResourceType{
		Name: "Shelf",
		Core: &schema.Schema{ID: "urn:example:Shelf", Attributes: []schema.Attribute{
			returned("usual", schema.Default), returned("constant", schema.Always), returned("asked", schema.Request), returned("hidden", schema.Never),
			single, several,
		}},
		Extensions: []*schema.Schema{{ID: "urn:example:Extra", Attributes: []schema.Attribute{
			returned("colour", schema.Default), returned("weight", schema.Default), returned("usual", schema.Default),
		}}},
	}
}

const stored = `{"schemas":["urn:example:Shelf"],"id":"7","usual":"u","constant":"c","asked":"a","hidden":"h",` +
	`"single":{"one":"1","kind":"k","key":"s"},"several":[{"one":"1","kind":"k"},{"kind":"l"}],` +
	`"urn:example:Extra":{"colour":"red","weight":"2","usual":"v"}}`

const (
	core     = `{"schemas":["urn:example:Shelf"],"id":"7"`
	extra    = `,"urn:example:Extra":{"colour":"red","weight":"2","usual":"v"}}`
	complexs = `,"single":{"one":"1","kind":"k","key":"s"},"several":[{"one":"1","kind":"k"},{"kind":"l"}]`
)

func TestAProjectionHoldsWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ attributes, excluded, want string }{
		"by default, all but what is asked for or never returned": {want: core + `,"usual":"u","constant":"c"` + complexs + extra},

		"what is named, and what always is":           {attributes: "usual", want: core + `,"usual":"u","constant":"c"}`},
		"what is returned on request only":            {attributes: "asked", want: core + `,"constant":"c","asked":"a"}`},
		"never what is never returned":                {attributes: "hidden", want: core + `,"constant":"c"}`},
		"a name in any case":                          {attributes: "USUAL", want: core + `,"usual":"u","constant":"c"}`},
		"a name with its schema's URN in any case":    {attributes: "URN:example:SHELF:usual", want: core + `,"usual":"u","constant":"c"}`},
		"nothing for a name that no schema has":       {attributes: "nothing", want: core + `,"constant":"c"}`},
		"a sub-attribute, and what always is with it": {attributes: "single.one", want: core + `,"constant":"c","single":{"one":"1","key":"s"}}`},
		"a sub-attribute of each element that has it": {attributes: "several.ONE", want: core + `,"constant":"c","several":[{"one":"1"}]}`},
		"the whole, beside a part of it":              {attributes: "single.one, single", want: core + `,"constant":"c","single":{"one":"1","kind":"k","key":"s"}}`},
		"a whole extension":                           {attributes: "urn:example:extra", want: core + `,"constant":"c"` + extra},
		"the whole core schema":                       {attributes: "urn:example:SHELF", want: core + `,"usual":"u","constant":"c","asked":"a"` + complexs + `}`},
		"an attribute of an extension":                {attributes: "urn:example:Extra:usual", want: core + `,"constant":"c","urn:example:Extra":{"usual":"v"}}`},
		"an extension's attribute by its name alone":  {attributes: "weight", want: core + `,"constant":"c","urn:example:Extra":{"weight":"2"}}`},

		"all but what is excluded":                      {excluded: "usual,single,several,urn:example:Extra", want: core + `,"constant":"c"}`},
		"what is always returned, excluded or no":       {excluded: "constant,id,schemas,single,several,urn:example:Extra", want: core + `,"usual":"u","constant":"c"}`},
		"nothing more for excluding a stranger":         {excluded: "nothing", want: core + `,"usual":"u","constant":"c"` + complexs + extra},
		"not what is on request, though not excluded":   {excluded: "usual", want: core + `,"constant":"c"` + complexs + extra},
		"nothing of the core schema but what always is": {excluded: "urn:example:Shelf", want: core + `,"constant":"c"` + extra},
		"all but a sub-attribute":                       {excluded: "single.one,several,urn:example:Extra", want: core + `,"usual":"u","constant":"c","single":{"kind":"k","key":"s"}}`},
		"a sub-attribute that always is":                {excluded: "single.key,several,urn:example:Extra", want: core + `,"usual":"u","constant":"c","single":{"one":"1","kind":"k","key":"s"}}`},
		"no element of which nothing is left":           {excluded: "several.kind,single,urn:example:Extra", want: core + `,"usual":"u","constant":"c","several":[{"one":"1"}]}`},
		"no extension of which nothing is left": {
			excluded: "colour,weight,urn:example:Extra:usual,single,several", want: core + `,"usual":"u","constant":"c"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			of := shelf()
			p, err := scim.ParseProjection(of, test.attributes, test.excluded)
			require.NoError(t, err)
			whole, err := tree.Parse([]byte(stored))
			require.NoError(t, err)
			object, _ := whole.(*tree.Object)
			assert.Equal(t, test.want, string(tree.Append(nil, p.Apply(of, object))))
			assert.Equal(t, stored, string(tree.Append(nil, whole)), "what was projected stays as it was")
		})
	}
}

func TestAProjectionThatCannotBeReadIsRefusedWithTheParameterToBlame(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ attributes, excluded, blamed string }{
		"both at once":      {"usual", "single", "excludedAttributes"},
		"no name":           {"usual,,single", "", "attributes"},
		"a space in a name": {"", "us ual", "excludedAttributes"},
		"a filter":          {`several[kind eq "k"]`, "", "attributes"},
		"what is no letter": {"ein-\u212A", "", "attributes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := scim.ParseProjection(shelf(), test.attributes, test.excluded)
			require.ErrorIs(t, err, fault.Invalid)
			assert.Equal(t, test.blamed, fault.Of(err).Path)
		})
	}
}

// TestAProjectionTellsWhatItLeavesOut holds what decides whether a group's members are read at all.
func TestAProjectionTellsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		attributes, excluded     string
		whole, omits, allButThat bool
	}{
		"nothing said":            {whole: true},
		"it alone excluded":       {excluded: "SEVERAL", omits: true, allButThat: true},
		"more excluded":           {excluded: "several,usual", omits: true},
		"a part of it excluded":   {excluded: "several.kind"},
		"something else excluded": {excluded: "usual"},
		"it named":                {attributes: "several"},
		"a part of it named":      {attributes: "several.kind"},
		"something else named":    {attributes: "usual", omits: true},
		"a stranger named":        {attributes: "nothing", omits: true},
		"another schema's":        {excluded: "urn:example:Extra:usual"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := scim.ParseProjection(shelf(), test.attributes, test.excluded)
			require.NoError(t, err)
			assert.False(t, p.Whole(), "an attribute of the shelf is returned only to who names it")
			p = p.Written()
			assert.Equal(t, test.whole, p.Whole(), "whole")
			assert.Equal(t, test.omits, p.Omits("several"), "omits")
			assert.Equal(t, test.allButThat, p.WholeBut("several"), "whole but that")
		})
	}
}
