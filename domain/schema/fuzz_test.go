package schema_test

import (
	"errors"
	"testing"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
)

// FuzzCheck holds what Check promises of any input: it does not change it, its faults are Invalid and name what is to
// blame, what it keeps it keeps again and whole, holds nothing that a client may not write, and has a search
// document that is its own.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{
		`{"schemas":["` + schema.UserURN + `"],"userName":"Mia","active":"True","emails":[{"value":"A@b","primary":"true"},null,"c"],"id":"x","password":"y"}`,
		`{"name":{"givenName":null,"x":1},"roles":"a","groups":[{}],"meta":{},` + enterprise + `:{"manager":"m","department":[]}}`,
		`{"urn:example:badge:1.0":{"level":1,"height":1e2,"since":"2026-01-01T00:00:00+01:00","key":"AA","lost":"False","shifts":"2026-01-01T00:00:00Z"}}`,
		`{"displayName":"\u0130","members":[{"value":"u","$ref":null,"display":"x"}]}`,
	} {
		f.Add([]byte(seed))
	}
	types := []*schema.ResourceType{badge(), schema.Core().Type("Group")}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := tree.Parse(data)
		if err != nil {
			return
		}
		input, ok := v.(*tree.Object)
		if !ok {
			return
		}
		before := written(input)
		for _, resource := range types {
			clean, _, err := resource.Check(input)
			if written(input) != before {
				t.Fatal("the input was changed")
			}
			if err != nil {
				if f := fault.Of(err); !errors.Is(err, fault.Invalid) || f.Path == "" || f.Detail == "" {
					t.Fatalf("a failure without a reason: %v", err)
				}
				continue
			}
			holds(t, resource, clean)
		}
	})
}

func holds(t *testing.T, resource *schema.ResourceType, clean *tree.Object) {
	t.Helper()
	again, ignored, err := resource.Check(clean)
	if err != nil || len(ignored) > 0 || written(again) != written(clean) {
		t.Fatalf("%s\nis kept as %s, ignored %q, %v", written(clean), written(again), ignored, err)
	}
	for _, name := range []string{"schemas", "id", "meta", "groups", "password"} {
		if clean.Has(name) {
			t.Errorf("%s is kept", name)
		}
	}
	document := resource.Search(clean)
	if twice := resource.Search(document); written(twice) != written(document) {
		t.Errorf("%s is searched as %s", written(document), written(twice))
	}
	if document.Len() != clean.Len()+1 {
		t.Errorf("%s\nis searched as %s", written(clean), written(document))
	}
	for name := range document.All() {
		if tree.LowerName(name) != name {
			t.Errorf("%s is not in lower case", name)
		}
	}
}
