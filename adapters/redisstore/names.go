package redisstore

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// Keys are hashed: whoever sees their names, in a monitor or a slow log, learns of nobody.

// tokenKey names a token, by the digest of its text.
func tokenKey(d credential.Digest) string { return "t:" + base64.RawURLEncoding.EncodeToString(d[:]) }

// clientKey names what is there once all tokens of a client were ended.
func clientKey(org organisation.ID, clientID string) string {
	return hashed("c:", string(org), clientID)
}

// secretKey names what is there once all tokens of one secret of a client were ended.
func secretKey(org organisation.ID, clientID, keyID string) string {
	return hashed("s:", string(org), clientID, keyID)
}

// organisationKey names what the gate must know of an organisation.
func organisationKey(org organisation.ID) string { return hashed("o:", string(org)) }

// bucketKey names the time at which a bucket is full again.
func bucketKey(b ports.Bucket) string { return hashed("r:", string(b.Limit), b.Subject) }

func hashed(kind string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return kind + base64.RawURLEncoding.EncodeToString(sum[:])
}
