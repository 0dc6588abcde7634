package scim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

// bulkOf reads a bulk request with these operations.
func bulkOf(t testing.TB, operations ...string) scim.Bulk {
	t.Helper()
	b, err := scim.ReadBulk(bulkMessage(t, "", operations...))
	require.NoError(t, err)
	return b
}

func bulkMessage(t testing.TB, more string, operations ...string) *tree.Object {
	t.Helper()
	return objectOf(t, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],`+more+`"Operations":[`+strings.Join(operations, ",")+`]}`)
}

func objectOf(t testing.TB, text string) *tree.Object {
	t.Helper()
	v, err := tree.Parse([]byte(text))
	require.NoError(t, err)
	return v.(*tree.Object)
}

// makes is a POST of a group with the members that have these bulkIds.
func makes(id string, members ...string) string {
	var list []string
	for _, m := range members {
		list = append(list, fmt.Sprintf(`{"value":"bulkId:%s"}`, m))
	}
	return fmt.Sprintf(`{"method":"POST","path":"/Groups","bulkId":%q,"data":{"displayName":%[1]q,"members":[%s]}}`, id, strings.Join(list, ","))
}

func TestWhatIsReferredToComesFirst(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		operations []string
		steps      [][]int
	}{
		"nothing":                            {nil, nil},
		"no references":                      {[]string{makes("a"), makes("b"), makes("c")}, [][]int{{0}, {1}, {2}}},
		"one back":                           {[]string{makes("a"), makes("b", "a")}, [][]int{{0}, {1}}},
		"one ahead":                          {[]string{makes("a", "c"), makes("b"), makes("c")}, [][]int{{2}, {0}, {1}}},
		"a chain ahead":                      {[]string{makes("a", "b"), makes("b", "c"), makes("c")}, [][]int{{2}, {1}, {0}}},
		"a circle":                           {[]string{makes("a", "b"), makes("b", "a")}, [][]int{{0, 1}}},
		"one that refers to itself":          {[]string{makes("a", "a"), makes("b")}, [][]int{{0}, {1}}},
		"a circle, and who refers to it":     {[]string{makes("x", "a"), makes("a", "b"), makes("b", "c", "x2"), makes("c", "a"), makes("x2")}, [][]int{{4}, {1, 2, 3}, {0}}},
		"two circles, one refers to another": {[]string{makes("a", "b", "c"), makes("b", "a"), makes("c", "d"), makes("d", "c")}, [][]int{{2, 3}, {0, 1}}},
		"two ways to the same":               {[]string{makes("a", "b", "c"), makes("b", "d"), makes("c", "d"), makes("d")}, [][]int{{3}, {1}, {2}, {0}}},
		"a path ahead":                       {[]string{`{"method":"DELETE","path":"/Groups/bulkId:a"}`, makes("a")}, [][]int{{1}, {0}}},
		"nobody makes it":                    {[]string{makes("a", "zzz"), makes("b")}, [][]int{{0}, {1}}},
		"a bulkId of what makes nothing":     {[]string{makes("a", "b"), `{"method":"DELETE","path":"/Groups/1","bulkId":"b"}`}, [][]int{{0}, {1}}},
	} {
		assert.Equal(t, c.steps, bulkOf(t, c.operations...).Order(), name)
	}
}

func TestReferencesAreReplacedWhereverTheyStand(t *testing.T) {
	t.Parallel()
	b := bulkOf(t, `{"method":"PATCH","path":"/Users/bulkId:a","data":{
		"Operations":[{"op":"add","path":"members[value eq \"bulkId:b\" or value eq \"bulkId:\"]","value":"bulkId:c"}],
		"urn:x:2.0:Payroll":{"mentor":"bulkId:a","deep":[["bulkId:b"]]},
		"path":"bulkId:a","note":"not bulkId:a","empty":"bulkId:","other":"bulkid:a","n":1.50,"yes":true}}`,
		makes("a"), makes("b"), makes("c"))
	assert.Equal(t, []string{"a", "b", "c"}, b.Operations[0].References())
	before := tree.Append(nil, b.Operations[0].Data)
	resolved, err := b.Resolve(b.Operations[0], map[string]string{"a": "1", "b": "2", "c": "3"})
	require.NoError(t, err)
	assert.Equal(t, "/Users/1", resolved.Path)
	assert.JSONEq(t, `{
		"Operations":[{"op":"add","path":"members[value eq \"2\" or value eq \"bulkId:\"]","value":"3"}],
		"urn:x:2.0:Payroll":{"mentor":"1","deep":[["2"]]},
		"path":"bulkId:a","note":"not bulkId:a","empty":"bulkId:","other":"bulkid:a","n":1.50,"yes":true}`, string(tree.Append(nil, resolved.Data)))
	assert.Equal(t, string(before), string(tree.Append(nil, b.Operations[0].Data)), "the request itself has changed")

	quotes := bulkOf(t, `{"method":"POST","path":"/Users","bulkId":"a","data":{"path":"say \"bulkId:a\""}}`)
	assert.Empty(t, quotes.Operations[0].References(), "only a PATCH has paths in its data")
}

func TestAReferenceToNothingIsToldFromOneToWhatFailed(t *testing.T) {
	t.Parallel()
	b := bulkOf(t, makes("a", "b"), makes("b", "zzz"))
	_, err := b.Resolve(b.Operations[0], nil)
	require.ErrorIs(t, err, fault.Unresolved)
	_, err = b.Resolve(b.Operations[1], nil)
	require.ErrorIs(t, err, fault.Invalid)
}

func TestWhatWaitsIsDividedFromWhatCanBeMade(t *testing.T) {
	t.Parallel()
	data := objectOf(t, `{"displayName":"A","members":[{"value":"bulkId:b"},{"value":"7"}],"roles":[{"value":"bulkId:b"}],"emails":[],
		"urn:x":{"manager":{"value":"bulkId:b"},"department":"Air","none":{}},"owner":"bulkId:b","ready":"bulkId:c"}`)
	now, later := scim.Divide(data, func(id string) bool { return id == "b" })
	assert.JSONEq(t, `{"displayName":"A","members":[{"value":"7"}],"emails":[],"urn:x":{"department":"Air","none":{}},"ready":"bulkId:c"}`, string(tree.Append(nil, now)))
	assert.JSONEq(t, `{"members":[{"value":"bulkId:b"}],"roles":[{"value":"bulkId:b"}],"urn:x":{"manager":{"value":"bulkId:b"}},"owner":"bulkId:b"}`, string(tree.Append(nil, later)))

	now, later = scim.Divide(data, func(string) bool { return false })
	assert.True(t, tree.Equal(data, now))
	assert.Zero(t, later.Len())
}

func TestAWholeBulkRequestIsRefusedForWhatConcernsAllOfIt(t *testing.T) {
	t.Parallel()
	const urn = `"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]`
	for text, want := range map[string]fault.Kind{
		`{"Operations":[]}`: fault.Syntax,
		`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[]}`: fault.Syntax,
		`{` + urn + `}`:                                                      fault.Syntax,
		`{` + urn + `,"Operations":{}}`:                                      fault.Syntax,
		`{` + urn + `,"Operations":[null]}`:                                  fault.Syntax,
		`{` + urn + `,"Operations":[],"failOnErrors":0}`:                     fault.Invalid,
		`{` + urn + `,"Operations":[],"failOnErrors":-1}`:                    fault.Invalid,
		`{` + urn + `,"Operations":[],"failOnErrors":1.5}`:                   fault.Invalid,
		`{` + urn + `,"Operations":[],"failOnErrors":"1"}`:                   fault.Invalid,
		`{` + urn + `,"Operations":[` + makes("a") + `,` + makes("a") + `]}`: fault.Invalid,
	} {
		_, err := scim.ReadBulk(objectOf(t, text))
		require.ErrorIs(t, err, want, text)
	}
	b, err := scim.ReadBulk(bulkMessage(t, `"failOnErrors":7,`))
	require.NoError(t, err)
	assert.Equal(t, 7, b.FailOnErrors)
}

func TestABulkRequestHoldsAHundredOperations(t *testing.T) {
	t.Parallel()
	one := `{"method":"DELETE","path":"/Users/1"}`
	assert.Len(t, bulkOf(t, slices.Repeat([]string{one}, 100)...).Operations, 100)
	_, err := scim.ReadBulk(bulkMessage(t, "", slices.Repeat([]string{one}, 101)...))
	require.ErrorIs(t, err, fault.TooLarge)
	assert.ErrorContains(t, err, "maxOperations (100)", "RFC 7644 §3.7.4: the limit is named")
}

// FuzzBulk holds what carrying out a bulk request relies on: the order has each operation once and nothing before what
// it refers to, unless they are in one step; what is resolved refers to nothing; what is divided is all there is.
func FuzzBulk(f *testing.F) {
	for _, seed := range []string{
		makes("a", "b") + `,` + makes("b", "a"),
		makes("a", "c") + `,` + makes("b") + `,` + makes("c", "c"),
		`{"method":"PATCH","path":"/Users/bulkId:a","data":{"Operations":[{"path":"members[value eq \"bulkId:a\"]"}]}},` + makes("a"),
		`{"method":"POST","path":"/Users","bulkId":"qwerty","data":{"urn:x":{"manager":{"value":"bulkId:qwerty"}}}}`,
		`{"method":"GET"},{"path":7},{"bulkId":[]}`,
	} {
		f.Add(seed)
	}
	for _, example := range exampleBodies(f) {
		v, _ := tree.Parse([]byte(example))
		if message, ok := v.(*tree.Object); ok {
			f.Add(strings.Trim(string(tree.Append(nil, message.Get("Operations"))), "[]"))
		}
	}
	f.Fuzz(func(t *testing.T, operations string) {
		v, err := tree.Parse([]byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[` + operations + `]}`))
		if err != nil {
			return
		}
		b, err := scim.ReadBulk(v.(*tree.Object))
		if err != nil {
			return
		}
		made, ids, done := map[string]bool{}, map[string]string{}, 0
		for _, o := range b.Operations {
			if o.Makes() {
				made[o.BulkID], ids[o.BulkID] = false, "id"
			}
		}
		for _, step := range b.Order() {
			for _, i := range step {
				if b.Operations[i].Makes() {
					made[b.Operations[i].BulkID] = true
				}
				done++
			}
			for _, i := range step {
				for _, id := range b.Operations[i].References() {
					if is, ours := made[id]; ours && !is {
						t.Fatalf("operation %d comes before %q: %s", i, id, operations)
					}
				}
			}
		}
		if done != len(b.Operations) {
			t.Fatalf("%d of %d operations: %s", done, len(b.Operations), operations)
		}
		for _, o := range b.Operations {
			if resolved, err := b.Resolve(o, ids); err == nil && len(resolved.References()) > 0 {
				t.Fatalf("%v is left in %s", resolved.References(), operations)
			}
			if o.Data == nil {
				continue
			}
			now, later := scim.Divide(o.Data, func(string) bool { return true })
			if left := (scim.BulkOperation{Data: now}).References(); len(left) > 0 {
				t.Fatalf("%v waits in what is made: %s", left, operations)
			}
			for name, value := range o.Data.All() {
				if !now.Has(name) && !later.Has(name) {
					t.Fatalf("%q with %v is lost: %s", name, value, operations)
				}
			}
		}
	})
}
