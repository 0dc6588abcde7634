package credential

import (
	"time"

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
}
