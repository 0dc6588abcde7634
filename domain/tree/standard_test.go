package tree_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/extraordinary/provisioning/domain/tree"
)

var oddEscape = regexp.MustCompile(`\\u(?:0000|[dD][89a-fA-F])`)

// stricter reports whether one of the rules applies that Parse has and RFC 8259 has not. data is valid JSON.
func stricter(data []byte) bool {
	if !utf8.Valid(data) || oddEscape.Match(data) {
		return true
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	type level struct {
		names []string // nil in a list
		name  bool     // the next string is a name
	}
	var open []level
	for {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		top := len(open) - 1
		if s, ok := token.(string); ok {
			if len(s) > tree.MaxString {
				return true
			}
			if top >= 0 && open[top].name {
				folded := strings.Map(func(r rune) rune {
					if 'A' <= r && r <= 'Z' {
						return r + 32
					}
					return r
				}, s)
				if slices.Contains(open[top].names, folded) {
					return true
				}
				open[top].names, open[top].name = append(open[top].names, folded), false
				continue
			}
		}
		if n, ok := token.(json.Number); ok && len(n) > tree.MaxNumber {
			return true
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			open = append(open, level{name: token == json.Delim('{'), names: []string{}})
			if token == json.Delim('[') {
				open[len(open)-1].names = nil
			}
			if len(open) > tree.MaxDepth {
				return true
			}
			continue
		case json.Delim('}'), json.Delim(']'):
			open = open[:top]
			top--
		}
		if top >= 0 && open[top].names != nil {
			open[top].name = true
		}
	}
}

// standard reads data as encoding/json does.
func standard(t *testing.T, data []byte) tree.Value {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return converted(v)
}

func converted(v any) tree.Value {
	switch v := v.(type) {
	case json.Number:
		return tree.Number(v)
	case []any:
		l := make(tree.List, len(v))
		for i, e := range v {
			l[i] = converted(e)
		}
		return l
	case map[string]any:
		o := tree.NewObject()
		for name, e := range v {
			o.Set(name, converted(e))
		}
		return o
	default:
		return v
	}
}
