package employeeid_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/extraordinary/provisioning/domain/employeeid"
)

func active(ids ...string) (holders []employeeid.Holder) {
	for i, id := range ids {
		holders = append(holders, employeeid.Holder{ID: id, UserName: fmt.Sprintf("person%d@example.com", i), Active: true})
	}
	return holders
}

// found gives what is wrong with each, in words.
func found(holders []employeeid.Holder) (words []string) {
	for _, f := range employeeid.Assess(holders) {
		words = append(words, fmt.Sprintf("%d %s", f.Holder, f.Problem))
	}
	return words
}

func TestEachProblemIsFoundAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		holders []employeeid.Holder
		want    []string
	}{
		"nothing is wrong":                        {active("004711", "004712", "E17"), nil},
		"there is none":                           {active("", " "), []string{"0 id-missing", "1 id-missing"}},
		"two have the same":                       {active("004711", "1", "004711"), []string{"0 id-double", "2 id-double"}},
		"space round it makes no other":           {active("004711", " 004711"), []string{"0 id-double", "1 id-double"}},
		"case alone differs":                      {active("AB12", "ab12"), []string{"0 id-near-double", "1 id-near-double"}},
		"zeros alone differ":                      {active("123", "00123"), []string{"0 id-near-double", "1 id-near-double"}},
		"space alone differs":                     {active("AB 12", "AB12"), []string{"0 id-near-double", "1 id-near-double"}},
		"zeros within are figures":                {active("1001", "101", "1000", "100"), nil},
		"zeros of a number behind letters":        {active("E0017", "E17"), []string{"0 id-near-double", "1 id-near-double"}},
		"zero is not nothing":                     {active("E0", "E"), nil},
		"twelve characters are kept":              {active("123456789012"), nil},
		"a thirteenth is cut":                     {active("1234567890123"), []string{"0 id-long"}},
		"characters are counted, not bytes":       {active("ĀĒĪŌŪĀĒĪŌŪĀĒ"), nil},
		"cut, they are the same":                  {active("123456789012A", "123456789012"), []string{"0 id-same-cut", "0 id-long", "1 id-same-cut"}},
		"a GUID":                                  {active("2819c223-7f76-453a-919d-413861904646"), []string{"0 id-is-object-id"}},
		"a GUID without hyphens":                  {active("2819C2237F76453A919D413861904646"), []string{"0 id-is-object-id"}},
		"an address":                              {active("tom@kereru.nz"), []string{"0 id-is-email"}},
		"an @ alone makes no address":             {active("@12"), nil},
		"the local part of the userName":          {[]employeeid.Holder{{ID: "Tom", UserName: "tom@kereru.nz", Active: true}}, []string{"0 id-is-alias"}},
		"the mail nickname":                       {[]employeeid.Holder{{ID: "tomr", UserName: "tom@kereru.nz", Nickname: "TomR", Active: true}}, []string{"0 id-is-alias"}},
		"who signs in by number has no alias":     {[]employeeid.Holder{{ID: "004711", UserName: "004711@kereru.nz", Active: true}}, nil},
		"a leaver has no problem":                 {[]employeeid.Holder{{UserName: "tom@kereru.nz"}}, nil},
		"a leaver's ID is double for who is here": {append(active("004711"), employeeid.Holder{ID: "004711"}), []string{"0 id-double"}},
		"of few none is unlike the others":        {active("1", "2", "3", "A"), nil},
	} {
		assert.Equal(t, c.want, found(c.holders), name)
	}
}

func TestAnIDThatIsNotBuiltAsTheOthersIsFound(t *testing.T) {
	t.Parallel()
	var ids []string
	for i := range 95 {
		ids = append(ids, fmt.Sprintf("E-%03d", i+1))
	}
	assert.Equal(t, []string{"95 id-unlike"}, found(active(append(ids, "4711")...)))
	assert.Equal(t, []string{"95 id-missing"}, found(active(append(ids, "")...)), "nothing is not another shape")
	for i := range 6 {
		ids = append(ids, fmt.Sprintf("47%d", i+1))
	}
	assert.Empty(t, found(active(ids...)), "94 % are no rule")
}

// someIDs are such as come from hands and spreadsheets.
func someIDs(r *rand.Rand) []string {
	ids := make([]string, r.IntN(40))
	for i := range ids {
		var id strings.Builder
		for range r.IntN(6) {
			id.WriteString([]string{"0", "00", "1", "a", "A", " ", "ß", "K", "\u212a", "-", "12345678901"}[r.IntN(11)])
		}
		ids[i] = id.String()
	}
	return ids
}

func TestNoProblemDependsOnTheOrderOfPeople(t *testing.T) {
	t.Parallel()
	holds := func(seed uint64) bool {
		r := rand.New(rand.NewPCG(seed, 0))
		ids := someIDs(r)
		order := r.Perm(len(ids))
		shuffled := make([]string, len(ids))
		for i, to := range order {
			shuffled[to] = ids[i]
		}
		straight, mixed := map[employeeid.Finding]bool{}, map[employeeid.Finding]bool{}
		for _, f := range employeeid.Assess(active(ids...)) {
			straight[employeeid.Finding{Holder: order[f.Holder], Problem: f.Problem}] = true
		}
		for _, f := range employeeid.Assess(active(shuffled...)) {
			mixed[f] = true
		}
		return assert.Equal(t, straight, mixed)
	}
	assert.NoError(t, quick.Check(holds, nil))
}

func TestWhoeverSharesAnIDIsNeverAlone(t *testing.T) {
	t.Parallel()
	holds := func(seed uint64) bool {
		ids := someIDs(rand.New(rand.NewPCG(seed, 1)))
		findings := employeeid.Assess(active(ids...))
		for i, a := range ids {
			others, near := 0, 0
			for j, b := range ids {
				if i != j && strings.TrimSpace(a) == strings.TrimSpace(b) {
					others++
				}
				if i != j && employeeid.Key(a) == employeeid.Key(b) {
					near++
				}
			}
			missing := strings.TrimSpace(a) == ""
			assert.Equal(t, !missing && others > 0, slices.Contains(findings, employeeid.Finding{Holder: i, Problem: employeeid.Double}), "%q of %q", a, ids)
			assert.Equal(t, !missing && others == 0 && near > 0, slices.Contains(findings, employeeid.Finding{Holder: i, Problem: employeeid.NearDouble}), "%q of %q", a, ids)
		}
		return !t.Failed()
	}
	assert.NoError(t, quick.Check(holds, nil))
}

func TestTheKeyOfAKeyIsTheKey(t *testing.T) {
	t.Parallel()
	assert.NoError(t, quick.Check(func(id string) bool { return employeeid.Key(employeeid.Key(id)) == employeeid.Key(id) }, nil))
	for _, id := range someIDs(rand.New(rand.NewPCG(7, 7))) {
		assert.Equal(t, employeeid.Key(id), employeeid.Key(employeeid.Key(id)), "%q", id)
	}
}

func BenchmarkAssessAMillion(b *testing.B) {
	holders := make([]employeeid.Holder, 1_000_000)
	for i := range holders {
		holders[i] = employeeid.Holder{ID: fmt.Sprintf("E%07d", i), UserName: fmt.Sprintf("person%d@example.com", i), Active: true}
	}
	for b.Loop() {
		if n := len(employeeid.Assess(holders)); n != 0 {
			b.Fatal(n)
		}
	}
}

func TestAProblemThatEndedSaysSinceWhen(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }
	h, changed := employeeid.Health{Problem: employeeid.Missing}.Seen(0, day(1))
	assert.False(t, changed, "what was never there has not ended")
	h, changed = h.Seen(3, day(2))
	assert.True(t, changed)
	h, changed = h.Seen(2, day(3))
	assert.False(t, changed)
	assert.Equal(t, employeeid.Health{Problem: employeeid.Missing, Found: 3, Since: day(2)}, h)
	h, changed = h.Seen(0, day(4))
	assert.True(t, changed)
	assert.Equal(t, employeeid.Health{Problem: employeeid.Missing, Since: day(4)}, h)
}
