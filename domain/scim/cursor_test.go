package scim_test

import (
	"bytes"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

var opened = time.Date(2026, 1, 31, 23, 59, 58, 0, time.UTC)

func cursors(t testing.TB, masters ...byte) *scim.Cursors {
	t.Helper()
	var keys [][]byte
	for _, m := range masters {
		keys = append(keys, bytes.Repeat([]byte{m}, 32))
	}
	c, err := scim.NewCursors(keys)
	require.NoError(t, err)
	return c
}

func filterOf(t testing.TB, text string) scim.Filter {
	t.Helper()
	f, err := scim.Parse(text)
	require.NoError(t, err)
	return f
}

func listing(t testing.TB, change func(*scim.Listing)) scim.Listing {
	t.Helper()
	order, err := scim.ParseOrder(payroll().Type("User"), "displayName", "descending")
	require.NoError(t, err)
	l := scim.Listing{Organisation: "acme", Type: "User", Filter: filterOf(t, `title eq "Pilot"`), Order: order, Count: 10}
	if change != nil {
		change(&l)
	}
	return l
}

func TestACursorOpensToWhatWasSealed(t *testing.T) {
	t.Parallel()
	for _, key := range []tree.Value{nil, "", "Löve'lace 😀", true, false, tree.Number("9007199254740993"), tree.Number("1.5e300")} {
		p := scim.Position{Key: key, ID: "0190a000-0000-7000-8000-000000000001"}
		cursor := cursors(t, 1).Seal(listing(t, nil), p, opened)
		assert.Regexp(t, regexp.MustCompile(`^[A-Za-z0-9_-]+$`), cursor, "RFC 3986 §2.3")
		assert.NotContains(t, cursor, "0190a000")
		got, err := cursors(t, 1).Open(cursor, listing(t, nil), opened.Add(scim.CursorLife))
		require.NoError(t, err)
		assert.Equal(t, p, got)
	}
}

// TestACursorOpensHoweverTheNamesOfItsFilterAreSpelt holds the example of RFC 9865 §2, whose second request has
// "username" where the first has "userName".
func TestACursorOpensHoweverTheNamesOfItsFilterAreSpelt(t *testing.T) {
	t.Parallel()
	const filter = `title eq "Pilot" and (name.familyName pr or emails[type eq "work"])`
	with := func(text string) scim.Listing {
		return listing(t, func(l *scim.Listing) { l.Filter = filterOf(t, text) })
	}
	sealed := cursors(t, 1).Seal(with(filter), scim.Position{ID: "i"}, opened)
	_, err := cursors(t, 1).Open(sealed, with(`TITLE Eq "Pilot"  and (Name.FAMILYNAME pr or eMails[Type eq "work"])`), opened)
	require.NoError(t, err)
	_, err = cursors(t, 1).Open(sealed, with(`title eq "Pilot" and (name.familyName pr or emails[type eq "Work"])`), opened)
	require.ErrorIs(t, err, fault.InvalidCursor)
}

func TestACursorOpensForNothingElse(t *testing.T) {
	t.Parallel()
	sealed := cursors(t, 1).Seal(listing(t, nil), scim.Position{Key: "k", ID: "i"}, opened)
	for name, test := range map[string]struct {
		change func(*scim.Listing)
		kind   fault.Kind
	}{
		"another organisation":    {func(l *scim.Listing) { l.Organisation = "globex" }, fault.InvalidCursor},
		"another resource type":   {func(l *scim.Listing) { l.Type = "Group" }, fault.InvalidCursor},
		"another filter":          {func(l *scim.Listing) { l.Filter = filterOf(t, `title eq "pilot"`) }, fault.InvalidCursor},
		"no filter":               {func(l *scim.Listing) { l.Filter = nil }, fault.InvalidCursor},
		"another direction":       {func(l *scim.Listing) { l.Order.Descending = false }, fault.InvalidCursor},
		"no order":                {func(l *scim.Listing) { l.Order = scim.Order{} }, fault.InvalidCursor},
		"another count":           {func(l *scim.Listing) { l.Count = 11 }, fault.InvalidCount},
		"another count and order": {func(l *scim.Listing) { l.Count, l.Order = 11, scim.Order{} }, fault.InvalidCursor},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := cursors(t, 1).Open(sealed, listing(t, test.change), opened)
			require.ErrorIs(t, err, test.kind)
		})
	}
	_, err := cursors(t, 1).Open(sealed, listing(t, func(l *scim.Listing) { l.Filter = filterOf(t, `( title  EQ "Pilot" )`) }), opened)
	require.NoError(t, err, "the same filter in other words")
}

func TestACursorThatWasTouchedDoesNotOpen(t *testing.T) {
	t.Parallel()
	sealed := cursors(t, 1).Seal(listing(t, nil), scim.Position{ID: "i"}, opened)
	for i := range len(sealed) {
		touched := []byte(sealed)
		touched[i] ^= 1
		_, err := cursors(t, 1).Open(string(touched), listing(t, nil), opened)
		require.ErrorIs(t, err, fault.InvalidCursor, "byte %d", i)
	}
	for _, text := range []string{"", "x", "****", sealed + "A", sealed[:len(sealed)-4], sealed + "=", "VZUTiyhEQJ94IR"} {
		_, err := cursors(t, 1).Open(text, listing(t, nil), opened)
		require.ErrorIs(t, err, fault.InvalidCursor, text)
	}
}

func TestACursorExpires(t *testing.T) {
	t.Parallel()
	sealed := cursors(t, 1).Seal(listing(t, nil), scim.Position{ID: "i"}, opened)
	_, err := cursors(t, 1).Open(sealed, listing(t, nil), opened.Add(scim.CursorLife+time.Second))
	require.ErrorIs(t, err, fault.ExpiredCursor)
}

func TestACursorOutlivesTheRotationOfKeysWhileItsKeyIsThere(t *testing.T) {
	t.Parallel()
	sealed := cursors(t, 1).Seal(listing(t, nil), scim.Position{ID: "i"}, opened)
	_, err := cursors(t, 2, 1).Open(sealed, listing(t, nil), opened)
	require.NoError(t, err)
	_, err = cursors(t, 2).Open(sealed, listing(t, nil), opened)
	require.ErrorIs(t, err, fault.InvalidCursor)
	assert.NotEqual(t, sealed, cursors(t, 2, 1).Seal(listing(t, nil), scim.Position{ID: "i"}, opened), "the first key seals")
}

func TestKeysForCursorsHave32Bytes(t *testing.T) {
	t.Parallel()
	for _, masters := range [][][]byte{nil, {[]byte("short")}, {make([]byte, 33)}} {
		_, err := scim.NewCursors(masters)
		require.ErrorIs(t, err, fault.Invalid)
		assert.Equal(t, "secret_keys", fault.Of(err).Path)
	}
}

// FuzzACursorOfAStrangerOpensNothing holds that no text but a sealed one is a cursor.
func FuzzACursorOfAStrangerOpensNothing(f *testing.F) {
	c := cursors(f, 1)
	sealed := c.Seal(listing(f, nil), scim.Position{Key: "k", ID: "i"}, opened)
	for _, seed := range []string{"", sealed, sealed[1:], sealed[:9] + "\n" + sealed[9:], sealed + "\r\n", "VZUTiyhEQJ94IR", "YkU3OF86Pz0rGv"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := c.Open(text, listing(t, nil), opened); text != sealed && fault.Of(err).Kind != fault.InvalidCursor {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
