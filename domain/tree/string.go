package tree

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// string reads a string or a name; p is at its opening quote.
func (p *parser) string() (string, error) {
	p.at++
	start := p.at
	if err := p.plain(); err != nil {
		return "", err
	}
	text := p.text[start:p.at]
	if p.text[p.at] == '\\' {
		p.decoded = append(p.decoded[:0], text...)
		if err := p.escaped(); err != nil {
			return "", err
		}
		text = string(p.decoded)
	}
	p.at++
	if len(text) > MaxString {
		return "", p.fail(start-1, "a string is longer than %d bytes", MaxString)
	}
	return text, nil
}

// plain goes to the next quote or backslash, past characters that stand for themselves.
func (p *parser) plain() error {
	start, ascii := p.at, true
	for ; ; p.at++ {
		if p.at == len(p.text) {
			return p.fail(p.at, "the text ends within a string")
		}
		switch c := p.text[p.at]; {
		case c == '"' || c == '\\':
			if !ascii {
				return p.valid(start, p.at)
			}
			return nil
		case c < ' ':
			return p.fail(p.at, "the control character U+%04X must not stand in a string; write it as an escape", c)
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
}

// valid refuses bytes between start and end that are no UTF-8. Half a surrogate pair is among them.
func (p *parser) valid(start, end int) error {
	if utf8.ValidString(p.text[start:end]) {
		return nil
	}
	for i, r := range p.text[start:end] {
		if r != utf8.RuneError {
			continue
		}
		if _, size := utf8.DecodeRuneInString(p.text[start+i : end]); size == 1 {
			return p.fail(start+i, "the byte %#02x is not UTF-8", p.text[start+i])
		}
	}
	return nil
}

// escaped reads the rest of a string into p.decoded, from its first backslash to its closing quote.
func (p *parser) escaped() error {
	for p.text[p.at] == '\\' {
		if err := p.escape(); err != nil {
			return err
		}
		start := p.at
		if err := p.plain(); err != nil {
			return err
		}
		p.decoded = append(p.decoded, p.text[start:p.at]...)
	}
	return nil
}

func (p *parser) escape() error {
	at := p.at
	p.at += 2
	if p.at > len(p.text) {
		return p.fail(len(p.text), "the text ends within a string")
	}
	switch c := p.text[at+1]; c {
	case '"', '\\', '/':
		p.decoded = append(p.decoded, c)
	case 'b':
		p.decoded = append(p.decoded, '\b')
	case 'f':
		p.decoded = append(p.decoded, '\f')
	case 'n':
		p.decoded = append(p.decoded, '\n')
	case 'r':
		p.decoded = append(p.decoded, '\r')
	case 't':
		p.decoded = append(p.decoded, '\t')
	case 'u':
		r, err := p.unicode(at)
		if err != nil {
			return err
		}
		p.decoded = utf8.AppendRune(p.decoded, r)
	default:
		return p.fail(at, `an escape is expected (\" \\ \/ \b \f \n \r \t \u), but there is another character after \`)
	}
	return nil
}

// unicode reads the digits of the \u escape that begins at start, and the other half if it is of a surrogate pair.
func (p *parser) unicode(start int) (rune, error) {
	r, err := p.hex(start)
	if err != nil {
		return 0, err
	}
	if r == 0 {
		return 0, p.fail(start, "U+0000 is not accepted in a string")
	}
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if p.skip('\\') && p.skip('u') {
		second, err := p.hex(p.at - 2)
		if err != nil {
			return 0, err
		}
		if pair := utf16.DecodeRune(r, second); pair != utf8.RuneError {
			return pair, nil
		}
	}
	return 0, p.fail(start, "half a surrogate pair stands alone in a string")
}

// hex reads the four digits of the \u escape that begins at start.
func (p *parser) hex(start int) (rune, error) {
	const digits = 4
	end := min(p.at+digits, len(p.text))
	n, err := strconv.ParseUint(p.text[p.at:end], 16, 16)
	if err != nil || end-p.at < digits {
		return 0, p.fail(start, `four hexadecimal digits are expected after \u`)
	}
	p.at = end
	return rune(n), nil
}
