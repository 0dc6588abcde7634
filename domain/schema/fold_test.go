package schema_test

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/extraordinary/provisioning/domain/schema"
)

// The pairs are those on which lower-casing, EqualFold and case folding disagree.
func TestFoldMakesOneOfWhatReadersTakeForOne(t *testing.T) {
	t.Parallel()
	for name, same := range map[string][]string{
		"ASCII":                    {"Mia.Chen@Example.com", "mia.chen@EXAMPLE.COM"},
		"Kelvin sign":              {"k", "K", "\u212a"},
		"Ångström sign":            {"\u00e5", "\u00c5", "\u212b", "a\u030a", "A\u030a"},
		"long s":                   {"s", "S", "\u017f"},
		"sharp s":                  {"stra\u00dfe", "STRASSE", "stra\u1e9ee", "\u017ftrasse"},
		"final sigma":              {"\u03c3\u03bf\u03c6\u03bf\u03c2", "\u03a3\u039f\u03a6\u039f\u03a3", "\u03c3\u03bf\u03c6\u03bf\u03c3"},
		"dotted capital I":         {"\u0130", "i\u0307", "I\u0307"},
		"composed and decomposed":  {"Zo\u00eb", "Zoe\u0308", "ZO\u00cb"},
		"full width":               {"\uff2d\uff49\uff41", "mia"},
		"ligature":                 {"\ufb01sh", "FISH", "\ufb01SH"},
		"Hangul":                   {"\ud55c", "\u1112\u1161\u11ab"},
		"Cherokee":                 {"\u13a0\u13f0", "\uab70\u13f8"},
		"Deseret, past 16 bits":    {"\U00010400", "\U00010428"},
		"Greek with iota below":    {"\u1fb4", "\u1f71\u0345", "\u0386\u0399"},
		"combining in other order": {"a\u0323\u0307", "a\u0307\u0323", "A\u0307\u0323"},
		"superscript":              {"x\u00b2", "X2"},
	} {
		for _, s := range same {
			if schema.Fold(s) != schema.Fold(same[0]) {
				t.Errorf("%s: %+q folds to %+q, %+q to %+q", name, s, schema.Fold(s), same[0], schema.Fold(same[0]))
			}
		}
	}
}

func TestFoldKeepsApartWhatReadersTellApart(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"i", "\u0130"},      // strings.ToLower takes the dotted capital I for an i
		{"i", "\u0131"},      // dotless i
		{"a", "\u0430"},      // Cyrillic a: homoglyphs are shown, not folded
		{"zoe", "zo\u00eb"},  // a diacritic is a difference
		{"a b", "a  b"},      // so is white space
		{"admin", "admin\t"}, // and at the end
	} {
		if schema.Fold(pair[0]) == schema.Fold(pair[1]) {
			t.Errorf("%+q and %+q fold to %+q", pair[0], pair[1], schema.Fold(pair[0]))
		}
	}
}

func TestFoldAgreesWithUnicodeOnEveryCharacter(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		folded := schema.Fold(string(r))
		if again := schema.Fold(folded); again != folded {
			t.Errorf("%U folds to %+q and that to %+q", r, folded, again)
		}
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			if got := schema.Fold(string(other)); got != folded {
				t.Errorf("%U folds to %+q, but %U to %+q", r, folded, other, got)
			}
		}
		if !norm.NFKC.IsNormalString(folded) {
			t.Errorf("%U folds to %+q, which is not NFKC", r, folded)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Mia", "\u1fb4", "\u0345\u0301a", "\u13a0\u0300", strings.Repeat("\u0301", 40), "a\xffB", "\u0130\u0327"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		folded := schema.Fold(s)
		if again := schema.Fold(folded); again != folded {
			t.Errorf("%+q folds to %+q and that to %+q", s, folded, again)
		}
		if valid := strings.ToValidUTF8(s, "\ufffd"); valid == s && schema.Fold(norm.NFD.String(s)) != folded {
			t.Errorf("%+q and its decomposition fold apart", s)
		}
	})
}

func BenchmarkFold(b *testing.B) {
	for name, s := range map[string]string{"ascii": "Mia.Chen@Example.com", "lower": "mia.chen@example.com", "other": "Zo\u00eb.M\u00fcller@Example.com"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				schema.Fold(s)
			}
		})
	}
}
