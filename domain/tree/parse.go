package tree

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/extraordinary/provisioning/domain/fault"
)

// What Parse refuses although JSON allows it: a message that needs more is an attack or a mistake.
const (
	MaxDepth  = 32       // levels of objects and lists
	MaxString = 8 << 10  // bytes of one string or name, after its escapes are read
	MaxNumber = 64       // characters of one number
	mark      = "\ufeff" // a byte order mark at the start, which RFC 8259 §8.1 lets a reader skip
)

// Parse reads one JSON value (RFC 8259). It is stricter than the RFC where readers are known to disagree, so that
// no two of them see different things in one message: in an object no name may stand twice (SameName), and strings
// hold neither U+0000, nor half a surrogate pair, nor bytes that are no UTF-8. See MaxDepth, MaxString and
// MaxNumber for the limits. Faults: Syntax, with the byte, counted from 1, where reading ended.
func Parse(data []byte) (Value, error) {
	p := parser{text: string(data)}
	p.at = len(p.text) - len(strings.TrimPrefix(p.text, mark))
	p.space()
	if p.at == len(p.text) {
		return nil, p.fail(p.at, "there is nothing to read: a JSON value is expected")
	}
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	if p.space(); p.at < len(p.text) {
		return nil, p.fail(p.at, "the JSON value has ended, but %s follows", p.next())
	}
	return v, nil
}

// parser reads text from at on. What stands open is collected on two stacks, so that each object and each list is
// allocated once and in its final size. Strings without escapes are cut from text, not copied.
type parser struct {
	text    string
	at      int
	depth   int
	values  []Value
	members []Member
	decoded []byte
}

func (p *parser) fail(at int, format string, args ...any) error {
	return fault.New(fault.Syntax, "%s (byte %d)", fmt.Sprintf(format, args...), at+1)
}

// next describes what stands where p is, for an error.
func (p *parser) next() string {
	if p.at >= len(p.text) {
		return "the end"
	}
	r, size := utf8.DecodeRuneInString(p.text[p.at:])
	if r == utf8.RuneError && size == 1 {
		return fmt.Sprintf("the byte %#02x", p.text[p.at])
	}
	return fmt.Sprintf("%q", r)
}

func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// take goes past c, if c is what comes after space.
func (p *parser) take(c byte) bool {
	p.space()
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *parser) value() (Value, error) {
	p.space()
	if p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '{':
			return p.nested(p.object)
		case c == '[':
			return p.nested(p.list)
		case c == '"':
			return boxed(p.string())
		case c == '-' || isDigit(c):
			return boxed(p.number())
		}
		for _, literal := range literals {
			if strings.HasPrefix(p.text[p.at:], literal.text) {
				p.at += len(literal.text)
				return literal.value, nil
			}
		}
	}
	return nil, p.fail(p.at, "a value is expected, but %s is there", p.next())
}

var literals = [...]struct {
	text  string
	value Value
}{{"true", true}, {"false", false}, {"null", nil}}

// boxed keeps a failed read from becoming a value that is not nil.
func boxed[T string | Number](v T, err error) (Value, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

func (p *parser) nested(read func() (Value, error)) (Value, error) {
	if p.depth == MaxDepth {
		return nil, p.fail(p.at, "objects and lists are nested deeper than %d levels", MaxDepth)
	}
	p.depth++
	p.at++
	v, err := read()
	p.depth--
	return v, err
}

func (p *parser) list() (Value, error) {
	start := len(p.values)
	for first := true; !p.take(']'); first = false {
		if !first && !p.take(',') {
			return nil, p.fail(p.at, "a comma or ] is expected, but %s is there", p.next())
		}
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		p.values = append(p.values, v)
	}
	l := make(List, len(p.values)-start)
	copy(l, p.values[start:])
	clear(p.values[start:])
	p.values = p.values[:start]
	return l, nil
}

func (p *parser) object() (Value, error) {
	start := len(p.members)
	var seen map[string]struct{}
	for first := true; !p.take('}'); first = false {
		if !first && !p.take(',') {
			return nil, p.fail(p.at, "a comma or } is expected, but %s is there", p.next())
		}
		if p.space(); p.at == len(p.text) || p.text[p.at] != '"' {
			return nil, p.fail(p.at, "a name in double quotes is expected, but %s is there", p.next())
		}
		at := p.at
		name, err := p.string()
		if err != nil {
			return nil, err
		}
		if seen, err = p.once(name, at, p.members[start:], seen); err != nil {
			return nil, err
		}
		if !p.take(':') {
			return nil, p.fail(p.at, "a colon is expected, but %s is there", p.next())
		}
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		p.members = append(p.members, Member{name, v})
	}
	o := &Object{members: slices.Clone(p.members[start:])}
	clear(p.members[start:])
	p.members = p.members[:start]
	return o, nil
}

// few is how many names are compared one by one. Beyond it a set pays, and keeps an object of 100,000 names from
// costing their square.
const few = 16

// once refuses a name that is among earlier. It gives back the set of lower-case names, which is nil for few.
func (p *parser) once(name string, at int, earlier []Member, seen map[string]struct{}) (map[string]struct{}, error) {
	var twice bool
	if len(earlier) < few {
		twice = slices.ContainsFunc(earlier, func(m Member) bool { return SameName(m.Name, name) })
	} else {
		if seen == nil {
			seen = make(map[string]struct{}, 4*few)
			for _, m := range earlier {
				seen[LowerName(m.Name)] = struct{}{}
			}
		}
		key := LowerName(name)
		_, twice = seen[key]
		seen[key] = struct{}{}
	}
	if twice {
		return nil, p.fail(at, "the name %q stands twice in one object", short(name))
	}
	return seen, nil
}

// short cuts a hostile name down to what a reader of an error can use.
func short(name string) string {
	const enough = 64
	if len(name) <= enough {
		return name
	}
	end := enough
	for !utf8.RuneStart(name[end]) {
		end--
	}
	return name[:end] + "…"
}

// number reads what RFC 8259 §6 calls a number and keeps its characters.
func (p *parser) number() (Number, error) {
	start := p.at
	p.skip('-')
	if !p.skip('0') && !p.digits() {
		return "", p.fail(p.at, "a digit is expected, but %s is there", p.next())
	}
	if p.skip('.') && !p.digits() {
		return "", p.fail(p.at, "a digit is expected after the decimal point, but %s is there", p.next())
	}
	if p.skip('e') || p.skip('E') {
		if !p.skip('+') {
			p.skip('-')
		}
		if !p.digits() {
			return "", p.fail(p.at, "a digit is expected in the exponent, but %s is there", p.next())
		}
	}
	if p.at-start > MaxNumber {
		return "", p.fail(start, "a number has more than %d characters", MaxNumber)
	}
	return Number(p.text[start:p.at]), nil
}

// skip goes past c, if it stands right here.
func (p *parser) skip(c byte) bool {
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

// digits goes past digits and reports whether there was one.
func (p *parser) digits() bool {
	start := p.at
	for p.at < len(p.text) && isDigit(p.text[p.at]) {
		p.at++
	}
	return p.at > start
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
