package scim

import (
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/tree"
)

var operators = [...]Op{Equal, NotEqual, Contains, StartsWith, EndsWith, Greater, GreaterOrEqual, Less, LessOrEqual}

func (p *parser) isOperator() bool {
	_, ok := p.operator()
	return ok || p.isWord("pr")
}

func (p *parser) operator() (Op, bool) {
	for _, op := range operators {
		if p.isWord(string(op)) {
			return op, true
		}
	}
	return "", false
}

// term reads what follows a path: "pr", or an operator and a value.
func (p *parser) term(path Path) (Filter, error) {
	if p.terms++; p.terms > maxTerms {
		return nil, fault.New(fault.TooMany, "the filter has more than %d terms; ask in several requests", maxTerms)
	}
	if p.isWord("pr") {
		return Present{path}, p.advance()
	}
	op, ok := p.operator()
	if !ok {
		return nil, p.notOperator()
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	value, err := p.value()
	if err != nil {
		return nil, err
	}
	return Compare{path, op, value}, p.advance()
}

func (p *parser) notOperator() error {
	const known = "eq, ne, co, sw, ew, gt, ge, lt, le or pr"
	if p.token.sort == word {
		return p.errorAt(p.token, "this operator is not supported; expected "+known)
	}
	return p.errorAt(p.token, "expected an operator: "+known)
}

// value reads the literal at p.token, without going on.
func (p *parser) value() (tree.Value, error) {
	text := p.text[p.token.at:p.token.to]
	switch {
	case p.token.sort == quoted:
		return p.unquote(p.token)
	case p.token.sort != word:
		return nil, p.errorAt(p.token, `expected a value: a text in quotation marks, a number, true, false or null`)
	case p.isWord("true"):
		return true, nil
	case p.isWord("false"):
		return false, nil
	case p.isWord("null"):
		return nil, nil
	}
	if c := text[0]; c == '-' || '0' <= c && c <= '9' {
		if number, err := tree.Parse([]byte(text)); err == nil {
			return number, nil
		}
	}
	// Microsoft's documentation shows a filter like this one. A server that answers it with an empty list makes Entra
	// create the same person again (entra.md §1.2), so it must be an error.
	return nil, p.errorAt(p.token, "a text needs quotation marks, as in \"name\"")
}
