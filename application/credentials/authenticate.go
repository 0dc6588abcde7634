package credentials

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"time"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// Client is a machine that has proved to hold a credential.
type Client struct {
	Organisation organisation.ID
	ClientID     string
	KeyID        string // of the secret that it showed
	Scopes       []credential.Scope
	TokenLife    time.Duration
	RateLimit    organisation.RateLimit
	Schemas      int       // as organisation.Schemas
	Paused       bool      // as organisation.Paused
	At           time.Time // when it was asked
}

// Token is what the client may have: a token that begins when it asked, still without scopes.
func (c Client) Token() credential.Token {
	return credential.Token{
		Organisation: c.Organisation, ClientID: c.ClientID, KeyID: c.KeyID,
		Issued: c.At, Expires: c.At.Add(c.TokenLife), RateLimit: c.RateLimit, Schemas: c.Schemas, Paused: c.Paused,
	}
}

// Reason is why a client was refused. It is for our own books: the caller learns the same of each.
type Reason string

// The reasons.
const (
	BadClient     Reason = "unknown client or wrong secret"
	SecretExpired Reason = "the secret has expired"
	WasRevoked    Reason = "the credential was revoked"
	WasSuspended  Reason = "the organisation is suspended"
)

func (r Reason) Error() string { return string(r) }

func refuse(r Reason) error {
	f := fault.Wrap(fault.Unauthorised, r)
	f.Detail = "the client identifier or the client secret is wrong, or one of them has ended; copy both again, or make new ones"
	return f
}

// nobody is an organisation that does not exist.
const nobody organisation.ID = "00000000-0000-0000-0000-000000000000"

// longestDelay bounds the random time by which refusals come later. A look that finds a credential takes a store some
// 50 µs longer than one that finds none. In this noise that shows after half a million tries. The limits do not prevent
// them (see failed), but all that they tell is that an identifier exists, and one had to know it to try. A fixed time
// would not do: timers wake a millisecond or so late, and how late tells how long the look took.
const longestDelay = 20 * time.Millisecond

// Authenticate finds the client that has this identifier and this secret. Whether the client does not exist or the
// secret is wrong cannot be told from the answer or from the time it takes; so the store is asked even for what can be
// no identifier and no secret of ours, and the secret's checksum is no shortcut. Failures are counted by the address
// that they come from; a right secret is let in whatever came before it.
// Faults: Unauthorised, with the Reason as its cause; Limited, with Exceeded as its cause, after too many of those;
// Unavailable.
func (s *Service) Authenticate(ctx context.Context, from netip.Addr, clientID, secret string) (who Client, err error) {
	org, err := credential.OrganisationOf(clientID)
	if err != nil {
		org = nobody
	}
	now := s.now()
	var use use
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		c, err := tx.Credentials().Get(ctx, clientID)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return err
		}
		shown, outcome := c.Verify(secret, s.keys, now)
		if outcome != credential.Right {
			return reject(outcome)
		}
		o, err := tx.Organisation().Get(ctx)
		if err != nil {
			return fault.Wrap(fault.Internal, err) // a credential without its organisation is no answer of NotFound
		}
		if !o.Active() {
			return refuse(WasSuspended)
		}
		who = Client{org, clientID, shown.KeyID, c.Snapshot().Scopes, o.TokenLife(), o.RateLimit(), o.Schemas(), o.Paused(), now}
		use = s.useOf(shown, now)
		return nil
	})
	if errors.Is(err, fault.Unauthorised) {
		err = errors.Join(s.failed(ctx, from, clientID, err), s.delay(ctx))
	}
	if err != nil {
		return Client{}, err
	}
	return who, s.note(ctx, who, secret, use)
}

// delay waits for a random time, unless nobody waits for the answer any more.
func (s *Service) delay(ctx context.Context) error {
	var chance [4]byte
	if _, err := io.ReadFull(s.random, chance[:]); err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	part := float64(binary.BigEndian.Uint32(chance[:])) / (1 << 32)
	wait := time.NewTimer(time.Duration(part * float64(longestDelay)))
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	}
	return nil
}

func reject(o credential.Outcome) error {
	switch o {
	case credential.Expired:
		return refuse(SecretExpired)
	case credential.Revoked:
		return refuse(WasRevoked)
	case credential.KeyGone:
		return fault.Wrap(fault.Internal, errors.New("the key that a client secret was hashed with is not among the secret keys any more: put it back behind the first"))
	case credential.Wrong, credential.Right:
	}
	return refuse(BadClient)
}
