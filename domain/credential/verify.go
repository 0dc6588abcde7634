package credential

import "time"

// Outcome is what became of a secret that was shown.
type Outcome int

// The outcomes. Wrong is the zero one: what was forgotten lets nobody in.
const (
	Wrong   Outcome = iota // no such client, or not its secret
	Right                  // it may come in
	Expired                // the secret is right and past its end
	Revoked                // the secret is right and its credential was revoked
	KeyGone                // the key that the secret was hashed with is none of ours any more: our own fault, not the client's
)

// Verify checks a secret and says which it is. c may be nil, which stands for a client that does not exist: it is
// always Wrong, after the same work as for one that does.
func (c *ClientCredential) Verify(text string, keys Keys, now time.Time) (Secret, Outcome) {
	keyID, _ := ParseSecret(text) // of what is no secret it is "", and finds none
	s := c.secret(keyID)
	right := keys.Match(s.Hash, text)
	switch {
	case !right && s.Hash != "" && !keys.Knows(s.Hash):
		return s, KeyGone
	case !right:
		return Secret{}, Wrong
	case !c.revoked.IsZero():
		return s, Revoked
	case !s.Live(now):
		return s, Expired
	}
	return s, Right
}

// secret finds the one with keyID; an empty one if there is none.
func (c *ClientCredential) secret(keyID string) Secret {
	if c != nil {
		for _, s := range c.secrets {
			if s.KeyID == keyID {
				return s
			}
		}
	}
	return Secret{}
}

// Rehash hashes a secret that was found to be Right with the key that signs, and reports whether that is news. Once
// every secret in use went through here, the keys behind the first may go.
func (c *ClientCredential) Rehash(text string, keys Keys) bool {
	for i, s := range c.secrets {
		if keys.Match(s.Hash, text) && !keys.Current(s.Hash) {
			c.secrets[i].Hash = keys.Hash(text)
			return true
		}
	}
	return false
}
