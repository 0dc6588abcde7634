package access

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
)

//go:embed common_passwords.txt
var commonPasswords string

// CheckPassword refuses what is guessed first: what is short, common, a pattern of keys, or little more than what everybody
// knows of its owner and of us, also where figures stand for letters (p4ssw0rd). There are no rules of composition (OWASP
// ASVS 5.0, 6.2). Faults: Invalid at "password".
func CheckPassword(password string, known ...string) error {
	refuse := func(why string) error { return fault.New(fault.Invalid, "%s", why).At("password") }
	password = Normal(password)
	n := utf8.RuneCountInString(password)
	folded := schema.Fold(password)
	switch {
	case !utf8.ValidString(password) || n < 12:
		return refuse("a password has at least 12 characters; a few words that belong together nowhere are a good one")
	case n > 128:
		return refuse("a password has at most 128 characters")
	case common(folded):
		return refuse("this password is among the first that anybody tries; choose another")
	case repeats(folded), typed(folded):
		return refuse("this password is a pattern that anybody tries; choose another")
	case names(folded, append(known, ourWords)):
		return refuse("this password is little more than a name that others know; choose another")
	}
	return nil
}

// ourWords stand on the page where a password is chosen, so that they come to everybody's mind.
const ourWords = "Extraordinary provisioning customer portal password"

// enough is how many characters a password must have beside what is easily guessed of it: more than a year and two signs.
const enough = 7

// Normal is the form in which a password is kept and compared: keyboards write the same letter in several ways
// (NIST SP 800-63B §3.1.1.2).
func Normal(password string) string { return norm.NFKC.String(password) }

// unmasked writes letters for the figures and signs that are put in their places; 1 stands for i and for l, so that these
// are one. It drops what is neither letter nor figure.
func unmasked(text string) string {
	return strings.Map(func(r rune) rune {
		switch r = unmask(r); {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return r
		}
		return -1
	}, text)
}

func unmask(r rune) rune {
	switch r {
	case '0':
		return 'o'
	case '1', '!', 'i', '|':
		return 'l'
	case '3':
		return 'e'
	case '4', '@':
		return 'a'
	case '5', '$':
		return 's'
	case '7':
		return 't'
	}
	return r
}

// common reports whether text is little more than a common password.
func common(text string) bool {
	text = unmasked(text)
	for line := range strings.Lines(commonPasswords) {
		if word := unmasked(strings.TrimSpace(line)); strings.Contains(text, word) && len(text)-len(word) < enough {
			return true
		}
	}
	return false
}

// names reports whether text is little more than words of known, in any order and with anything between them.
func names(text string, known []string) bool {
	words := strings.FieldsFunc(schema.Fold(Normal(strings.Join(known, " "))), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) }) // so that "Kereru" leaves nothing of "KereruHoldings"
	text = unmasked(text)
	rest := text
	for _, word := range words {
		if len(word) > 2 {
			rest = strings.ReplaceAll(rest, unmasked(word), " ") // which no word has: what is left does not grow together
		}
	}
	return rest != text && utf8.RuneCountInString(strings.ReplaceAll(rest, " ", "")) < enough
}

// repeats reports whether text is one short thing, over and over, or made of fewer than five characters.
func repeats(text string) bool {
	for n := 1; n <= len(text)/2 && n <= 8; n++ {
		if strings.HasPrefix(strings.Repeat(text[:n], len(text)/n+1), text) {
			return true
		}
	}
	different := map[rune]bool{}
	for _, r := range text {
		different[r] = true
	}
	return len(different) < 5
}

// keys are neighbours in the alphabet, on the rows of keyboards from three countries, and down their columns.
const keys = "abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiop asdfghjkl zxcvbnm qwertzuiop yxcvbnm azertyuiop qsdfghjklm wxcvbn " +
	"1qaz 2wsx 3edc 4rfv 5tgb 6yhn 7ujm 8ik 9ol"

// typed reports whether text is little more than runs of three and more neighbouring keys, forwards or backwards.
func typed(text string) bool {
	left := 0
	for at := 0; at < len(text); {
		if n := max(run(text[at:], keys), run(text[at:], backwards)); n > 2 {
			at += n
		} else {
			at++
			left++
		}
	}
	return left < enough
}

var backwards = func() string {
	b := []byte(keys)
	slices.Reverse(b)
	return string(b)
}()

// run counts the characters at the beginning of text that are neighbours in rows.
func run(text, rows string) int {
	n := 0
	for n < len(text) && text[n] != ' ' && strings.Contains(rows, text[:n+1]) {
		n++
	}
	return n
}
