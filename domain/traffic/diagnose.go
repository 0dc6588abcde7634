package traffic

import (
	"regexp"
	"strings"
	"time"

	"github.com/extraordinary/provisioning/domain/employeeid"
	"github.com/extraordinary/provisioning/domain/tree"
)

// Raw is a SCIM request as it was served, with the beginning of what was sent and answered.
type Raw struct {
	ID       string
	At       time.Time
	ClientID string
	KeyID    string
	Method   string
	Path     string // below the prefix, without a query: /Users/0190…
	Route    string // its template: /Users/{id}; empty if nothing is there
	Filter   string // as it was sent
	Status   int
	Request  []byte
	Response []byte
	Trace    string
	Theirs   string
}

// Most is how much of a request and of its answer is looked at, in bytes.
const Most = 16 << 10

// Diagnose says in our own words what r was and what became of it. What r does not say by itself, the caller adds: the
// name of who was changed without being named, and which value was there before.
func Diagnose(r Raw) Exchange {
	e := Exchange{
		ID: r.ID, At: r.At, ClientID: r.ClientID, KeyID: r.KeyID, Method: r.Method, Path: r.Path, Status: r.Status,
		Trace: r.Trace, Theirs: r.Theirs, Count: 1, About: Connection, Outcome: Done,
	}
	read := r.Method == "GET" && r.Status < 400
	var sent, answered *tree.Object
	if !read || guid.MatchString(compared(r.Filter)) { // most requests are look-ups, and say all in their filter
		sent, answered = object(r.Request), object(r.Response)
	}
	if !read {
		e.Request, e.Response = redacted(sent), redacted(answered)
	}
	switch {
	case strings.HasPrefix(r.Route, "/Users"):
		e.About = Person
	case strings.HasPrefix(r.Route, "/Groups"):
		e.About = Group
	}
	if id, ok := strings.CutPrefix(r.Path, "/Users/"); ok && e.About == Person && r.Route == "/Users/{id}" {
		e.Subject = id
	} else if id, ok := strings.CutPrefix(r.Path, "/Groups/"); ok && r.Route == "/Groups/{id}" {
		e.Subject = id
	}
	if id, ok := answered.Get("id").(string); ok && e.Subject == "" && r.Status < 300 && e.About != Connection && r.Method == "POST" {
		e.Subject = id
	}
	e.Name = nameOf(answered, sent)
	e.Act = act(r, e, sent, answered)
	if e.Act == LookedFor || e.Act == Tested {
		e.Name = compared(r.Filter)
	}
	if r.Status >= 400 {
		e.refuse(r, sent, answered)
	} else if e.About == Person && e.Act.Writes() && e.Act != Deleted {
		e.note(sent, answered)
	}
	return e
}

func object(text []byte) *tree.Object {
	v, err := tree.Parse(text)
	if err != nil {
		return nil
	}
	o, _ := v.(*tree.Object)
	return o
}

func redacted(o *tree.Object) string {
	if o == nil {
		return ""
	}
	return string(tree.Append(nil, Redact(o)))
}

// nameOf is what a person or group is called, as far as a message says.
func nameOf(messages ...*tree.Object) string {
	for _, o := range messages {
		for _, path := range [][]string{{"displayName"}, {"name", "formatted"}, {"userName"}} {
			if text := textAt(o, path...); text != "" {
				return text
			}
		}
		if given, family := textAt(o, "name", "givenName"), textAt(o, "name", "familyName"); given+family != "" {
			return strings.TrimSpace(given + " " + family)
		}
	}
	return ""
}

func textAt(o *tree.Object, path ...string) string {
	var v tree.Value = o
	for _, name := range path {
		below, ok := v.(*tree.Object)
		if !ok {
			return ""
		}
		v = below.Get(name)
	}
	text, _ := v.(string)
	return text
}

// literal finds what a filter compares with.
var literal = regexp.MustCompile(`(?i)\s(?:eq|sw|co|ew)\s+"((?:[^"\\]|\\.)*)"`)

func compared(filter string) string {
	if found := literal.FindStringSubmatch(filter); found != nil {
		if v, err := tree.Parse([]byte(`"` + found[1] + `"`)); err == nil {
			if text, ok := v.(string); ok {
				return text
			}
		}
	}
	return ""
}

var guid = regexp.MustCompile(`(?i)^\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?$`)

func act(r Raw, e Exchange, sent, answered *tree.Object) Act {
	switch {
	case r.Route == "/Bulk":
		return Many
	case e.About == Connection:
		return Other
	case r.Method == "POST" && strings.HasSuffix(r.Route, "/.search"), r.Method == "GET" && e.Subject == "":
		// Entra tests a connection, and begins each cycle, by looking for a random GUID.
		if total, _ := answered.Get("totalResults").(tree.Number); total == "0" && guid.MatchString(compared(r.Filter)) {
			return Tested
		}
		return LookedFor
	case r.Method == "GET", r.Method == "HEAD":
		return Read
	case r.Method == "POST":
		return Created
	case r.Method == "DELETE":
		return Deleted
	case e.About == Group && onlyMembers(sent):
		return Members
	case e.About == Person:
		if active, said := activeIn(sent); said {
			if active {
				return SwitchedOn
			}
			return SwitchedOff
		}
	}
	return Changed
}

// operations gives the operations of a PATCH.
func operations(sent *tree.Object) (all []*tree.Object) {
	for name, v := range sent.All() {
		if list, ok := v.(tree.List); ok && tree.LowerName(name) == "operations" {
			for _, one := range list {
				if o, ok := one.(*tree.Object); ok {
					all = append(all, o)
				}
			}
		}
	}
	return all
}

func onlyMembers(sent *tree.Object) bool {
	all := operations(sent)
	for _, o := range all {
		if path, _ := o.Get("path").(string); !strings.HasPrefix(tree.LowerName(path), "members") {
			return false
		}
	}
	return len(all) > 0
}

// activeIn is what a PATCH that is about nothing else says of "active".
func activeIn(sent *tree.Object) (active, said bool) {
	all := operations(sent)
	if len(all) != 1 {
		return false, false
	}
	v := all[0].Get("value")
	if path, _ := all[0].Get("path").(string); path == "" {
		o, _ := v.(*tree.Object)
		if o.Len() != 1 {
			return false, false
		}
		v = o.Get("active")
	} else if tree.LowerName(path) != "active" {
		return false, false
	}
	switch v := v.(type) {
	case bool:
		return v, true
	case string: // Entra writes it so
		word := tree.LowerName(v)
		return word == "true", word == "true" || word == "false"
	}
	return false, false
}

// refuse says why a request was refused.
func (e *Exchange) refuse(r Raw, sent, answered *tree.Object) {
	e.Outcome = Refused
	detail := textAt(answered, "detail")
	kind := textAt(answered, "scimType")
	code := ValueRefused
	e.Detail = strings.TrimSuffix(detail, ".")
	switch {
	case r.Status == 503 && strings.HasPrefix(detail, "Paused"):
		code = Paused
	case r.Status >= 500 && r.Status != 501:
		e.Outcome, code = Failed, OurFault
	case r.Status == 429:
		code = TooMany
	case r.Status == 404 && e.Subject == "":
		code, e.Detail = AddressWrong, "/scim/v2"+r.Path
	case r.Status == 404:
		code = PersonGone
	case kind == "uniqueness" && e.About == Group:
		code, e.Detail = GroupTaken, textAt(sent, "displayName")
	case kind == "uniqueness":
		code, e.Detail = UserNameTaken, userNameIn(sent)
	case kind == "invalidFilter", kind == "tooMany", r.Status == 403 && r.Filter != "":
		code = FilterRefused
	case e.About == Group && strings.HasPrefix(detail, "members"):
		code = MemberUnknown
	}
	e.Codes = []Code{code}
}

func userNameIn(sent *tree.Object) string {
	if name := textAt(sent, "userName"); name != "" {
		return name
	}
	for _, o := range operations(sent) {
		path, _ := o.Get("path").(string)
		if text, ok := o.Get("value").(string); ok && tree.LowerName(path) == "username" {
			return text
		}
		if below, ok := o.Get("value").(*tree.Object); ok && path == "" {
			if text := textAt(below, "userName"); text != "" {
				return text
			}
		}
	}
	return ""
}

// note says what is worth a note at a person who was written. answered is the person as they are now.
func (e *Exchange) note(sent, answered *tree.Object) {
	if answered == nil {
		return
	}
	id := textAt(answered, "externalId")
	if found := employeeid.Alone(employeeid.Holder{ID: id, UserName: textAt(answered, "userName")}); found != "" {
		e.add(Code(found), id) // they have the same names
	}
	if list, ok := answered.Get("emails").(tree.List); ok {
		for _, one := range list {
			if o, ok := one.(*tree.Object); ok && textAt(o, "type") == "" && textAt(o, "value") != "" {
				e.add(EmailNoType, "")
				break
			}
		}
	}
	if lost := notKept(sent, answered); lost != "" {
		e.add(NotKept, lost)
	}
}

// Add notes another code; the exchange was done.
func (e *Exchange) Add(c Code, detail string) { e.add(c, detail) }

func (e *Exchange) add(c Code, detail string) {
	if len(e.Codes) == 0 {
		e.Outcome, e.Detail = Noted, detail
	}
	e.Codes = append(e.Codes, c)
}

// notKept finds an attribute that was sent with a value and is not there any more.
func notKept(sent, answered *tree.Object) string {
	names := map[string]bool{"schemas": true, "id": true, "meta": true, "password": true, "operations": true, "groups": true}
	for name := range answered.All() {
		names[tree.LowerName(name)] = true
	}
	for name, v := range sent.All() {
		if !names[tree.LowerName(name)] && v != nil && v != "" && !strings.HasPrefix(tree.LowerName(name), "urn:") {
			return name
		}
	}
	for _, o := range operations(sent) {
		op, _ := o.Get("op").(string)
		path, _ := o.Get("path").(string)
		if i := strings.IndexAny(path, ".["); i >= 0 {
			path = path[:i]
		}
		if v := o.Get("value"); path != "" && !strings.Contains(path, ":") && tree.LowerName(op) != "remove" && v != nil && v != "" && !names[tree.LowerName(path)] {
			return path
		}
	}
	return ""
}

// NameOf is what the person or group of a document is called.
func NameOf(document []byte) string { return nameOf(object(document)) }
