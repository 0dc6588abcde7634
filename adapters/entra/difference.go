package entra

import (
	"fmt"
	"strconv"
)

// Difference is something that the server holds otherwise than Entra left it. Want and Found are written for a reader:
// values stand in quotes.
type Difference struct {
	Object    string `json:"object"`
	ID        string `json:"id"`
	Attribute string `json:"attribute"` // empty: the whole resource
	Want      string `json:"want"`
	Found     string `json:"found"`
	Seen      string `json:"seen"` // the request that showed it
}

func (d *Difference) Error() string {
	what := d.Object
	if d.ID != "" {
		what += fmt.Sprintf(" (id %s)", printable(d.ID))
	}
	if d.Attribute != "" {
		what += ", " + d.Attribute
	}
	return fmt.Sprintf("%s: found %s, expected %s (%s)", what, d.Found, d.Want, d.Seen)
}

const (
	present = "present"
	absent  = "absent"
)

// shown is a value as a difference shows it.
func shown(value string, there bool) string {
	if !there {
		return absent
	}
	return strconv.Quote(printable(value))
}

// differ notes something that is not as expected.
func (a *account) differ(attribute, want, found, seen string) {
	a.differences = append(a.differences, Difference{a.label(), a.id, attribute, want, found, seen})
}

func (g *group) differ(attribute, want, found, seen string) {
	g.differences = append(g.differences, Difference{g.label(), g.id, attribute, want, found, seen})
}
