package schema

import (
	"strconv"
	"strings"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/tree"
)

// simple checks one value of an attribute that is not complex (RFC 7643 §2.3) and gives it as it is kept: as it was
// sent, but for a boolean in words.
func (a *Attribute) simple(path string, v tree.Value) (tree.Value, error) {
	problem := ""
	switch a.Type {
	case Boolean:
		if b, ok := truth(v); ok {
			return b, nil
		}
		problem = "must be true or false"
	case Integer:
		if _, ok := integer(v); ok {
			return v, nil
		}
		problem = "must be a whole number of 64 bits, without quotes, point or exponent"
	case Decimal:
		if _, ok := float(v); ok {
			return v, nil
		}
		problem = "must be a number of 64 bits, without quotes"
	case DateTime:
		if _, ok := instant(v); ok {
			return v, nil
		}
		problem = "must be a date and time such as 2026-01-31T23:59:59Z"
	case Binary:
		if s, ok := v.(string); ok && base64(s) {
			return v, nil
		}
		problem = "must be a string in base64 without line breaks"
	case String, Reference:
		s, ok := v.(string)
		if ok {
			return v, a.wording(path, s)
		}
		problem = "must be a string"
		if _, ok := v.(tree.Number); ok {
			problem = "must be a string: put it in quotes"
		}
	case Complex: // element sees to it
	}
	if _, ok := v.(string); ok && a.Type != Integer && a.Type != Decimal {
		return nil, fault.New(fault.Invalid, "%s, and the string that was sent is not", problem).At(path)
	}
	return nil, fault.New(fault.Invalid, "%s, but %s was sent", problem, what(v)).At(path)
}

// wording holds what is asked of a string beyond its type.
func (a *Attribute) wording(path, s string) error {
	if a.Required && strings.TrimSpace(s) == "" {
		return fault.New(fault.Invalid, "must not be blank").At(path)
	}
	if r, found := illegible(s); a.legible && found {
		return fault.New(fault.Invalid, "holds the character U+%04X, which cannot be seen or is not assigned; take it out", r).At(path)
	}
	return nil
}

// what names the sort of a value, and not the value: it may be personal, and faults are shown and kept.
func what(v tree.Value) string {
	switch v.(type) {
	case bool:
		return "a boolean"
	case string:
		return "a string"
	case tree.Number:
		return "a number"
	case tree.List:
		return "a list"
	case *tree.Object:
		return "an object"
	default:
		return "null"
	}
}

// truth reads a boolean; Entra sends it as "True" and "False" too.
func truth(v tree.Value) (value, ok bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case string:
		if tree.SameName(v, "true") {
			return true, true
		}
		return false, tree.SameName(v, "false")
	}
	return false, false
}

func integer(v tree.Value) (int64, bool) {
	n, ok := v.(tree.Number)
	if !ok {
		return 0, false
	}
	i, err := strconv.ParseInt(string(n), 10, 64)
	return i, err == nil
}

func float(v tree.Value) (float64, bool) {
	n, ok := v.(tree.Number)
	if !ok {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(n), 64)
	return f, err == nil
}

// base64 reports whether s is in one of the alphabets of RFC 4648 §4 and §5; the padding may be left out (RFC 7643
// §2.3.6). The standard library would skip line breaks, which are not allowed.
func base64(s string) bool {
	digits := strings.TrimRight(s, "=")
	if padding := len(s) - len(digits); padding > 2 || padding > 0 && len(s)%4 != 0 || len(digits)%4 == 1 {
		return false
	}
	for i := range len(digits) {
		switch c := digits[i]; {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '+', c == '/', c == '-', c == '_':
		default:
			return false
		}
	}
	return !strings.ContainsAny(digits, "+/") || !strings.ContainsAny(digits, "-_")
}
