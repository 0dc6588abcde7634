// Package signin lets an organisation's people into the portal: with a password and a second step, or once by a link.
package signin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/netip"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// Options are what the use cases need.
type Options struct {
	Store     ports.Store
	Doors     ports.Doors
	Passwords ports.Passwords
	Limiter   ports.Limiter
	Keys      access.Keys
	PublicURL string    // where links lead to
	Random    io.Reader // crypto/rand.Reader everywhere but in tests
	Now       func() time.Time
	NewID     func() string
}

// Service holds the use cases. It is safe for concurrent use.
type Service struct{ Options }

// New makes a Service.
func New(o Options) *Service { return &Service{o} }

// Visitor is who is signed in, where.
type Visitor struct {
	Organisation *organisation.Organisation
	Member       *access.Member
	Session      access.Session
}

// Browser is where somebody signs in.
type Browser struct {
	Name    string // what it says of itself
	Address netip.Addr
}

// Ended is the cause of an Unauthorised: why somebody who was signed in is not any more.
type Ended string

// The causes.
const (
	EndedIdle Ended = "nothing was done for 30 minutes"
	EndedLong Ended = "twelve hours have passed"
	EndedGone Ended = "the session was ended"
)

func (e Ended) Error() string { return string(e) }

func ended(why Ended) error { return fault.Wrap(fault.Unauthorised, why) }

// errNoMatch is the fault of every sign-in that fails, whatever was wrong.
var errNoMatch = fault.New(fault.Unauthorised, "That e-mail and password do not match.")

// How often somebody may fail, from one address and as one person from one address: then once every 30 seconds. Nobody is
// locked out: whoever comes from elsewhere has tries of his own.
var (
	failuresPerAddress = ports.Rate{PerSecond: 0.5, Burst: 60}
	failuresPerAccount = ports.Rate{PerSecond: 1.0 / 30, Burst: 6}
)

// buckets are where failures of email from an address are counted.
func buckets(email string, from netip.Addr) []bucket {
	network := ports.NetworkOf(from).String()
	digest := sha256.Sum256([]byte(network + " " + access.Fold(email))) // nothing personal becomes a key
	return []bucket{
		{ports.Bucket{Limit: ports.PerSignIn, Subject: network}, failuresPerAddress},
		{ports.Bucket{Limit: ports.PerSignInAccount, Subject: hex.EncodeToString(digest[:])}, failuresPerAccount},
	}
}

type bucket struct {
	ports.Bucket
	rate ports.Rate
}

// mayTry refuses who has failed too often. Faults: Limited, Unavailable.
func (s *Service) mayTry(ctx context.Context, email string, from netip.Addr) error {
	return s.take(ctx, email, from, 0)
}

// failed counts a failure, and gives what it is answered.
func (s *Service) failed(ctx context.Context, email string, from netip.Addr, refusal error) error {
	if err := s.take(ctx, email, from, 1); err != nil && !errors.Is(err, fault.Limited) {
		return err
	}
	return refusal
}

func (s *Service) take(ctx context.Context, email string, from netip.Addr, cost int) error {
	for _, b := range buckets(email, from) {
		d, err := s.Limiter.Take(ctx, b.Bucket, cost, b.rate)
		if err != nil {
			return fault.Wrap(fault.Unavailable, err)
		}
		if !d.Allowed || cost == 0 && d.Remaining < 1 {
			return fault.New(fault.Limited, "Wait 30 seconds, then try again.")
		}
	}
	return nil
}

// record writes the journal's line of what somebody did with a member's account.
func (s *Service) record(ctx context.Context, tx ports.Tx, by activity.Actor, action activity.Action, memberID string, changes ...activity.Change) error {
	event := activity.Event{
		ID: s.NewID(), At: s.Now(), Actor: by, Action: action, Changes: changes,
		Subject: activity.Subject{Kind: "Member", ID: memberID},
	}
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		event.Trace = span.TraceID().String()
	}
	return tx.Activity().Record(ctx, event)
}

func member(id string) activity.Actor { return activity.Actor{Kind: activity.Member, ID: id} }
