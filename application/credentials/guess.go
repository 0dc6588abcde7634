package credentials

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/ports"
)

// How often an address may fail to authenticate in all, and how often as one client.
var (
	failuresPerAddress = ports.Rate{PerSecond: 1, Burst: 60}
	failuresPerClient  = ports.Rate{PerSecond: 1.0 / 30, Burst: 8} // ten in a minute
)

// Exceeded is the cause of a Limited: what the limit that refused has decided.
type Exceeded struct{ ports.Decision }

func (Exceeded) Error() string { return "a limit was exceeded" }

// failed counts that a client was refused, and gives what it is answered: the refusal, or Limited after too many.
//
// It comes after the check, and a right secret is let in however many wrong ones came before it. A limit before the check
// would let anybody lock out a client whose address he shares, and with Entra strangers do: its requests for all tenants
// leave from the same addresses. What an address may go on guessing at is 256 random bits, and each guess costs us the
// one read that every request costs. So the limit keeps nobody out who could come in; it slows down who obeys, such as a
// client with an old secret, and shows the others in our metrics.
//
// The address comes first, so that a stranger makes few buckets however many clients he names.
func (s *Service) failed(ctx context.Context, from netip.Addr, clientID string, refusal error) error {
	const detail = "the client identifier or the client secret is wrong, or one of them has ended, and too many requests " +
		"from your address were so; copy both again, or make new ones, and wait the seconds in Retry-After"
	network := ports.NetworkOf(from).String()
	address := ports.Bucket{Limit: ports.PerAddress, Subject: network}
	if err := s.spend(ctx, address, failuresPerAddress, detail); err != nil {
		return err
	}
	digest := sha256.Sum256([]byte(network + " " + clientID)) // what a stranger calls himself may be long
	client := ports.Bucket{Limit: ports.PerClientAddress, Subject: hex.EncodeToString(digest[:])}
	if err := s.spend(ctx, client, failuresPerClient, detail); err != nil {
		return err
	}
	return refusal
}

// spend takes one out of a bucket. Faults: Limited, with Exceeded as its cause; Unavailable.
func (s *Service) spend(ctx context.Context, b ports.Bucket, rate ports.Rate, detail string) error {
	d, err := s.limiter.Take(ctx, b, 1, rate)
	switch {
	case err != nil:
		return fault.Wrap(fault.Unavailable, err)
	case d.Allowed:
		return nil
	}
	f := fault.Wrap(fault.Limited, Exceeded{d})
	f.Detail = detail
	return f
}
