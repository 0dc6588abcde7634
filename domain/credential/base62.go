package credential

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"math/big"
	"strings"

	"github.com/extraordinary/provisioning/domain/fault"
)

// What we hand out is made of [0-9A-Za-z_] alone: a double click selects all of it, and it reads the same whether or
// not a client form-encodes it for Basic authentication (RFC 6749 §2.3.1; many do not). It ends in a checksum, so that
// a text which was cut off or mistyped is told from one that is wrong. The checksum keeps nobody out: all can make it.

const (
	strong   = 43 // base62 digits of 256 bits
	checksum = 6  // base62 digits of 32 bits
)

// draw makes n random base62 digits, at most strong.
func draw(random io.Reader, n int) (string, error) {
	var bits [32]byte
	if _, err := io.ReadFull(random, bits[:]); err != nil {
		return "", fault.Wrap(fault.Internal, err)
	}
	return encode(bits[:], strong)[strong-n:], nil
}

func encode(b []byte, width int) string {
	digits := new(big.Int).SetBytes(b).Text(62)
	return strings.Repeat("0", width-len(digits)) + digits
}

// decode reads digits into exactly as many bytes as size says; false if they are no base62 or more than that.
func decode(digits string, size int) ([]byte, bool) {
	if strings.ContainsFunc(digits, notDigit) {
		return nil, false
	}
	n, ok := new(big.Int).SetString(digits, 62)
	if !ok || n.BitLen() > 8*size {
		return nil, false
	}
	return n.FillBytes(make([]byte, size)), true
}

func notDigit(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// seal puts the checksum behind text: the base62 digits of its CRC-32 (IEEE).
func seal(text string) string {
	sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(text)))
	return text + "_" + encode(sum, checksum)
}

// sealed reports whether text ends in the checksum of what stands before it.
func sealed(text string) bool {
	end := len(text) - checksum - 1
	return end >= 0 && seal(text[:end]) == text
}
