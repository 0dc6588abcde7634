package schema

import "unicode"

// illegible finds the first character that is not seen as one: control and format characters, bidirectional ones
// among them, separators of lines, private and unassigned ones, and those that fonts draw as nothing although they
// count as letters or marks.
func illegible(s string) (r rune, found bool) {
	for _, r := range s {
		if ' ' <= r && r <= '~' {
			continue
		}
		if !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Zs) ||
			unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
			return r, true
		}
	}
	return 0, false
}
