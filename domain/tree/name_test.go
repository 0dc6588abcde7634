package tree_test

import (
	"testing"

	"github.com/extraordinary/provisioning/domain/tree"
)

func TestNamesFoldInASCIIOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"userName", "USERNAME", true},
		{"$ref", "$REF", true},
		{"@", "`", false},
		{"[", "{", false},
		{"k", "\u212a", false}, // Kelvin sign
		{"s", "\u017f", false}, // long s
		{"é", "É", false},
		{"a", "ab", false},
	} {
		if tree.SameName(c.a, c.b) != c.same || (tree.LowerName(c.a) == tree.LowerName(c.b)) != c.same {
			t.Errorf("%q and %q are the same: want %t", c.a, c.b, c.same)
		}
	}
	if got := tree.LowerName("urn:IETF:É"); got != "urn:ietf:É" {
		t.Errorf("got %s", got)
	}
}
