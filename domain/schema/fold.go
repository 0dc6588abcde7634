package schema

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/extraordinary/provisioning/domain/tree"
)

// Fold gives the form in which two strings are equal if they are equal to a reader but for upper and lower case
// (RFC 7644 §7.8): NFKC of the full case folding of the NFKC of s. It is its own fixed point. It is computed here
// and stored, and no database folds anything, so that all of them agree. Unicode promises that it never changes for
// a string of assigned characters; others are not accepted in a userName.
func Fold(s string) string {
	if ascii(s) {
		return tree.LowerName(s)
	}
	folded := cases.Fold().String(norm.NFKC.String(s))
	return norm.NFKC.String(strings.Map(cherokee, folded))
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// cherokee mends what cases.Fold of golang.org/x/text v0.44 gets wrong: it swaps the cases of Cherokee letters
// instead of folding the small ones to the capitals, which came first (Unicode's CaseFolding.txt).
func cherokee(r rune) rune {
	switch {
	case 0xAB70 <= r && r <= 0xABBF:
		return r - 0xAB70 + 0x13A0
	case 0x13F8 <= r && r <= 0x13FD:
		return r - 0x13F8 + 0x13F0
	}
	return r
}
