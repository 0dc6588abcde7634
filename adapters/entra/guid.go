package entra

import (
	"fmt"
	"math/rand/v2"
)

// guid is a random UUID (RFC 9562 §5.4), as Entra gives its objects.
func guid(random *rand.Rand) string {
	a, b := random.Uint64(), random.Uint64()
	a = a&^0xf000 | 0x4000
	b = b&^(3<<62) | 1<<63
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", a>>32, a>>16&0xffff, a&0xffff, b>>48, b&(1<<48-1))
}
