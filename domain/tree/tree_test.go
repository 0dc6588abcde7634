package tree_test

import (
	"slices"
	"testing"

	"github.com/extraordinary/provisioning/domain/tree"
)

func TestEqual(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{`{"a":1,"b":2}`, `{"B":2,"A":1}`, true},
		{`{"a":1}`, `{"a":1,"b":null}`, false},
		{`{"a":null}`, `{"b":null}`, false},
		{`[1,2]`, `[2,1]`, false},
		{`[1]`, `1`, false},
		{`1`, `[1]`, false},
		{`{}`, `[]`, false},
		{`"1"`, `1`, false},
		{`null`, `false`, false},
		{`"a"`, `"A"`, false},
		{`1`, `1.0`, true},
		{`100`, `1e2`, true},
		{`0.001`, `1E-3`, true},
		{`12e1`, `1.2e2`, true},
		{`0`, `-0.0e7`, true},
		{`1`, `-1`, false},
		{`1`, `10`, false},
		{`1e999999999`, `1e999999998`, false},
		{`1e99999999999`, `1e99999999999`, true},
		{`1e99999999999`, `10e99999999998`, false},
		{`9007199254740993`, `9007199254740992`, false},
	} {
		if got := tree.Equal(parse(t, c.a), parse(t, c.b)); got != c.want {
			t.Errorf("%s and %s are equal: %t", c.a, c.b, got)
		}
		if got := tree.Equal(parse(t, c.b), parse(t, c.a)); got != c.want {
			t.Errorf("%s and %s are equal: %t", c.b, c.a, got)
		}
	}
}

func TestAnObjectFindsNamesInAnyCaseAndKeepsTheirOrder(t *testing.T) {
	t.Parallel()
	o := tree.NewObject(tree.Member{Name: "userName", Value: "a"}, tree.Member{Name: "active", Value: true})
	o.Set("USERNAME", "b")
	o.Set("title", nil)
	if o.Get("username") != "b" || !o.Has("Title") || o.Has("nickName") || o.Len() != 3 {
		t.Errorf("got %s", tree.Append(nil, o))
	}
	if !o.Delete("ACTIVE") || o.Delete("active") {
		t.Error("active is deleted once")
	}
	var names []string
	for name := range o.All() {
		names = append(names, name)
	}
	if !slices.Equal(names, []string{"USERNAME", "title"}) {
		t.Errorf("names are %q", names)
	}
}

func TestANilObjectReadsAsAnEmptyOne(t *testing.T) {
	t.Parallel()
	var o *tree.Object
	for range o.All() {
		t.Error("it has a member")
	}
	if o.Get("a") != nil || o.Has("a") || o.Len() != 0 || o.Delete("a") || o.Clone() != nil {
		t.Error("it is not empty")
	}
}

func TestACloneSharesNothingThatCanChange(t *testing.T) {
	t.Parallel()
	original := parse(t, `{"list":[{"a":1}],"o":{"b":2}}`).(*tree.Object)
	before := string(tree.Append(nil, original))
	clone := original.Clone()
	clone.Get("list").(tree.List)[0].(*tree.Object).Set("a", "changed")
	clone.Get("list").(tree.List)[0] = nil
	clone.Get("o").(*tree.Object).Delete("b")
	clone.Set("list", nil)
	if after := string(tree.Append(nil, original)); after != before {
		t.Errorf("%s became %s", before, after)
	}
}
