package scim

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/tree"
)

// CursorLife is how long a cursor may be used.
const CursorLife = time.Hour

// Cursors seals the places where pages begin into cursors, and opens them (RFC 9865). A cursor holds all that is
// needed, so that nothing is kept for it and any replica can go on. The first key seals, all open.
//
// A cursor is encrypted, for it holds the value of an attribute; and whoever changes a bit of it, or takes it to
// another listing, has one that does not open.
type Cursors struct{ keys []cursorKey }

type cursorKey struct {
	seal  cipher.AEAD
	nonce []byte
}

// Listing is what a cursor is good for: one query of one organisation.
type Listing struct {
	Organisation string
	Type         string // of the resources
	Filter       Filter // nil: all
	Order        Order
	Count        int // size of a page
}

// NewCursors takes master keys of 32 bytes, from which keys for this one purpose are derived. Faults: Invalid at
// "secret_keys".
func NewCursors(masters [][]byte) (*Cursors, error) {
	if len(masters) == 0 {
		return nil, fault.New(fault.Invalid, "at least one key is needed").At("secret_keys")
	}
	var c Cursors
	for _, master := range masters {
		if len(master) != 32 {
			return nil, fault.New(fault.Invalid, "each key has 32 bytes, this one %d", len(master)).At("secret_keys")
		}
		block, err := aes.NewCipher(keyed(master, []byte("page cursor")))
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err)
		}
		seal, err := cipher.NewGCM(block)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err)
		}
		c.keys = append(c.keys, cursorKey{seal, keyed(master, []byte("page cursor nonce"))})
	}
	return &c, nil
}

func keyed(key []byte, text []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(text)
	return h.Sum(nil)
}

// Seal gives the cursor of the page of l that begins behind p. It has letters, digits, "-" and "_" alone.
func (c *Cursors) Seal(l Listing, p Position, now time.Time) string {
	text := tree.Append(nil, tree.List{number(now.Unix()), number(int64(l.Count)), p.ID, p.Key})
	bound := l.bound()
	key := c.keys[0]
	// The nonce follows from what is sealed, so that no two texts ever share one by bad luck of a random source.
	nonce := keyed(key.nonce, append(append([]byte{}, bound...), text...))[:key.seal.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(key.seal.Seal(nonce, nonce, text, bound))
}

// Open gives the position in a cursor. Faults: InvalidCursor if it was not sealed for l, ExpiredCursor, InvalidCount
// if only the count is another one.
func (c *Cursors) Open(cursor string, l Listing, now time.Time) (Position, error) {
	at, count, p, ok := c.unseal(cursor, l)
	switch {
	case !ok:
		return Position{}, fault.New(fault.InvalidCursor, "is none of ours for this query; send the nextCursor of the page before with the same parameters, or nothing for the first page").At("cursor")
	case now.Sub(at) > CursorLife:
		return Position{}, fault.New(fault.ExpiredCursor, "is older than %s; begin again with an empty one", CursorLife).At("cursor")
	case count != l.Count:
		return Position{}, fault.New(fault.InvalidCount, "was %d on the first page; send the same for each", count).At("count")
	}
	return p, nil
}

func (c *Cursors) unseal(cursor string, l Listing) (at time.Time, count int, p Position, ok bool) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || strings.ContainsAny(cursor, "\r\n") { // which base64 passes over
		return at, 0, p, false
	}
	for _, key := range c.keys {
		size := key.seal.NonceSize()
		if len(sealed) < size {
			return at, 0, p, false
		}
		text, err := key.seal.Open(nil, sealed[:size], sealed[size:], l.bound())
		if err != nil {
			continue
		}
		return readCursor(text)
	}
	return at, 0, p, false
}

func readCursor(text []byte) (at time.Time, count int, p Position, ok bool) {
	value, _ := tree.Parse(text)
	list, _ := value.(tree.List)
	if len(list) != 4 {
		return at, 0, p, false
	}
	seconds, _ := list[0].(tree.Number)
	size, _ := list[1].(tree.Number)
	unix, err := strconv.ParseInt(string(seconds), 10, 64)
	if err != nil {
		return at, 0, p, false
	}
	if count, err = strconv.Atoi(string(size)); err != nil {
		return at, 0, p, false
	}
	p.ID, ok = list[2].(string)
	p.Key = list[3]
	return time.Unix(unix, 0), count, p, ok
}

// bound is what a cursor does not hold and is good for nothing without. The filter is in its canonical form, so that a
// client may write a space more, or names in other letters as RFC 9865 §2 itself does.
func (l Listing) bound() []byte {
	filter := tree.Value(nil)
	if l.Filter != nil {
		filter = sameText(l.Filter)
	}
	return tree.Append(nil, tree.List{l.Organisation, l.Type, filter, l.Order.String()})
}

func number(n int64) tree.Number { return tree.Number(strconv.FormatInt(n, 10)) }
