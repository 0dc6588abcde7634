// Package statement takes apart what bun puts together: the text of a statement and the values in it. A database
// that sees one constant text prepares it once, which halves what a statement costs, and the values never stand in
// its logs and lists of running statements.
package statement

import (
	"strconv"
	"strings"
)

// Split gives text with a question mark in place of each string and whole number, and these in their order. Anything
// but a SELECT, INSERT, UPDATE or DELETE stays as it is, and so does what is none of the tokens that bun writes: a
// text that cannot be split means the same, it is only not prepared for the next.
func Split(text string) (constant string, values []any) {
	s := splitter{text: text}
	return s.split()
}

// Numbered is Split with $1, $2 and so on in place of the values, as Postgres wants them. Text with a minus stays as
// it is: before a value whose type is not known yet, Postgres does not know which minus is meant.
func Numbered(text string) (constant string, values []any) {
	s := splitter{text: text, numbered: true}
	return s.split()
}

func splittable(text string) bool {
	for _, verb := range [...]string{"SELECT ", "INSERT ", "UPDATE ", "DELETE "} {
		if strings.HasPrefix(text, verb) {
			return true
		}
	}
	return false
}

// splitter walks over text: text[:copied] is in rest or among the values, at is where the next token begins.
type splitter struct {
	text       string
	numbered   bool
	at, copied int
	rest       strings.Builder
	values     []any
}

func (s *splitter) split() (constant string, values []any) {
	if !splittable(s.text) {
		return s.text, nil
	}
	s.rest.Grow(len(s.text))
	for s.at < len(s.text) {
		if !s.token() {
			return s.text, nil
		}
	}
	s.rest.WriteString(s.text[s.copied:])
	return s.rest.String(), s.values
}

// token steps over one token and reports false for one that bun does not write.
func (s *splitter) token() bool {
	switch c := s.text[s.at]; {
	case c == '\'':
		return s.string()
	case isDigit(c):
		return s.number()
	case isLetter(c):
		return s.word()
	case c == '"':
		end := strings.IndexByte(s.text[s.at+1:], '"')
		s.at += end + 2
		return end >= 0
	default:
		// A comment would hide quotes, a question mark would take a value that is not its own, and a dollar or a
		// backslash begin literals that are not read here.
		s.at++
		switch c {
		case '-':
			return !s.numbered && !strings.HasPrefix(s.text[s.at:], "-")
		case '.':
			return s.at == len(s.text) || !isDigit(s.text[s.at])
		}
		return strings.IndexByte(" \n\t(),*=<>|+;", c) >= 0
	}
}

func (s *splitter) string() bool {
	start, doubled := s.at+1, false
	for end := start; ; {
		quote := strings.IndexByte(s.text[end:], '\'')
		if quote < 0 {
			return false
		}
		end += quote
		if strings.HasPrefix(s.text[end:], "''") {
			doubled = true
			end += 2
			continue
		}
		value := s.text[start:end]
		if doubled {
			value = strings.ReplaceAll(value, "''", "'")
		}
		s.lift(value, end+1)
		return true
	}
}

// number lifts a whole number; one with a point or an exponent stays in the text, for its digits are more than a
// float64 holds.
func (s *splitter) number() bool {
	end := s.at
	for end < len(s.text) && isDigit(s.text[end]) {
		end++
	}
	whole := end == len(s.text) || s.text[end] != '.' && !isLetter(s.text[end])
	if n, err := strconv.ParseInt(s.text[s.at:end], 10, 64); whole && err == nil {
		s.lift(n, end)
		return true
	}
	for end < len(s.text) && (isDigit(s.text[end]) || isLetter(s.text[end]) || s.text[end] == '.') {
		end++
	}
	s.at = end
	return true
}

// word steps over a keyword or a name. One that a quote follows at once is the prefix of a literal of another sort,
// as in X'00'.
func (s *splitter) word() bool {
	for s.at < len(s.text) && (isLetter(s.text[s.at]) || isDigit(s.text[s.at])) {
		s.at++
	}
	return s.at == len(s.text) || s.text[s.at] != '\''
}

func (s *splitter) lift(value any, end int) {
	s.rest.WriteString(s.text[s.copied:s.at])
	s.values = append(s.values, value)
	if s.numbered {
		s.rest.WriteByte('$')
		s.rest.WriteString(strconv.Itoa(len(s.values)))
	} else {
		s.rest.WriteByte('?')
	}
	s.at, s.copied = end, end
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
