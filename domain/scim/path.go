package scim

import "strings"

// Path names an attribute or a sub-attribute: [URN:]Name[.Sub] (RFC 7644 §3.10). All of it is compared without
// regard to case. A path that is only a schema's URN has no Name, or has the URN's last part as its Name: which of
// the two was meant, only the schemas can tell, by comparing String with their ids.
type Path struct{ URN, Name, Sub string }

// String gives the path as it was written.
func (p Path) String() string {
	text := p.Name
	if p.URN != "" && p.Name != "" {
		text = p.URN + ":" + p.Name
	} else if p.URN != "" {
		text = p.URN
	}
	if p.Sub != "" {
		text += "." + p.Sub
	}
	return text
}

// PatchPath says what a PATCH operation targets (RFC 7644 §3.5.2, figure 7): an attribute or sub-attribute, and with
// a Filter only in those values of the attribute that the filter selects. Path.Sub is what comes last in either:
// emails[type eq "work"].value has the Path emails.value.
type PatchPath struct {
	Path
	Filter Filter // nil: all values
}

// String gives the path in its canonical form, which ParsePath reads back to the same.
func (p PatchPath) String() string {
	if p.Filter == nil {
		return p.Path.String()
	}
	text := Path{URN: p.URN, Name: p.Name}.String() + "[" + p.Filter.String() + "]"
	if p.Sub != "" {
		text += "." + p.Sub
	}
	return text
}

// splitPath reads an attribute path. bad is the index of the first byte that cannot be part of one, -1 if there is
// none.
func splitPath(word string) (path Path, bad int) {
	colon := strings.LastIndexByte(word, ':')
	if colon < 0 {
		return splitName(word)
	}
	if bad := notURI(word); bad >= 0 {
		return Path{}, bad
	}
	path, bad = splitName(word[colon+1:])
	if bad >= 0 {
		// The last part of a URN may be what no attribute is called: urn:example:payroll:1.0.
		return Path{URN: word}, -1
	}
	path.URN = word[:colon]
	return path, -1
}

func splitName(word string) (path Path, bad int) {
	name, sub, dotted := strings.Cut(word, ".")
	if bad := notName(name); bad >= 0 {
		return Path{}, bad
	}
	if !dotted {
		return Path{Name: name}, -1
	}
	if bad := notName(sub); bad >= 0 {
		return Path{}, len(name) + 1 + bad
	}
	return Path{Name: name, Sub: sub}, -1
}

// notName gives the index of the first byte that cannot be in an attribute name, -1 if there is none. RFC 7643 §2.1
// allows "$" in names, RFC 7644 figure 1 forgets it; and $ref begins with it in spite of both.
func notName(word string) int {
	for i := range len(word) {
		c := word[i]
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z', c == '$':
		case i > 0 && ('0' <= c && c <= '9' || c == '-' || c == '_'):
		default:
			return i
		}
	}
	if word == "" {
		return 0
	}
	return -1
}

// notURI gives the index of the first byte that cannot be in the URI of a schema, -1 if there is none. It is looser
// than RFC 3986, appendix A: a URI that no schema has is found out when it is looked for.
func notURI(word string) int {
	for i := range len(word) {
		c := word[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || c <= ' ' || c > '~' || strings.IndexByte(`"'\<>^{|}`+"`", c) >= 0) {
			return i
		}
	}
	if word[len(word)-1] == ':' {
		return len(word)
	}
	return -1
}
