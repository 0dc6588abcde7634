package scimapi

import (
	"bufio"
	"bytes"
	"net/http"
	"strconv"
	"time"

	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

const (
	mediaType = "application/scim+json;charset=utf-8"
	listURN   = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
)

// send writes a whole answer.
func send(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body) //nolint:errcheck // JSON that says so, with nosniff; a client who has gone cannot be told
}

// one begins a resource: the stored text of its attributes with the id put into it; meta ends it. The text is not
// parsed, since a page of a hundred resources is rendered for each look-up.
func one(dst []byte, d directory.Document) []byte {
	// Body begins with the schemas (directory.Resource); id goes behind them, where readers look for it.
	end := bytes.IndexByte(d.Body, ']') + 1
	dst = append(dst, d.Body[:end]...)
	dst = append(dst, `,"id":"`...)
	dst = append(dst, d.ID...)
	dst = append(dst, '"')
	return append(dst, d.Body[end:len(d.Body)-1]...)
}

// meta closes the object that one began (RFC 7643 §3.1).
func (a *API) meta(dst []byte, t *schema.ResourceType, d directory.Document) []byte {
	dst = append(dst, `,"meta":{"resourceType":"`...)
	dst = append(dst, t.Name...)
	dst = append(dst, `","created":"`...)
	dst = d.Created.UTC().AppendFormat(dst, time.RFC3339Nano)
	dst = append(dst, `","lastModified":"`...)
	dst = d.Modified.UTC().AppendFormat(dst, time.RFC3339Nano)
	dst = append(dst, `","location":"`...)
	dst = append(dst, a.location(t, d.ID)...)
	dst = append(dst, `","version":`...)
	dst = tree.Append(dst, d.ETag())
	return append(dst, "}}"...)
}

func (a *API) location(t *schema.ResourceType, id directory.ID) string {
	return a.base + t.Endpoint + "/" + string(id)
}

// reference renders one member of a group, or one group of a user.
func (a *API) reference(dst []byte, t *schema.ResourceType, m directory.Member) []byte {
	dst = append(dst, `{"value":"`...)
	dst = append(dst, m.ID...)
	dst = append(dst, `","$ref":"`...)
	dst = append(dst, a.location(t, m.ID)...)
	if m.Display != "" {
		dst = append(dst, `","display":`...)
		dst = tree.Append(dst, m.Display)
		dst = append(dst, `,"type":"`...)
	} else {
		dst = append(dst, `","type":"`...)
	}
	dst = append(dst, m.Type...)
	return append(dst, `"}`...)
}

// renderUser appends a user as p wants it. groups is read-only and stands in other rows (RFC 7643 §4.1.2).
func (a *API) renderUser(dst []byte, p scim.Projection, d directory.Document, groups []directory.Member) []byte {
	begin := len(dst)
	dst = one(dst, d)
	for i, g := range groups {
		if i == 0 {
			dst = append(dst, `,"groups":[`...)
		} else {
			dst = append(dst, ',')
		}
		dst = a.reference(dst, a.group, g)
		if i == len(groups)-1 {
			dst = append(dst, ']')
		}
	}
	dst = a.meta(dst, a.user, d)
	return project(dst, begin, a.user, p)
}

// renderGroup writes a group as p wants it to w, without members if of is nil. They go out as they are read, whatever p
// wants of them, so that a group of any size takes the same memory.
func (a *API) renderGroup(w *bufio.Writer, p scim.Projection, d directory.Document, of provisioning.MembersOf) error {
	if of == nil || p.Omits("members") {
		of = func(directory.ID, func(directory.Member) error) error { return nil }
	}
	begun, end := one(nil, d), a.meta(nil, a.group, d)
	if !p.Whole() && !p.WholeBut("members") {
		whole := project(append(begun, end...), 0, a.group, p)
		begun, end = whole[:len(whole)-1], []byte{'}'}
	}
	if _, err := w.Write(begun); err != nil {
		return err
	}
	if err := a.writeMembers(w, p, d.ID, of); err != nil {
		return err
	}
	_, err := w.Write(end)
	return err
}

func (a *API) writeMembers(w *bufio.Writer, p scim.Projection, group directory.ID, of provisioning.MembersOf) error {
	const begin, end = `{"members":[`, `]}`
	separator := `,"members":[`
	var alone []byte // a group of one member, which p can be asked about
	err := of(group, func(m directory.Member) error {
		kind := a.user
		if m.Type == directory.IsGroup {
			kind = a.group
		}
		alone = append(a.reference(append(alone[:0], begin...), kind, m), end...)
		alone = project(alone, 0, a.group, p)
		if len(alone) < len(begin) {
			return nil // nothing of it is wanted
		}
		w.WriteString(separator) //nolint:errcheck // bufio keeps the error for the next
		separator = ","
		_, err := w.Write(alone[len(begin) : len(alone)-len(end)])
		return err
	})
	if err == nil && separator == "," {
		err = w.WriteByte(']')
	}
	return err
}

// project gives dst with the resource that begins there cut down to what p wants.
func project(dst []byte, begin int, t *schema.ResourceType, p scim.Projection) []byte {
	if p.Whole() {
		return dst
	}
	value, err := tree.Parse(dst[begin:])
	whole, ok := value.(*tree.Object)
	if err != nil || !ok {
		panic("scimapi: what we rendered is no JSON object")
	}
	return tree.Append(dst[:begin], p.Apply(t, whole))
}

// list begins a ListResponse (RFC 7644 §3.4.2); the resources and "]}" follow.
func list(total, start, size int) []byte {
	dst := []byte(`{"schemas":["` + listURN + `"],"totalResults":`)
	dst = strconv.AppendInt(dst, int64(total), 10)
	dst = append(dst, `,"startIndex":`...)
	dst = strconv.AppendInt(dst, int64(start), 10)
	dst = append(dst, `,"itemsPerPage":`...)
	dst = strconv.AppendInt(dst, int64(size), 10)
	return append(dst, `,"Resources":[`...)
}
