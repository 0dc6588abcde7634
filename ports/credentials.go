package ports

import (
	"context"
	"time"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// Credentials is one organisation's client credentials.
type Credentials interface {
	// Get reads one; within a unit that writes, no other unit changes it until this one ends. Faults: NotFound.
	Get(ctx context.Context, clientID string) (*credential.ClientCredential, error)
	// All gives all, revoked ones too, in the order of their making.
	All(ctx context.Context) ([]*credential.ClientCredential, error)
	// Add writes a new one. Faults: Conflict at "name" if one that is not revoked has its name.
	Add(ctx context.Context, c *credential.ClientCredential) error
	// Save writes a changed one, secrets included. Faults: NotFound.
	Save(ctx context.Context, c *credential.ClientCredential) error
	// Used notes that the secret keyID was used at now, unless that was noted less than a minute ago.
	Used(ctx context.Context, clientID, keyID string, now time.Time) error
}

// Tokens keeps access tokens. A token tells by itself which organisation it belongs to, so none is named to find one.
type Tokens interface {
	// Put keeps a token until it expires. What it says of its organisation holds unless SetRateLimit,
	// SetSchemas or SetPaused said otherwise. Faults: Unauthorised if all tokens of its client were ended; Unavailable.
	Put(ctx context.Context, d credential.Digest, t credential.Token) error
	// Get gives a token that is live at now. Faults: NotFound for one that is unknown, expired or revoked, or whose
	// organisation is blocked; Unavailable.
	Get(ctx context.Context, d credential.Digest, now time.Time) (credential.Token, error)
	// Revoke ends a token; an unknown one is no fault. When it returns nil, no replica accepts the token.
	Revoke(ctx context.Context, d credential.Digest) error
	// RevokeAll ends every token of clientID for good: those that were granted, and those just being granted.
	RevokeAll(ctx context.Context, org organisation.ID, clientID string) error
	// RevokeSecret does the same for those that were granted for one secret of clientID.
	RevokeSecret(ctx context.Context, org organisation.ID, clientID, keyID string) error
	Standing
}

// Standing is what those who check tokens know of organisations.
type Standing interface {
	// Block makes Get refuse the tokens of org, those put later too, until Unblock. Both may be repeated.
	Block(ctx context.Context, org organisation.ID) error
	Unblock(ctx context.Context, org organisation.ID) error
	// SetRateLimit makes every token of org, those put later too, say that this is the organisation's limit.
	SetRateLimit(ctx context.Context, org organisation.ID, l organisation.RateLimit) error
	// SetSchemas makes every token of org, those put later too, say that its schemas have changed so often.
	SetSchemas(ctx context.Context, org organisation.ID, changes int) error
	// SetPaused makes every token of org, those put later too, say whether its provisioning rests.
	SetPaused(ctx context.Context, org organisation.ID, paused bool) error
	// Forget takes away all that is known of org: nothing here names it any more. It may be repeated.
	Forget(ctx context.Context, org organisation.ID) error
}
