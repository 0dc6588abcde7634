package ports

import (
	"context"
	"math"
	"net/netip"
	"time"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// Limiter counts what callers use up.
type Limiter interface {
	// Take takes cost out of a bucket that fills at rate and was full at the beginning. What a refused call asked for
	// is not taken. A rate of 0 a second is no limit. Faults: Unavailable.
	Take(ctx context.Context, b Bucket, cost int, rate Rate) (Decision, error)
}

// Gate lets requests in.
type Gate interface {
	// Admit gives the token that is live at now, and takes the request's cost out of the bucket of its organisation,
	// which fills as the token says (RateOf).
	// A request over the limit is no fault: the Decision says so. The two are one call, so that a store which can do
	// both at once needs one round trip. Faults: as Tokens.Get.
	Admit(ctx context.Context, d credential.Digest, cost int, now time.Time) (credential.Token, Decision, error)
}

// Bucket is whose use is counted together.
type Bucket struct {
	Limit   Limit
	Subject string // whom: an organisation's id, a client's, an address
}

// Limit is what is limited. Metrics are counted by it, so there are few.
type Limit string

// The limits.
const (
	PerOrganisation  Limit = "organisation"    // all requests of one organisation
	PerClient        Limit = "client"          // tokens for one client
	PerAddress       Limit = "address"         // failures to authenticate from one address
	PerClientAddress Limit = "client_address"  // failures to authenticate as one client from one address
	PerSignIn        Limit = "sign_in"         // failures to sign in to the portal from one address
	PerSignInAccount Limit = "sign_in_account" // failures to sign in as one person from one address
)

// Rate is how a bucket fills.
type Rate struct {
	PerSecond float64 // 0: there is no limit
	Burst     int     // what it holds
}

// Decision is what became of one call.
type Decision struct {
	Allowed    bool
	Limit      int           // what the bucket holds; 0: there is no limit
	Remaining  int           // what is still in it
	Reset      time.Duration // until it is full
	RetryAfter time.Duration // until the same call would be allowed; 0 for one that was
}

// PerSecond is the rate of n requests a second with bursts of four seconds' worth; 0 is no limit.
func PerSecond(n int) Rate { return Rate{PerSecond: float64(n), Burst: 4 * n} }

// RateOf is the rate of an organisation that has the limit l, where the service is set to standard.
func RateOf(l organisation.RateLimit, standard Rate) Rate {
	switch l {
	case organisation.DefaultRateLimit:
		return standard
	case organisation.NoRateLimit:
		return Rate{}
	default:
		return PerSecond(int(l))
	}
}

// Unit is how long a bucket takes to fill by one, in whole microseconds, the finest that every store can count in; 0:
// there is no limit.
func (r Rate) Unit() time.Duration {
	if r.PerSecond <= 0 {
		return 0
	}
	return time.Duration(math.Round(1e6/r.PerSecond)) * time.Microsecond
}

// Full is how long an empty bucket takes to fill.
func (r Rate) Full() time.Duration { return r.Unit() * time.Duration(r.Burst) }

// Take is the arithmetic of every Limiter (GCRA): a bucket is known by the time it needs to be full, missing; what a
// call costs is added to that, unless it would be more than the whole bucket.
func (r Rate) Take(missing time.Duration, cost int) (d Decision, then time.Duration) {
	unit := r.Unit()
	if unit == 0 {
		return Decision{Allowed: true}, 0
	}
	then = missing + unit*time.Duration(cost)
	d = Decision{Allowed: then <= r.Full(), Limit: r.Burst}
	if !d.Allowed {
		d.RetryAfter = then - r.Full()
		then = missing
	}
	d.Remaining = int((r.Full() - then) / unit)
	d.Reset = then
	return d, then
}

// NetworkOf gives whom an address stands for: of version 6, one customer is given a whole network.
func NetworkOf(a netip.Addr) netip.Prefix {
	a = a.Unmap()
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	network, _ := a.Prefix(bits) // fails for other numbers of bits alone
	return network
}
