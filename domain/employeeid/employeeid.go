// Package employeeid says which Employee IDs (externalId) payroll cannot find people by. Payroll writes the ID into the
// reference of a bank payment, which holds 12 characters in New Zealand.
package employeeid

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Problem is what is wrong with an ID. The words are fixed: addresses and files hold them.
type Problem string

// The problems, the gravest first.
const (
	Double     Problem = "id-double"       // somebody else has the same
	NearDouble Problem = "id-near-double"  // somebody else's differs only by case, space or zeros
	SameCut    Problem = "id-same-cut"     // somebody else's is the same once a bank has cut both
	Missing    Problem = "id-missing"      // there is none
	ObjectID   Problem = "id-is-object-id" // it is a GUID
	Alias      Problem = "id-is-alias"     // it is the mail nickname: Entra's default mapping
	Email      Problem = "id-is-email"     // it is an e-mail address
	Long       Problem = "id-long"         // it is longer than MaxLength
	Unlike     Problem = "id-unlike"       // it is not built as 95 % of the others are
)

// Problems are all problems, in the order in which people read them.
var Problems = []Problem{Double, NearDouble, SameCut, Missing, ObjectID, Alias, Email, Long, Unlike}

// MaxLength is how many characters of an ID a New Zealand bank keeps.
const MaxLength = 12

// Holder is somebody who has an ID, or should.
type Holder struct {
	ID       string // the Employee ID; may be empty
	UserName string
	Nickname string // the mail nickname, if it is provisioned
	Active   bool
}

var guid = regexp.MustCompile(`^[0-9A-Fa-f]{8}-?([0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}$`)

// Alone gives what is wrong with h's ID whatever others have; empty if nothing is.
func Alone(h Holder) Problem {
	id := strings.TrimSpace(h.ID)
	local, _, _ := strings.Cut(h.UserName, "@")
	switch {
	case id == "":
		return Missing
	case isGUID(id):
		return ObjectID
	case isEmail(id):
		return Email
	case letters(id) && (strings.EqualFold(id, local) || strings.EqualFold(id, h.Nickname)):
		return Alias
	case utf8.RuneCountInString(id) > MaxLength:
		return Long
	}
	return ""
}

// isGUID is quick for all that is not as long as one.
func isGUID(id string) bool { return len(id) >= 32 && len(id) <= 36 && guid.MatchString(id) }

func isEmail(id string) bool {
	local, domain, found := strings.Cut(id, "@")
	return found && local != "" && domain != ""
}

// letters reports whether id has any. Where people sign in by their numbers (004711@example.com), the number is no alias.
func letters(id string) bool { return strings.ContainsFunc(id, unicode.IsLetter) }

// Key is what is the same for IDs that differ only by case, space or zeros at the beginning of a number.
func Key(id string) string {
	var key strings.Builder
	zeros, number := 0, false // zeros that have been passed over, and whether a figure stands before
	for _, r := range id {
		if unicode.IsSpace(r) {
			continue
		}
		if r == '0' && !number {
			zeros++
			continue
		}
		number = unicode.IsDigit(r)
		if zeros > 0 && !number {
			key.WriteByte('0') // a number of zeros alone is a number
		}
		zeros = 0
		key.WriteRune(fold(r))
	}
	if zeros > 0 {
		key.WriteByte('0')
	}
	return key.String()
}

// fold gives the least of the letters that differ only by case.
func fold(r rune) rune {
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	return least
}

// Cut gives what a bank keeps of an ID.
func Cut(id string) string {
	n := 0
	for i := range id {
		if n == MaxLength {
			return id[:i]
		}
		n++
	}
	return id
}

// Shape says how an ID is built: "A" stands for letters, "9" for figures, anything else for itself. "EMP-00123" is "A-9".
func Shape(id string) string {
	var shape strings.Builder
	var last rune
	for _, r := range strings.TrimSpace(id) {
		switch {
		case unicode.IsLetter(r):
			r = 'A'
		case unicode.IsDigit(r):
			r = '9'
		}
		if r != last {
			shape.WriteRune(r)
		}
		last = r
	}
	return shape.String()
}
