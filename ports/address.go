package ports

import "context"

type addressKey struct{}

// WithAddress gives a context that says from which network address somebody acts. It is known at the edge alone, and as
// with the trace no use case decides anything by it: whoever records an event of a member adds it (AddressIn).
func WithAddress(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, addressKey{}, address)
}

// AddressIn gives what WithAddress has said; empty if nothing was.
func AddressIn(ctx context.Context) string {
	address, _ := ctx.Value(addressKey{}).(string)
	return address
}
