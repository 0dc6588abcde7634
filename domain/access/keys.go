package access

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"

	"github.com/extraordinary/provisioning/domain/fault"
)

// Keys seals the secrets of second steps, which must be read again. The first key seals, all open.
type Keys struct{ all []cipher.AEAD }

// NewKeys takes master keys of 32 bytes, from which keys for this one purpose are derived. Faults: Invalid at
// "secret_keys".
func NewKeys(masters [][]byte) (Keys, error) {
	var k Keys
	for _, master := range masters {
		h := hmac.New(sha256.New, master)
		h.Write([]byte("second step"))
		block, err := aes.NewCipher(h.Sum(nil))
		if err != nil {
			return Keys{}, fault.Wrap(fault.Internal, err)
		}
		seal, err := cipher.NewGCM(block)
		if err != nil {
			return Keys{}, fault.Wrap(fault.Internal, err)
		}
		k.all = append(k.all, seal)
	}
	if len(k.all) == 0 {
		return Keys{}, fault.New(fault.Invalid, "at least one key is needed").At("secret_keys")
	}
	return k, nil
}

// Seal encrypts a text that belongs to a member: for another it does not open.
func (k Keys) Seal(text, member string, random io.Reader) (string, error) {
	nonce := make([]byte, k.all[0].NonceSize())
	if _, err := io.ReadFull(random, nonce); err != nil {
		return "", fault.Wrap(fault.Internal, err)
	}
	return base64.RawStdEncoding.EncodeToString(k.all[0].Seal(nonce, nonce, []byte(text), []byte(member))), nil
}

// Open decrypts what Seal has made. Faults: Internal if none of the keys has.
func (k Keys) Open(sealed, member string) (string, error) {
	bits, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil {
		return "", fault.Wrap(fault.Internal, err)
	}
	for _, key := range k.all {
		if n := key.NonceSize(); len(bits) > n {
			if text, err := key.Open(nil, bits[:n], bits[n:], []byte(member)); err == nil {
				return string(text), nil
			}
		}
	}
	return "", fault.New(fault.Internal, "the key that a second step was sealed with is not among the secret keys any more: put it back behind the first")
}
