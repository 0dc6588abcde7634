// Package credential holds the client credentials (RFC 6749 §2.3.1) with which an organisation's identity provider
// signs in, and the access tokens they are exchanged for.
package credential

import (
	"slices"
	"time"

	"github.com/extraordinary/provisioning/domain/organisation"
)

// Scope is a permission of a token (RFC 6749 §3.3).
type Scope string

// The scopes. Nobody has one that is not here.
const (
	Read  Scope = "scim.read"
	Write Scope = "scim.write"
)

// MaxLive is how many secrets of one credential may be live at once: the old and the new while one is rotated.
const MaxLive = 2

// ClientCredential is what a client signs in with: an identifier and its secrets.
//
// Invariants: never more than MaxLive secrets are live; a revoked credential has no live secret and is never live
// again.
type ClientCredential struct {
	clientID     string
	organisation organisation.ID
	name         string
	scopes       []Scope
	created      time.Time
	revoked      time.Time // zero while not revoked
	secrets      []Secret
}

// Secret is one secret of a credential; of its text only the keyed hash is kept.
type Secret struct {
	KeyID    string // eight characters of the secret's text, no part of what is secret
	Hash     string // "v<key>:<64 hex digits>", see Keys.Hash
	Created  time.Time
	Expires  time.Time
	LastUsed time.Time // zero: never; exact to a minute
}

// Live reports whether s may be used at now.
func (s Secret) Live(now time.Time) bool { return now.Before(s.Expires) }

// Snapshot is a ClientCredential with open fields, for stores.
type Snapshot struct {
	ClientID         string
	Organisation     organisation.ID
	Name             string
	Scopes           []Scope
	Created, Revoked time.Time
	Secrets          []Secret
}

// Restore makes the credential that s was taken of.
func Restore(s Snapshot) *ClientCredential {
	return &ClientCredential{s.ClientID, s.Organisation, s.Name, slices.Clone(s.Scopes), s.Created, s.Revoked, slices.Clone(s.Secrets)}
}

// Snapshot gives c's fields.
func (c *ClientCredential) Snapshot() Snapshot {
	return Snapshot{c.clientID, c.organisation, c.name, slices.Clone(c.scopes), c.created, c.revoked, slices.Clone(c.secrets)}
}
