package portstest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

func agrees(t *testing.T, store ports.Store) { Agree(t, store, 1, 400) }

// Agree fills an empty store with resources of chance and holds that so many filters of chance find in it what
// scim.Match finds. The same seed makes the same.
func Agree(t *testing.T, store ports.Store, seed uint64, filters int) {
	t.Helper()
	c := chance{rand.New(rand.NewPCG(seed, 0))}
	users, groups := c.directory(t, store)
	for range filters {
		c.compare(t, oddType(), users, func(q ports.Query) ([]directory.ID, int) { return searchUsers(t, store, q) })
		c.compare(t, groupType(), groups, func(q ports.Query) ([]directory.ID, int) { return searchGroups(t, store, q) })
	}
}

// chance draws from few values, so that filters hit.
type chance struct{ *rand.Rand }

func (c chance) one(of ...string) string { return of[c.IntN(len(of))] }

var words = []string{
	"", "a", "A", "ab", "Ab", "b", "ba", "ß", "ss", "\u0130", "\u0131", "i", "é", "e\u0301", "😀", "\uE000", "\uFFFD", "%", "_", "a%", "'", `"`, `\`, "?", "--", "$.a", "1", "01", "true", "null", "W/\"1\"",
	"2026-01-01", "direct", "user", string(id(1)), string(id(2)), string(id(100)), string(id(101)),
}

func (c chance) word() string { return c.one(words...) }

func (c chance) number() string {
	return c.one("0", "1", "-1", "2", "9007199254740993", "9007199254740992", "-9223372036854775808", "9223372036854775807")
}

func (c chance) decimal() string {
	return c.one("0", "-0.0", "1", "1.5", "0.1", "0.10", "1e300", "1E-7", "100000000000000000000", "1e21", "-2.25", "0.30000000000000004", "3.0e-1")
}

func (c chance) moment() string {
	return c.one("2026-01-31T23:59:58.123456Z", "2026-01-31T23:59:58.1234567Z", "2026-02-01T00:59:58.123456+01:00", "2026-01-31T23:59:58Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")
}

const odd = "urn:example:params:scim:schemas:Odd:1.0:User"

// oddType is a user with one attribute of every type and multiplicity.
func oddType() *schema.ResourceType {
	kinds := []schema.Attribute{
		{Name: "text", Type: schema.String},
		{Name: "exact", Type: schema.String, CaseExact: true},
		{Name: "flag", Type: schema.Boolean},
		{Name: "count", Type: schema.Integer},
		{Name: "ratio", Type: schema.Decimal},
		{Name: "when", Type: schema.DateTime},
		{Name: "link", Type: schema.Reference, CaseExact: true},
	}
	var attributes []schema.Attribute
	for _, a := range kinds {
		a.Mutability, a.Returned, a.Uniqueness = schema.ReadWrite, schema.Default, schema.None
		attributes = append(attributes, a)
		a.Name, a.MultiValued = a.Name+"s", true
		attributes = append(attributes, a)
	}
	single := schema.Attribute{Name: "part", Type: schema.Complex, Mutability: schema.ReadWrite, Returned: schema.Default, SubAttributes: slices.Clone(attributes)}
	several := single
	several.Name, several.MultiValued = "parts", true
	t := *userType()
	t.Extensions = append(slices.Clone(t.Extensions), &schema.Schema{ID: odd, Name: "Odd", Attributes: append(attributes, single, several)})
	return &t
}

// value draws a JSON value of a's type; the strings of a are as tree.Append writes them.
func (c chance) value(a *schema.Attribute) string {
	if !a.MultiValued {
		return c.element(a)
	}
	elements := make([]string, c.IntN(4))
	for i := range elements {
		elements[i] = c.element(a)
	}
	return "[" + strings.Join(elements, ",") + "]"
}

func (c chance) element(a *schema.Attribute) string {
	switch a.Type {
	case schema.Boolean:
		return c.one("true", "false")
	case schema.Integer:
		return c.number()
	case schema.Decimal:
		return c.decimal()
	case schema.DateTime:
		return quote(c.moment())
	case schema.Complex:
		return c.object(a.SubAttributes)
	case schema.String, schema.Reference, schema.Binary:
	}
	return quote(c.word())
}

func (c chance) object(attributes []schema.Attribute) string {
	var members []string
	for i := range attributes {
		if c.IntN(2) == 0 {
			members = append(members, quote(attributes[i].Name)+":"+c.value(&attributes[i]))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

func quote(text string) string { return string(tree.Append(nil, text)) }

// directory writes users and groups, and gives them as filters should see them.
func (c chance) directory(t *testing.T, store ports.Store) (users, groups map[directory.ID]scim.Subject) {
	t.Helper()
	users, groups = map[directory.ID]scim.Subject{}, map[directory.ID]scim.Subject{}
	made, teams := map[directory.ID]*directory.User{}, map[directory.ID]*directory.Group{}
	of, nested := map[directory.ID][]directory.ID{}, map[directory.ID][]directory.ID{}
	within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		for n := 1; n <= 40; n++ {
			u := c.user(t, n)
			made[u.ID()] = u
			require.NoError(t, tx.Users().Add(ctx, u))
		}
		for n := 100; n < 110; n++ {
			g := c.group(t, n)
			teams[g.ID()] = g
			require.NoError(t, tx.Groups().Add(ctx, g))
			for u := 1; u <= c.IntN(6); u++ {
				added, err := tx.Members().Add(ctx, g.ID(), []directory.ID{id(u)})
				require.NoError(t, err)
				of[g.ID()] = append(of[g.ID()], added...)
			}
			if n > 100 && c.IntN(2) == 0 {
				_, err := tx.Members().Add(ctx, g.ID(), []directory.ID{id(n - 1)})
				require.NoError(t, err)
				nested[g.ID()] = []directory.ID{id(n - 1)}
			}
		}
		return nil
	})
	for n, u := range made {
		var list tree.List
		for g, kind := range groupsOf(n, of, nested) {
			list = append(list, related(g, teams[g].Text("displayName"), kind))
		}
		users[n] = subject(oddType(), u.Snapshot(), "groups", list)
	}
	for n, g := range teams {
		var list tree.List
		for _, u := range of[n] {
			list = append(list, related(u, made[u].Text("displayName"), directory.IsUser))
		}
		for _, g := range nested[n] {
			list = append(list, related(g, teams[g].Text("displayName"), directory.IsGroup))
		}
		groups[n] = subject(groupType(), g.Snapshot(), "members", list)
	}
	return users, groups
}

// groupsOf gives the groups that a user is in, and how: of has the users in each group, nested the groups in each.
func groupsOf(user directory.ID, of, nested map[directory.ID][]directory.ID) map[directory.ID]string {
	all := map[directory.ID]string{}
	var climb func(member directory.ID)
	climb = func(member directory.ID) {
		for g, members := range nested {
			if slices.Contains(members, member) && all[g] == "" {
				all[g] = directory.Indirect
				climb(g)
			}
		}
	}
	for g, members := range of {
		if slices.Contains(members, user) {
			climb(g)
		}
	}
	for g, members := range of {
		if slices.Contains(members, user) {
			all[g] = directory.Direct
		}
	}
	return all
}

func (c chance) user(t *testing.T, n int) *directory.User {
	t.Helper()
	o := tree.NewObject(tree.Member{Name: "userName", Value: fmt.Sprint(c.one("", "a", "A", "ß", "ss", "é", "%", "'", "\u0130"), n)})
	for name, v := range object(t, c.object([]schema.Attribute{
		{Name: "externalId", Type: schema.String},
		{Name: "displayName", Type: schema.String},
		{Name: "title", Type: schema.String},
		{Name: "active", Type: schema.Boolean},
		{Name: "name", Type: schema.Complex, SubAttributes: []schema.Attribute{{Name: "givenName", Type: schema.String}, {Name: "familyName", Type: schema.String}}},
		{Name: "emails", Type: schema.Complex, MultiValued: true, SubAttributes: []schema.Attribute{{Name: "value", Type: schema.String}, {Name: "type", Type: schema.String}}},
	})).All() {
		o.Set(name, v)
	}
	if list, _ := o.Get("emails").(tree.List); len(list) > 0 && c.IntN(2) == 0 {
		if first, ok := list[0].(*tree.Object); ok {
			first.Set("primary", c.IntN(2) == 0)
		}
	}
	o.Set(odd, object(t, c.object(oddType().Extension(odd).Attributes)))
	u, _, err := directory.NewUser(oddType(), id(n), o, begun.Add(time.Duration(c.IntN(3))*time.Microsecond))
	require.NoError(t, err)
	return u
}

func (c chance) group(t *testing.T, n int) *directory.Group {
	t.Helper()
	o := tree.NewObject(tree.Member{Name: "displayName", Value: fmt.Sprint(c.word(), n)})
	if c.IntN(2) == 0 {
		o.Set("externalId", c.word())
	}
	g, _, err := directory.NewGroup(groupType(), id(n), o, begun)
	require.NoError(t, err)
	return g
}

func related(id directory.ID, display, kind string) *tree.Object {
	o := tree.NewObject(tree.Member{Name: "value", Value: string(id)}, tree.Member{Name: "type", Value: kind})
	if display != "" {
		o.Set("display", display)
	}
	return o
}

func subject(of *schema.ResourceType, s directory.Snapshot, name string, list tree.List) scim.Subject {
	attributes := s.Attributes.Clone()
	if len(list) > 0 {
		attributes.Set(name, list)
	}
	return scim.Subject{
		ID: string(s.ID), Created: s.Created, Modified: s.Modified, Search: of.Search(attributes),
		Version: directory.Document{Version: s.Version}.ETag(),
	}
}

// compare draws a filter and asks memory and store.
func (c chance) compare(t *testing.T, of *schema.ResourceType, subjects map[directory.ID]scim.Subject, search func(ports.Query) ([]directory.ID, int)) {
	t.Helper()
	text := c.filter(of, 3)
	parsed, err := scim.Parse(text)
	require.NoError(t, err, text)
	filter, err := scim.Bind(parsed, of, nil)
	if err != nil {
		return // such as "active co": what cannot be asked is refused before a store sees it
	}
	var want []directory.ID
	for id, s := range subjects {
		if scim.Match(filter, s) {
			want = append(want, id)
		}
	}
	slices.Sort(want)
	got, total := search(ports.Query{Filter: filter, Limit: len(subjects) + 1})
	assert.Equal(t, want, got, text)
	assert.Equal(t, len(want), total, text)
}

func (c chance) filter(of *schema.ResourceType, depth int) string {
	if depth > 0 {
		switch c.IntN(6) {
		case 0:
			return c.filter(of, depth-1) + " and " + c.filter(of, depth-1)
		case 1:
			return c.filter(of, depth-1) + " or " + c.filter(of, depth-1)
		case 2:
			return "not (" + c.filter(of, depth-1) + ")"
		case 3:
			return "(" + c.filter(of, depth-1) + ")"
		}
	}
	path, a := c.path(of)
	if (a.Type == schema.Complex || a.MultiValued) && c.IntN(2) == 0 {
		return path + "[" + c.elementFilter(a, depth) + "]"
	}
	if a.Type == schema.Complex && c.IntN(4) > 0 {
		sub := &a.SubAttributes[c.IntN(len(a.SubAttributes))]
		return c.term(path+"."+sub.Name, sub)
	}
	return c.term(path, a)
}

// path draws an attribute. Those whose "$ref" is compared are left out: no store knows an address.
func (c chance) path(of *schema.ResourceType) (string, *schema.Attribute) {
	type named struct {
		path string
		a    *schema.Attribute
	}
	var all []named
	for _, name := range []string{"id", "externalId", "meta", "schemas", "userName", "displayName", "title", "active", "name", "emails", "groups", "members", "phoneNumbers"} {
		if target, ok := of.Resolve("", name, ""); ok {
			all = append(all, named{name, target.Attribute})
		}
	}
	if e := of.Extension(odd); e != nil {
		for i := range e.Attributes {
			all = append(all, named{odd + ":" + e.Attributes[i].Name, &e.Attributes[i]})
		}
	}
	drawn := all[c.IntN(len(all))]
	return drawn.path, drawn.a
}

func (c chance) elementFilter(a *schema.Attribute, depth int) string {
	if depth > 0 {
		switch c.IntN(5) {
		case 0:
			return c.elementFilter(a, depth-1) + " and " + c.elementFilter(a, depth-1)
		case 1:
			return c.elementFilter(a, depth-1) + " or " + c.elementFilter(a, depth-1)
		case 2:
			return "not (" + c.elementFilter(a, depth-1) + ")"
		}
	}
	if a.Type != schema.Complex {
		return c.term("value", a)
	}
	sub := &a.SubAttributes[c.IntN(len(a.SubAttributes))]
	if sub.Name == "$ref" {
		return "type pr"
	}
	return c.term(sub.Name, sub)
}

func (c chance) term(path string, a *schema.Attribute) string {
	op := c.one("eq", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr")
	switch {
	case op == "pr":
		return path + " pr"
	case c.IntN(20) == 0 && op[1] == 'e':
		return path + " " + c.one("eq", "ne") + " null"
	}
	one := *a
	one.MultiValued = false
	if a.Type == schema.Complex {
		return path + " " + op + " " + quote(c.word())
	}
	return path + " " + op + " " + c.element(&one)
}
