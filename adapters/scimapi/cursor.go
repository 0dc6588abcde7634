package scimapi

import (
	"net/url"
	"strconv"

	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

// readCursor reads where a page of a walk begins: at the beginning, if the cursor is empty (RFC 9865 §2). The page size
// of the whole walk is that of its first page. Faults: InvalidCursor, ExpiredCursor, InvalidCount, each at what is to
// blame.
func (a *API) readCursor(l *listing, values url.Values, kind string, who provisioning.Caller) error {
	if values.Has("startIndex") {
		return fault.New(fault.InvalidCursor, "a page is named by cursor or by startIndex; send one of them").At("cursor")
	}
	l.Walk = true
	l.bound = scim.Listing{Organisation: string(who.Organisation), Type: kind, Filter: l.Filter, Order: l.Order, Count: l.Limit}
	cursor := values.Get("cursor")
	if cursor == "" {
		return nil
	}
	after, err := a.cursors.Open(cursor, l.bound, a.now())
	l.After = &after
	return err
}

// listed begins the answer to a listing; the resources and "]}" follow. A page of a walk has no number: its answer says
// where the next one begins, and the last says nothing (RFC 9865 §2).
func (a *API) listed(l listing, total, size int, next *scim.Position) []byte {
	if !l.Walk {
		return list(total, l.Offset+1, size)
	}
	head := object(
		member("schemas", tree.List{listURN}), member("totalResults", integer(total)), member("itemsPerPage", integer(size)),
	)
	if next != nil {
		head.Set("nextCursor", a.cursors.Seal(l.bound, *next, a.now()))
	}
	begun := tree.Append(nil, head)
	return append(begun[:len(begun)-1], `,"Resources":[`...)
}

func integer(n int) tree.Number { return tree.Number(strconv.Itoa(n)) }
