package httpserver

import (
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/extraordinary/provisioning/domain/fault"
)

// cleanPath refuses paths that two readers could understand as two addresses: one that is routed on what the other
// did not check is how SCIM servers were opened before (CVE-2026-32130).
func cleanPath(mounts mounts, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ambiguity := ambiguityOf(r); ambiguity != "" {
			mounts.fail(w, r, fault.New(fault.Syntax, "the address has %s; send it without", ambiguity))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ambiguityOf names what is wrong with r's path, or nothing.
func ambiguityOf(r *http.Request) string {
	decoded, encoded := r.URL.Path, strings.ToLower(r.URL.EscapedPath())
	switch {
	case !strings.HasPrefix(decoded, "/"):
		return "no slash at its beginning" // OPTIONS * and CONNECT
	case strings.Contains(encoded, "%2f"):
		return "an encoded slash"
	case strings.Contains(decoded, `\`):
		return "a backslash"
	case strings.Contains(decoded, "%"):
		return "something that is encoded twice"
	case strings.Contains(decoded, ";"):
		return "a semicolon"
	case !utf8.ValidString(decoded):
		return "bytes that are not UTF-8"
	case strings.ContainsFunc(decoded, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }):
		return "characters that nobody can see"
	}
	segments := strings.Split(decoded[1:], "/")
	for i, segment := range segments {
		switch {
		case segment == "." || segment == "..":
			return "a dot segment"
		case segment == "" && i < len(segments)-1:
			return "an empty segment"
		}
	}
	return ""
}
