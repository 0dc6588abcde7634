package tree

// SameName reports whether a and b name the same member or attribute. Only the letters A to Z fold (RFC 7643 §2.1
// says US-ASCII): strings.EqualFold would take the Kelvin sign for a k and let one name stand twice.
func SameName(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if a[i] != b[i] && lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

// LowerName gives the one spelling that all names have which are the same by SameName.
func LowerName(name string) string {
	for i := range len(name) {
		if lower(name[i]) != name[i] {
			return lowerFrom(name, i)
		}
	}
	return name
}

func lowerFrom(name string, first int) string {
	b := []byte(name)
	for i := first; i < len(b); i++ {
		b[i] = lower(b[i])
	}
	return string(b)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}
