package credential

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"

	"github.com/extraordinary/provisioning/domain/fault"
)

// Keys hashes the texts of secrets. The first key signs, all verify: a key is rotated by putting a new one before it,
// and may go once no hash names it any more.
//
// A secret has 256 bits, so that one keyed SHA-256 is as strong as any slow hash (OWASP ASVS 5.0, 6.5.2), and a stolen
// database is worth nothing without the key.
type Keys struct{ all []key }

type key struct {
	id     string // eight hex digits, which say nothing of the key; a place in the list would change at each rotation
	secret []byte // derived for this one purpose
}

// NewKeys takes keys of 32 bytes. Faults: Invalid at "secret_keys".
func NewKeys(masters [][]byte) (Keys, error) {
	if len(masters) == 0 {
		return Keys{}, fault.New(fault.Invalid, "at least one key is needed").At("secret_keys")
	}
	var keys Keys
	for _, master := range masters {
		if len(master) != 32 {
			return Keys{}, fault.New(fault.Invalid, "each key has 32 bytes, this one %d", len(master)).At("secret_keys")
		}
		keys.all = append(keys.all, key{
			id:     hex.EncodeToString(mac(master, "key id"))[:8],
			secret: mac(master, "client secret"),
		})
	}
	return keys, nil
}

// mac has the key as its key and the text as its message, never the other way round: HMAC pads short keys, so that a
// secret and the same secret with a NUL behind it would be one.
func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func (k key) hash(text string) string {
	return "v" + k.id + ":" + hex.EncodeToString(mac(k.secret, text))
}

// Hash gives what is kept of a secret: "v", the id of the key, ":", 64 hex digits.
func (k Keys) Hash(text string) string { return k.all[0].hash(text) }

// absent is no hash of any text, and as long as one.
var absent = "v--------:" + strings.Repeat("-", 64)

// Match reports whether hash was made of text. It takes the same time whichever key made the hash, whether or not
// text is right, and for no hash at all (the empty one).
func (k Keys) Match(hash, text string) bool {
	if hash == "" {
		hash = absent
	}
	found := 0
	for _, key := range k.all {
		found |= subtle.ConstantTimeCompare([]byte(key.hash(text)), []byte(hash))
	}
	return found == 1
}

// Knows reports whether the key that made hash is among k.
func (k Keys) Knows(hash string) bool {
	for _, key := range k.all {
		if key.made(hash) {
			return true
		}
	}
	return false
}

// Current reports whether hash was made by the key that signs.
func (k Keys) Current(hash string) bool { return k.all[0].made(hash) }

func (k key) made(hash string) bool { return strings.HasPrefix(hash, "v"+k.id+":") }
