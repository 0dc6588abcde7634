package patch_test

import (
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/tree"
)

// TestPatchEqualsTheProse holds Apply against the model on resources and operations of chance.
func TestPatchEqualsTheProse(t *testing.T) {
	t.Parallel()
	ends := map[verdict]int{}
	for seed := range uint64(20_000) {
		ends[likeTheModel(t, seed)]++
	}
	for _, v := range []verdict{success, noTarget, mutability, badPath, badValue} {
		assert.Greater(t, ends[v], 200, "the cases that end in %q", v)
	}
	assert.Less(t, ends[unspecified], 10_000, "most cases are decided by the prose")
}

func FuzzPatchEqualsTheProse(f *testing.F) {
	f.Add(uint64(1 << 40))
	f.Fuzz(func(t *testing.T, seed uint64) { likeTheModel(t, seed) })
}

// likeTheModel draws a resource and up to four operations, does them both ways, and gives how the model's ended.
func likeTheModel(t *testing.T, seed uint64) verdict {
	t.Helper()
	d := drawer{rand.New(rand.NewPCG(seed, 0))}
	want := d.resource()
	before := jsonOf(t, nested(want))
	var texts []string
	end := success
	for range 1 + d.IntN(4) {
		var text string
		text, end = d.operation(t, want)
		texts = append(texts, text)
		if end == unspecified {
			return end
		}
		if end != success {
			break
		}
	}
	list := strings.Join(texts, ",")
	about := before + "\n" + list
	got, err := apply(t, "User", before, list)
	if end != success {
		kinds := map[verdict]fault.Kind{noTarget: fault.NoTarget, mutability: fault.Mutability, badPath: fault.InvalidPath, badValue: fault.Invalid}
		require.True(t, errors.Is(err, kinds[end]), "expected %s and not %v of\n%s", end, err, about)
		return end
	}
	require.NoError(t, err, about)
	require.JSONEq(t, jsonOf(t, nested(want)), jsonOf(t, undemoted(t, got.Attributes)), about)
	return end
}

// drawer draws from few values, so that operations meet what is there.
type drawer struct{ *rand.Rand }

func (d drawer) one(of ...string) string { return of[d.IntN(len(of))] }

func (d drawer) resource() model {
	m := model{"userName": "u"}
	if d.IntN(2) == 0 {
		m["title"] = d.word()
	}
	if d.IntN(3) == 0 {
		m["PAY:hired"] = d.moment()
	}
	if d.IntN(2) == 0 {
		m["name"] = d.name()
	}
	for _, attribute := range []string{"emails", "PAY:tags"} {
		var list []any
		for range d.IntN(4) {
			if next := append(list, d.elementOf(attribute)); !alike(next) { //nolint:gocritic // the longer list is kept only if it may be
				list = next
			}
		}
		m.put(attribute, list, nil)
		if primaries(list) > 1 {
			delete(m, attribute)
		}
	}
	return m
}

func primaries(list []any) (n int) {
	for _, e := range list {
		if element(e)["primary"] == true {
			n++
		}
	}
	return n
}

func (d drawer) word() string   { return d.one("a", "b", "c", "ab") }
func (d drawer) moment() string { return d.one("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z") }

func (d drawer) name() map[string]any {
	parts := map[string]any{d.one("givenName", "familyName"): d.word()}
	parts[d.one("givenName", "familyName", "middleName")] = d.word()
	return parts
}

func (d drawer) elementOf(attribute string) any {
	if attribute != "emails" {
		return d.word()
	}
	parts := map[string]any{}
	parts[d.one("value", "value", "type")] = d.word()
	for _, sub := range []string{"value", "type", "display"} {
		if d.IntN(2) == 0 {
			parts[sub] = d.word()
		}
	}
	if d.IntN(3) == 0 {
		parts["primary"] = true
	}
	return parts
}

func (d drawer) listOf(attribute string) []any {
	list := []any{d.elementOf(attribute)}
	for d.IntN(3) == 0 {
		list = append(list, d.elementOf(attribute))
	}
	return list
}

// operation draws an operation, does it to m, and gives it as a client writes it.
func (d drawer) operation(t *testing.T, m model) (text string, end verdict) {
	t.Helper()
	op := d.one("add", "replace", "remove")
	if d.IntN(6) == 0 {
		return d.pathless(t, m, op)
	}
	at := target{attribute: d.one("title", "title", "userName", "name", "name", "emails", "emails", "emails", "emails", "PAY:tags", "PAY:tags", "PAY:hired", "id", "groups")}
	if isMany[at.attribute] && d.IntN(3) > 0 || d.IntN(40) == 0 && at.attribute != "groups" && !isComplex[at.attribute] {
		at.where = d.where(at.attribute)
	}
	switch {
	case at.attribute == "name" && d.IntN(2) == 0:
		at.sub = d.one("givenName", "familyName")
	case at.attribute == "emails" && at.where != nil && d.IntN(2) == 0:
		at.sub = d.one("value", "type", "display", "primary")
	}
	value := d.value(at)
	path := at.attribute
	if at.where != nil {
		path += "[" + at.where.text + "]"
	}
	if at.sub != "" {
		path += "." + at.sub
	}
	written := map[string]any{"op": op, "path": path, "value": value}
	if op == "remove" {
		value = nil
		delete(written, "value")
	}
	return jsonOf(t, written), m.do(op, at, value)
}

// pathless is an operation on the resource itself: "The "value" parameter contains a set of attributes".
func (d drawer) pathless(t *testing.T, m model, op string) (text string, end verdict) {
	t.Helper()
	if op == "remove" {
		return `{"op":"remove"}`, noTarget // "If "path" is unspecified, the operation fails with … "noTarget"."
	}
	set := map[string]any{}
	for _, attribute := range []string{"emails", "name", "title"} { // as jsonOf writes them
		if end != success || d.IntN(2) == 0 {
			continue
		}
		at := target{attribute: attribute}
		set[attribute] = d.value(at)
		end = m.do(op, at, set[attribute])
	}
	return jsonOf(t, map[string]any{"op": op, "value": set}), end
}

func (d drawer) value(at target) any {
	switch {
	case d.IntN(30) == 0 && !isComplex[at.attribute] && !isReadOnly[at.attribute]:
		return wrong(at)
	case at.sub == "primary":
		return true
	case at.sub != "":
		return d.word()
	case at.where != nil && isMany[at.attribute]:
		return d.elementOf(at.attribute)
	case isMany[at.attribute]:
		return d.listOf(at.attribute)
	case at.attribute == "name":
		return d.name()
	case at.attribute == "PAY:hired":
		return d.moment()
	}
	return d.word()
}

// wrong is a complex value where a simple one belongs.
func wrong(at target) any {
	if isMany[at.attribute] && at.where == nil {
		return []any{map[string]any{"colour": "a"}}
	}
	return map[string]any{"colour": "a"}
}

// where draws a filter of the elements of an attribute.
func (d drawer) where(attribute string) *where {
	sub, word := "value", d.word()
	if attribute == "emails" {
		sub = d.one("value", "type", "type", "display")
	}
	is := func(e map[string]any) bool { return e[sub] == word }
	equal := sub + ` eq "` + word + `"`
	switch d.IntN(6) {
	case 0:
		return &where{text: "not (" + equal + ")", holds: func(e map[string]any) bool { return !is(e) }}
	case 1:
		return &where{text: sub + " pr", holds: func(e map[string]any) bool { return e[sub] != nil }}
	case 2:
		return &where{text: sub + ` co "` + word + `"`, holds: func(e map[string]any) bool {
			text, _ := e[sub].(string)
			return strings.Contains(text, word)
		}}
	case 3:
		other := d.word()
		return &where{text: equal + " or value eq \"" + other + `"`, holds: func(e map[string]any) bool { return is(e) || e["value"] == other }}
	case 4:
		other := d.word()
		return &where{text: equal + " and value eq \"" + other + `"`, describes: true, holds: func(e map[string]any) bool { return is(e) && e["value"] == other }}
	}
	return &where{text: equal, holds: is, describes: true}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

// nested gives a model as JSON has it, with the extension's attributes in an object.
func nested(m model) map[string]any {
	all, extension := map[string]any{}, map[string]any{}
	for name, v := range m {
		if inner, ok := strings.CutPrefix(name, "PAY:"); ok {
			extension[inner] = v
			continue
		}
		all[name] = v
	}
	if len(extension) > 0 {
		all[pay] = extension
	}
	return all
}

// undemoted gives attributes as the model has them: without what says that it is not primary.
func undemoted(t *testing.T, attributes *tree.Object) map[string]any {
	t.Helper()
	var all map[string]any
	require.NoError(t, json.Unmarshal(tree.Append(nil, attributes), &all))
	maps.DeleteFunc(all, func(name string, _ any) bool { return name == "schemas" })
	list, _ := all["emails"].([]any)
	for _, e := range list {
		plain(element(e))
	}
	return all
}
