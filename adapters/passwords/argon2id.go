// Package passwords makes what is kept of passwords: argon2id in PHC's string format, with the parameters that OWASP's
// cheat sheet gives as the least (19 MiB, two passes, one lane).
package passwords

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"

	"github.com/extraordinary/provisioning/domain/fault"
)

const (
	memory = 19 << 10 // KiB
	passes = 2
	lanes  = 1
	length = 32 // bytes of the sum
)

// Argon2id is ports.Passwords.
type Argon2id struct {
	random io.Reader
	turns  chan struct{}
}

// New makes one. At most so many sums are worked out at once, each with 19 MiB: who signs in by the thousand waits, and
// SCIM goes on beside.
func New(random io.Reader, atOnce int) *Argon2id {
	return &Argon2id{random, make(chan struct{}, atOnce)}
}

// Make is ports.Passwords'.
func (a *Argon2id) Make(ctx context.Context, password string) (string, error) {
	salt := make([]byte, 16)
	if _, err := io.ReadFull(a.random, salt); err != nil {
		return "", fault.Wrap(fault.Internal, err)
	}
	sum, err := a.sum(ctx, password, salt, memory, passes, lanes)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes, encode(salt), encode(sum)), nil
}

// nobody's password: it is matched in place of one that is not there, so that this takes as long.
var nobody = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes, encode(make([]byte, 16)), encode(make([]byte, length)))

// Match is ports.Passwords'.
func (a *Argon2id) Match(ctx context.Context, made, password string) (bool, error) {
	there := made != ""
	if !there {
		made = nobody
	}
	parts := strings.Split(made, "$")
	var version int
	var m, t uint32
	var p uint8
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errForeign
	}
	_, err1 := fmt.Sscanf(parts[2], "v=%d", &version)
	_, err2 := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &m, &t, &p)
	salt, err3 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err4 := base64.RawStdEncoding.DecodeString(parts[5])
	if err := errors.Join(err1, err2, err3, err4); err != nil || version != argon2.Version || len(want) != length || m > 1<<20 || t > 100 {
		return false, errForeign
	}
	sum, err := a.sum(ctx, password, salt, m, t, p)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(sum, want) == 1 && there, nil
}

var errForeign = fault.New(fault.Internal, "what is kept of a password is no argon2id")

// sum waits for its turn, as long as somebody waits for the answer.
func (a *Argon2id) sum(ctx context.Context, password string, salt []byte, m, t uint32, p uint8) ([]byte, error) {
	select {
	case a.turns <- struct{}{}:
		defer func() { <-a.turns }()
		return argon2.IDKey([]byte(password), salt, t, m, p, length), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func encode(bits []byte) string { return base64.RawStdEncoding.EncodeToString(bits) }
