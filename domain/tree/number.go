package tree

import (
	"strconv"
	"strings"
)

// equal compares by value and without big numbers: a hostile exponent would make them a billion digits long.
func (n Number) equal(m Number) bool {
	if n == m {
		return true
	}
	a, ok := n.decimal()
	if !ok {
		return false
	}
	b, ok := m.decimal()
	return ok && a == b
}

// decimal is a number as ±0.DIGITS × 10^exponent. The digits neither begin nor end with a zero, so that equal
// numbers have equal decimals; zero has no digits.
type decimal struct {
	negative bool
	digits   string
	exponent int64
}

// decimal reports false for an exponent that fits no int32; nobody's value has one.
func (n Number) decimal() (decimal, bool) {
	mantissa, negative := strings.CutPrefix(string(n), "-")
	var exponent int64
	if i := strings.IndexAny(mantissa, "eE"); i >= 0 {
		e, err := strconv.ParseInt(mantissa[i+1:], 10, 32)
		if err != nil {
			return decimal{}, false
		}
		mantissa, exponent = mantissa[:i], e
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	exponent += int64(len(whole))
	digits := whole + fraction
	significant := strings.TrimLeft(digits, "0")
	exponent -= int64(len(digits) - len(significant))
	significant = strings.TrimRight(significant, "0")
	if significant == "" {
		return decimal{}, true
	}
	return decimal{negative, significant, exponent}, true
}
