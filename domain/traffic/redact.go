package traffic

import (
	"strings"
	"unicode"

	"github.com/extraordinary/provisioning/domain/tree"
)

// Redact hides what the log must not hold: of telephone numbers, addresses and e-mails only their length and the kinds of
// their characters stay, and of secrets nothing. Names, userName and the Employee ID are what the log is about.
func Redact(v tree.Value) tree.Value { return redact(v, "") }

// hiddenAttributes are those whose text is hidden, with all below them; names are compared in lower case.
var hiddenAttributes = map[string]bool{
	"phonenumbers": true, "addresses": true, "emails": true, "ims": true, "photos": true, "password": true, "x509certificates": true, "client_secret": true,
	"access_token": true, "profileurl": true,
}

func redact(v tree.Value, hiding string) tree.Value {
	switch v := v.(type) {
	case *tree.Object:
		o := tree.NewObject()
		path, _ := v.Get("path").(string) // of a PATCH operation: it says what the value is of
		below := hiding
		if hides(path) {
			below = "path"
		}
		for name, value := range v.All() {
			switch {
			case name == "path" || name == "op" || below != "" && (name == "type" || name == "primary"):
				o.Set(name, redactPath(name, value))
			case hides(name):
				o.Set(name, redact(value, name))
			case below != "" && (below == hiding || name == "value"):
				o.Set(name, redact(value, below))
			default:
				o.Set(name, redact(value, hiding))
			}
		}
		return o
	case tree.List:
		list := make(tree.List, len(v))
		for i, one := range v {
			list[i] = redact(one, hiding)
		}
		return list
	case string:
		if hiding != "" {
			return Mask(v)
		}
	}
	return v
}

// redactPath keeps a path, but for what a filter in it compares with.
func redactPath(name string, v tree.Value) tree.Value {
	text, ok := v.(string)
	if name != "path" || !ok || !hides(text) || !strings.Contains(text, `value eq "`) {
		return v
	}
	before, after, _ := strings.Cut(text, `value eq "`)
	compared, rest, _ := strings.Cut(after, `"`)
	return before + `value eq "` + Mask(compared) + `"` + rest
}

// hides reports whether a name, or a path that begins with one, is of what must be hidden.
func hides(path string) bool {
	path = path[strings.LastIndexByte(path, ':')+1:]
	if i := strings.IndexAny(path, ".["); i >= 0 {
		path = path[:i]
	}
	return hiddenAttributes[tree.LowerName(path)]
}

// Mask keeps the length of a text, the kinds of its characters, and of a long one the last two.
func Mask(text string) string {
	runes := []rune(text)
	for i, r := range runes {
		if len(runes) > 6 && i >= len(runes)-2 {
			break
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			runes[i] = '•'
		}
	}
	return string(runes)
}
