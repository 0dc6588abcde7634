package access

import (
	_ "embed"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
)

//go:embed common_passwords.txt
var commonPasswords string

// CheckPassword refuses what is guessed first: what is short, common, one thing repeated or counted up, or what everybody
// knows of its owner. There are no rules of composition (OWASP ASVS 5.0, 6.2). Faults: Invalid at "password".
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
	case strings.Contains(commonPasswords, "\n"+folded+"\n"):
		return refuse("this password is among the first that anybody tries; choose another")
	case repeats(folded), counts(folded):
		return refuse("this password is a pattern that anybody tries; choose another")
	}
	for _, word := range known {
		if word = schema.Fold(strings.TrimSpace(word)); len(word) > 3 && strings.Contains(folded, word) && len(folded)-len(word) < 6 {
			return refuse("this password is little more than a name that others know; choose another")
		}
	}
	return nil
}

// Normal is the form in which a password is kept and compared: keyboards write the same letter in several ways
// (NIST SP 800-63B §3.1.1.2).
func Normal(password string) string { return norm.NFKC.String(password) }

// repeats reports whether text is one short thing, over and over.
func repeats(text string) bool {
	for n := 1; n <= len(text)/2 && n <= 8; n++ {
		if strings.HasPrefix(strings.Repeat(text[:n], len(text)/n+1), text) {
			return true
		}
	}
	return false
}

// counts reports whether each character is the one after, or the one before, its neighbour; 9 comes before 0.
func counts(text string) bool {
	up, down := true, true
	for i := 1; i < len(text); i++ {
		step := int(text[i]) - int(text[i-1])
		if text[i-1] == '9' && text[i] == '0' {
			step = 1
		} else if text[i-1] == '0' && text[i] == '9' {
			step = -1
		}
		up, down = up && step == 1, down && step == -1
	}
	return up || down
}
