package sqlstore

import (
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/scim"
)

var signs = map[scim.Op]string{ //nolint:exhaustive // the others compare parts of texts, below
	scim.Equal: "? = ?", scim.Greater: "? > ?", scim.GreaterOrEqual: "? >= ?", scim.Less: "? < ?", scim.LessOrEqual: "? <= ?",
}

// compare holds x, which is NULL if there is no value, against t.
func compare(json JSON, x Expression, t scim.Term) Expression {
	if sign, ok := signs[t.Op]; ok {
		return bun.SafeQuery(sign, x, json.Literal(t.Value))
	}
	part, _ := t.Value.(string)
	switch {
	case part == "":
		return bun.SafeQuery("? IS NOT NULL", x)
	case t.Op == scim.StartsWith:
		return startsWith(json, x, part)
	case t.Op == scim.EndsWith:
		return json.Ends(x, part)
	case t.Op == scim.Contains:
		return json.Contains(x, part)
	}
	return never
}

// startsWith is a range, which an index can find: what begins with "ab" is neither before "ab" nor after "ac".
func startsWith(json JSON, x Expression, part string) Expression {
	begins := bun.SafeQuery("? >= ?", x, json.Literal(part))
	if end := after(part); end != "" {
		return bun.SafeQuery("(? AND ? < ?)", begins, x, json.Literal(end))
	}
	return begins
}

// after gives the first string behind all that begin with part, "" if there is none. The order of UTF-8's bytes is
// that of the code points.
func after(part string) string {
	for part != "" {
		last, size := utf8.DecodeLastRuneInString(part)
		part = part[:len(part)-size]
		switch {
		case last == utf8.MaxRune:
			continue
		case last == 0xD7FF:
			return part + "\uE000" // between them are the halves of surrogate pairs, which no string has
		}
		return part + string(last+1)
	}
	return ""
}

// compareTime holds a column of microseconds against a time that may lie between two of them.
func compareTime(column string, t scim.Term) Expression {
	text, _ := t.Value.(string)
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return never
	}
	exact, op := at.Nanosecond()%1000 == 0, t.Op
	switch {
	case exact:
	case op == scim.Equal:
		return never
	case op == scim.GreaterOrEqual:
		op = scim.Greater
	case op == scim.Less:
		op = scim.LessOrEqual
	}
	sign, ok := signs[op]
	if !ok {
		return never
	}
	return bun.SafeQuery(sign, bun.SafeQuery(column), micros(at))
}
