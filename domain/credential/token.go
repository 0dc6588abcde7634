package credential

import (
	"crypto/sha256"
	"io"
	"regexp"
	"slices"
	"time"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// Digest is the SHA-256 of an access token's text: all that a store ever sees of it.
type Digest [32]byte

// Token is what an access token stands for.
type Token struct {
	Organisation organisation.ID
	ClientID     string
	KeyID        string // of the secret it was granted for
	Scopes       []Scope
	Issued       time.Time
	Expires      time.Time
	RateLimit    organisation.RateLimit // of the organisation, at the time of reading
	Schemas      int                    // as organisation.Schemas, at the time of reading
	Paused       bool                   // the organisation's provisioning rests, at the time of reading
}

// Allows reports whether t has the scope. Scopes are compared whole: none includes another.
func (t Token) Allows(need Scope) bool { return slices.Contains(t.Scopes, need) }

// tokenForm is sat_, 256 random bits, the checksum.
var tokenForm = regexp.MustCompile(`^sat_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$`)

// NewToken makes the text of an access token. It is opaque: what it stands for is in the store alone, so that it can
// be ended at once.
func NewToken(random io.Reader) (text string, err error) {
	bits, err := draw(random, strong)
	if err != nil {
		return "", err
	}
	return seal("sat_" + bits), nil
}

// ParseToken gives the digest under which a token is kept. What cannot be a token of ours is found out without asking
// a store. Faults: Unauthorised.
func ParseToken(text string) (Digest, error) {
	if !tokenForm.MatchString(text) || !sealed(text) {
		return Digest{}, fault.New(fault.Unauthorised, "this is no access token of ours; fetch one from the token endpoint")
	}
	return sha256.Sum256([]byte(text)), nil
}
