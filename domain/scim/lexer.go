package scim

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/tree"
)

// sort is what a token is.
type sort byte

const (
	theEnd       sort = iota // nothing is left
	word                     // a path, a keyword, a number
	quoted                   // a JSON string, quotation marks included
	openParen                // (
	closeParen               // )
	openBracket              // [
	closeBracket             // ]
)

// token is one piece of a filter: text[at:to].
type token struct {
	sort   sort
	at, to int
}

// lexer cuts a filter, or the path of a PATCH operation, into tokens.
type lexer struct {
	text string
	kind fault.Kind // of its errors
}

// check refuses what no position can be given in, or should not be looked at.
func (l *lexer) check() error {
	if len(l.text) > maxBytes {
		return fault.New(l.kind, "it is %d bytes long; at most %d are read", len(l.text), maxBytes)
	}
	for i, r := range l.text {
		if _, size := utf8.DecodeRuneInString(l.text[i:]); r == utf8.RuneError && size == 1 {
			return fault.New(l.kind, "at byte %d: the text is not UTF-8", i+1)
		}
	}
	return nil
}

// next gives the first token that begins at from or later.
func (l *lexer) next(from int) (token, error) {
	for from < len(l.text) && strings.IndexByte(" \t\r\n", l.text[from]) >= 0 {
		from++
	}
	if from == len(l.text) {
		return token{theEnd, from, from}, nil
	}
	switch l.text[from] {
	case '(':
		return token{openParen, from, from + 1}, nil
	case ')':
		return token{closeParen, from, from + 1}, nil
	case '[':
		return token{openBracket, from, from + 1}, nil
	case ']':
		return token{closeBracket, from, from + 1}, nil
	case '"':
		return l.quoted(from)
	}
	to := from + 1
	for to < len(l.text) && strings.IndexByte(" \t\r\n()[]\"", l.text[to]) < 0 {
		to++
	}
	return token{word, from, to}, nil
}

func (l *lexer) quoted(from int) (token, error) {
	for i := from + 1; i < len(l.text); i++ {
		switch c := l.text[i]; {
		case c == '"':
			return token{quoted, from, i + 1}, nil
		case c == '\\':
			i++ // whatever it escapes does not end the string
		case c < ' ':
			return token{}, fault.New(l.kind, `at byte %d: a control character must be written as \u%04x`, i+1, c)
		}
	}
	return token{}, fault.New(l.kind, "at byte %d, %s: the closing quotation mark is missing", from+1, l.excerpt(from, len(l.text)))
}

// unquote gives the string that a quoted token stands for (RFC 8259 §7).
func (l *lexer) unquote(t token) (string, error) {
	inner := l.text[t.at+1 : t.to-1]
	if strings.IndexByte(inner, '\\') < 0 {
		return inner, nil // a part of the filter itself: nothing is copied
	}
	value, err := tree.Parse([]byte(l.text[t.at:t.to]))
	if err != nil {
		return "", l.errorAt(t, `this is no JSON string; escapes are \" \\ \/ \b \f \n \r \t and \u with four digits, but not \u0000 and not half a surrogate pair`)
	}
	text, _ := value.(string)
	return text, nil
}

// errorAt says where the text cannot be read and why, or what was expected there. Bytes are counted from 1.
func (l *lexer) errorAt(t token, reason string) error {
	if t.sort == theEnd {
		return fault.New(l.kind, "at the end (byte %d): %s", t.at+1, reason)
	}
	return fault.New(l.kind, "at byte %d, %s: %s", t.at+1, l.excerpt(t.at, t.to), reason)
}

// excerpt shows a piece of the text, cut where it is long, and with a mark for each control character.
func (l *lexer) excerpt(at, to int) string {
	const enough = 40
	rest := ""
	if to-at > enough {
		to, rest = at+enough, "…"
		for !utf8.RuneStart(l.text[to]) {
			to--
		}
	}
	return strings.Map(visible, l.text[at:to]) + rest
}

func visible(r rune) rune {
	if unicode.IsControl(r) {
		return utf8.RuneError
	}
	return r
}
