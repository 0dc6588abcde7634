package scim

import (
	"fmt"
	"strings"

	"github.com/extraordinary/provisioning/domain/fault"
)

// What a filter may cost us to read and to answer.
const (
	maxBytes = 4096
	maxDepth = 16 // brackets of either sort within each other
	maxTerms = 50 // comparisons and tests for presence
)

// Parse reads a filter (RFC 7644 §3.4.2.2, figure 1). Faults: InvalidFilter with the place and what was expected
// there; TooMany for more than 50 terms. The details quote the filter, so they are for the client and not for a log.
//
// It reads more than the grammar allows where a client is known to need it or the RFC's own examples do: operators,
// keywords and literals in any case; no space before a quotation mark (§3.5.2.2, `members[value eq"2819c223"]`); line
// breaks for spaces (figure 2); and a sub-attribute behind a value path, see parser.element.
func Parse(text string) (Filter, error) {
	p := parser{lexer: lexer{text, fault.InvalidFilter}}
	if err := p.start(); err != nil {
		return nil, err
	}
	f, err := p.disjunction()
	if err != nil {
		return nil, err
	}
	if err := p.expect(theEnd, `"and", "or" or the end`); err != nil {
		return nil, err
	}
	return f, nil
}

// ParsePath reads the path of a PATCH operation (RFC 7644 §3.5.2, figure 7). Faults: InvalidPath with the place; for
// the filter within brackets those of Parse, as §3.12, table 9, has invalidFilter for the "Path Filter".
func ParsePath(text string) (PatchPath, error) {
	p := parser{lexer: lexer{text, fault.InvalidPath}}
	if err := p.start(); err != nil {
		return PatchPath{}, err
	}
	path, err := p.path()
	if err != nil {
		return PatchPath{}, err
	}
	target := PatchPath{Path: path}
	expected := `the end or "["`
	if p.token.sort == openBracket {
		if target.Filter, target.Sub, err = p.brackets(path); err != nil {
			return PatchPath{}, err
		}
		expected = "the end, or a dot and the name of a sub-attribute"
	}
	if err := p.expect(theEnd, expected); err != nil {
		return PatchPath{}, err
	}
	return target, nil
}

// parser goes down the grammar by one method for each rule. token is the one that was not used yet.
type parser struct {
	lexer
	token token
	depth int
	terms int
}

func (p *parser) start() error {
	if err := p.check(); err != nil {
		return err
	}
	return p.advance()
}

func (p *parser) advance() (err error) {
	p.token, err = p.next(p.token.to)
	return err
}

func (p *parser) expect(s sort, what string) error {
	if p.token.sort != s {
		return p.errorAt(p.token, "expected "+what)
	}
	if s == theEnd {
		return nil
	}
	return p.advance()
}

func (p *parser) isWord(text string) bool {
	return p.token.sort == word && strings.EqualFold(p.text[p.token.at:p.token.to], text)
}

func (p *parser) disjunction() (Filter, error) {
	first, err := p.conjunction()
	if err != nil || !p.isWord("or") {
		return first, err
	}
	all := flatten[Or](nil, first)
	for p.isWord("or") {
		if err := p.advance(); err != nil {
			return nil, err
		}
		next, err := p.conjunction()
		if err != nil {
			return nil, err
		}
		all = flatten(all, next)
	}
	return all, nil
}

func (p *parser) conjunction() (Filter, error) {
	first, err := p.unit()
	if err != nil || !p.isWord("and") {
		return first, err
	}
	all := flatten[And](nil, first)
	for p.isWord("and") {
		if err := p.advance(); err != nil {
			return nil, err
		}
		next, err := p.unit()
		if err != nil {
			return nil, err
		}
		all = flatten(all, next)
	}
	return all, nil
}

// flatten appends f to all; if f is one of the same sort, it appends what f consists of, for "(a and b) and c" says
// the same as "a and b and c".
func flatten[S interface {
	~[]Filter
	Filter
}](all S, f Filter,
) S {
	if same, ok := f.(S); ok {
		return append(all, same...)
	}
	return append(all, f)
}

// unit reads what "and" and "or" stand between.
func (p *parser) unit() (Filter, error) {
	if p.token.sort == openParen {
		return p.group()
	}
	start := p.token
	negated := p.isWord("not")
	path, err := p.path()
	if err != nil {
		return nil, err
	}
	switch {
	case negated && p.token.sort == openParen:
		f, err := p.group()
		return Not{f}, err
	case p.token.sort == openBracket:
		return p.element(path, start)
	case negated && !p.isOperator(): // there may be an attribute called "not"
		return nil, p.errorAt(p.token, `expected "(" after "not"`)
	default:
		return p.term(path)
	}
}

func (p *parser) group() (f Filter, err error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	if f, err = p.disjunction(); err != nil {
		return nil, err
	}
	return f, p.leave(closeParen, `"and", "or" or ")"`)
}

// element reads the rest of a value path: emails[type eq "work"].
//
// The grammar ends with the bracket. Entra goes on, because its matching attributes are written as its mappings are
// (entra.md §1.2): emails[type eq "work"].value eq "x". It asks for one value that is of the type and is x, so it is
// read as emails[type eq "work" and value eq "x"].
func (p *parser) element(path Path, start token) (Filter, error) {
	if path.Sub != "" {
		return nil, p.errorAt(start, "a sub-attribute has no sub-attributes to select by; put the brackets behind the attribute")
	}
	selected, sub, err := p.brackets(path)
	if err != nil || sub == "" {
		return Element{path, selected}, err
	}
	term, err := p.term(Path{Name: sub})
	if err != nil {
		return nil, err
	}
	return Element{path, flatten(flatten[And](nil, selected), term)}, nil
}

// brackets reads a filter in square brackets and the name of the sub-attribute that may follow at once.
func (p *parser) brackets(path Path) (f Filter, sub string, err error) {
	if path.Sub != "" || path.Name == "" {
		return nil, "", p.errorAt(p.token, "brackets can only follow the name of an attribute")
	}
	outside := p.kind
	p.kind = fault.InvalidFilter
	if err := p.enter(); err != nil {
		return nil, "", err
	}
	if f, err = p.disjunction(); err != nil {
		return nil, "", err
	}
	p.kind = outside
	bracket := p.token
	if err := p.leave(closeBracket, `"and", "or" or "]"`); err != nil {
		return nil, "", err
	}
	if p.token.sort != word || p.token.at != bracket.to || p.text[p.token.at] != '.' {
		return f, "", nil
	}
	sub = p.text[p.token.at+1 : p.token.to]
	if bad := notName(sub); bad >= 0 {
		return nil, "", p.errorAt(p.token, "this is no name of a sub-attribute")
	}
	return f, sub, p.advance()
}

func (p *parser) enter() error {
	p.depth++
	if p.depth > maxDepth {
		return p.errorAt(p.token, fmt.Sprintf("brackets are nested deeper than %d", maxDepth))
	}
	return p.advance()
}

func (p *parser) leave(s sort, what string) error {
	p.depth--
	return p.expect(s, what)
}

func (p *parser) path() (Path, error) {
	if p.token.sort != word {
		return Path{}, p.errorAt(p.token, "expected the name of an attribute")
	}
	path, bad := splitPath(p.text[p.token.at:p.token.to])
	if bad >= 0 {
		at := token{word, p.token.at + bad, p.token.to}
		if at.at == at.to {
			at.sort = theEnd
		}
		return Path{}, p.errorAt(at, "this cannot be part of a path; an attribute is named as name or name.sub, with its schema's URN and a colon before it if need be")
	}
	return path, p.advance()
}
