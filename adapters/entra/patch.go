package entra

import "strings"

// patch is the body of a PATCH (RFC 7644 §3.5.2).
type patch struct {
	Schemas    []string    `json:"schemas"`
	Operations []operation `json:"Operations"`
}

type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path,omitempty"`
	Value any    `json:"value,omitempty"`
}

const (
	opAdd     = "Add"
	opReplace = "Replace"
	opRemove  = "Remove"
)

// change is one attribute that the server does not hold as Entra has it.
type change struct {
	attribute
	op string // opAdd or opReplace
}

// changes compares what a should be with what was found. What is absent is added; but where a value of a type is
// absent, Entra was seen to send Replace as well (entra.md 1.3), so half of the people get that.
func (a *account) changes(found *resource, replaceTyped bool) []change {
	var all []change
	for _, want := range a.attributes() {
		value, present := found.value(want.path)
		switch {
		case present && value == want.value:
		case present, replaceTyped && strings.Contains(want.path, "["):
			all = append(all, change{want, opReplace})
		default:
			all = append(all, change{want, opAdd})
		}
	}
	return all
}

// patch puts changes of attributes into the form of the dialect.
func (d Dialect) patch(changes []change) patch {
	if d == DialectOptscim {
		return patch{Schemas: []string{patchSchema}, Operations: folded(changes)}
	}
	p := patch{Schemas: []string{patchSchema}}
	for _, c := range changes {
		p.Operations = append(p.Operations, operation{c.op, c.path, c.value}) // active too is a string here
	}
	return p
}

// folded is the form under the flag: the elements of multi-valued attributes and the boolean active as operations of
// their own, then what is single in one operation without a path, unless there is only one of it (entra.md 1.4).
func folded(changes []change) []operation {
	var all []operation
	single := map[string][]change{}
	for _, c := range changes {
		op := strings.ToLower(c.op)
		switch {
		case c.path == pathActive:
			all = append(all, operation{op, c.path, c.value == activity(true).String()})
		case strings.Contains(c.path, "["):
			all = append(all, operation{op, c.path, c.value})
		default:
			single[op] = append(single[op], c)
		}
	}
	for _, op := range []string{"add", "replace"} {
		switch of := single[op]; len(of) {
		case 0:
		case 1:
			all = append(all, operation{op, of[0].path, of[0].value})
		default:
			values := make(map[string]string, len(of))
			for _, c := range of {
				values[c.path] = c.value
			}
			all = append(all, operation{Op: op, Value: values})
		}
	}
	return all
}

// memberValue is how Entra writes a reference: with a $ref that it leaves null for members.
type memberValue struct {
	Ref   *string `json:"$ref"`
	Value string  `json:"value"`
}

func (d Dialect) addMembers(ids []string) patch {
	return patch{Schemas: []string{patchSchema}, Operations: []operation{{d.op(opAdd), "members", memberValues(ids)}}}
}

// removeMembers names whom to remove in the value, which RFC 7644 does not know, or under the flag in the path.
func (d Dialect) removeMembers(ids []string) patch {
	p := patch{Schemas: []string{patchSchema}}
	if d != DialectOptscim {
		p.Operations = []operation{{opRemove, "members", memberValues(ids)}}
		return p
	}
	for _, id := range ids {
		p.Operations = append(p.Operations, operation{Op: "remove", Path: "members[" + equals("value", id) + "]"})
	}
	return p
}

func memberValues(ids []string) []memberValue {
	values := make([]memberValue, len(ids))
	for i, id := range ids {
		values[i].Value = id
	}
	return values
}

// setManager has Microsoft's form of the request by default: an array in a single-valued attribute. Under the flag it
// is the bare id, the other form that was seen (entra.md 1.3).
func (d Dialect) setManager(id, ref string) patch {
	op := operation{d.op(opAdd), enterpriseSchema + ":manager", any(id)}
	if d != DialectOptscim {
		op.Path, op.Value = "manager", []memberValue{{Ref: &ref, Value: id}}
	}
	return patch{Schemas: []string{patchSchema}, Operations: []operation{op}}
}

func (d Dialect) op(name string) string {
	if d == DialectOptscim {
		return strings.ToLower(name)
	}
	return name
}
