package access

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 has it, and every authenticator
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/extraordinary/provisioning/domain/fault"
)

// codeTime is how long a code is shown (RFC 6238 §5.2).
const codeTime = 30 // seconds

// NewSecondStep draws the secret of a second step: 160 bits (RFC 4226 §4), in base32 as people type it.
func NewSecondStep(random io.Reader) (secret string, err error) {
	bits := make([]byte, 20)
	if _, err := io.ReadFull(random, bits); err != nil {
		return "", fault.Wrap(fault.Internal, err)
	}
	return base32.StdEncoding.EncodeToString(bits), nil
}

// SecondStepAddress is what an authenticator reads out of a picture.
func SecondStepAddress(secret, organisation, email string) string {
	label := url.PathEscape("Extraordinary " + organisation + ":" + email)
	return "otpauth://totp/" + label + "?secret=" + secret + "&issuer=" + url.QueryEscape("Extraordinary "+organisation)
}

// code is the code of a step (RFC 4226 §5.3).
func code(secret []byte, step int64) string {
	h := hmac.New(sha1.New, secret)
	_ = binary.Write(h, binary.BigEndian, step) // a hash takes everything
	sum := h.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at:])&0x7fffffff)%1_000_000)
}

// CodeStep gives the step of a code that is shown now, or one step before or after; 0 if it is none of these.
func CodeStep(secret, shown string, now time.Time) (step int64) {
	bits, err := base32.StdEncoding.DecodeString(secret)
	if err != nil {
		return 0
	}
	shown = strings.ReplaceAll(strings.TrimSpace(shown), " ", "")
	at := now.Unix() / codeTime
	for _, candidate := range []int64{at - 1, at, at + 1} {
		if subtle.ConstantTimeCompare([]byte(code(bits, candidate)), []byte(shown)) == 1 {
			step = candidate
		}
	}
	return step
}

// HasSecondStep reports whether m shows a code besides the password.
func (m *Member) HasSecondStep() bool { return m.second.Secret != "" }

// SetSecondStep makes m show codes from now on. sealed is the secret as it is kept, step that of the code which has proved
// that the authenticator works, recovery the digests of the codes for when it is lost.
func (m *Member) SetSecondStep(sealed string, step int64, recovery []string) {
	m.second = SecondStep{sealed, step, slices.Clone(recovery)}
}

// DropSecondStep takes it away.
func (m *Member) DropSecondStep() { m.second = SecondStep{} }

// Accept takes a code that is shown for secret, m's own, opened. A code is accepted once: one that somebody has looked
// over a shoulder is worth nothing (RFC 6238 §5.2). A recovery code is accepted in its place, also once.
func (m *Member) Accept(secret, shown string, now time.Time) bool {
	if step := CodeStep(secret, shown, now); step > m.second.Last {
		m.second.Last = step
		return true
	}
	digest := recoveryDigest(shown)
	if i := slices.Index(m.second.Recovery, digest); i >= 0 {
		m.second.Recovery = slices.Delete(m.second.Recovery, i, i+1)
		return true
	}
	return false
}

// recoveryCodes is how many there are.
const recoveryCodes = 10

// NewRecoveryCodes draws codes of 120 bits for people to write down, and the digests that are kept of them. With so many
// bits a plain hash is enough (OWASP ASVS 5.0, 6.5.2).
func NewRecoveryCodes(random io.Reader) (codes, digests []string, err error) {
	for range recoveryCodes {
		bits := make([]byte, 15)
		if _, err := io.ReadFull(random, bits); err != nil {
			return nil, nil, fault.Wrap(fault.Internal, err)
		}
		text := strings.ToLower(base32.StdEncoding.EncodeToString(bits))
		text = text[:6] + "-" + text[6:12] + "-" + text[12:18] + "-" + text[18:]
		codes, digests = append(codes, text), append(digests, recoveryDigest(text))
	}
	return codes, digests, nil
}

func recoveryDigest(text string) string {
	text = strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(text))
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
