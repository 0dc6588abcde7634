package access

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"strings"
	"time"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// A door key is the text of a session's cookie or of a one-time link. It says in itself which organisation it belongs to,
// so that it is looked for in that one only, and holds 256 random bits. Of these only a digest is kept.

// NewDoorKey draws one: 64 characters of base64url.
func NewDoorKey(org organisation.ID, random io.Reader) (text string, err error) {
	bits, err := hex.DecodeString(strings.ReplaceAll(string(org), "-", ""))
	if err != nil || len(bits) != 16 {
		return "", fault.New(fault.Internal, "%q is no UUID", org)
	}
	bits = append(bits, make([]byte, 32)...)
	if _, err := io.ReadFull(random, bits[16:]); err != nil {
		return "", fault.Wrap(fault.Internal, err)
	}
	return base64.RawURLEncoding.EncodeToString(bits), nil
}

// DoorKey reads one: whose it is, and the digest that it is kept by. Whether it opens anything is not said.
// Faults: NotFound.
func DoorKey(text string) (org organisation.ID, digest string, err error) {
	bits, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(bits) != 48 || len(text) != 64 { // the decoder passes over line breaks
		return "", "", fault.New(fault.NotFound, "this opens nothing")
	}
	h := hex.EncodeToString(bits[:16])
	sum := sha256.Sum256([]byte(text))
	return organisation.ID(h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]), hex.EncodeToString(sum[:]), nil
}

// How long a session lives.
const (
	IdleTime    = 30 * time.Minute // without anything being done
	SessionTime = 12 * time.Hour   // in all
)

// Session is one browser in which a member is signed in, or half: until the second step was shown it opens nothing.
type Session struct {
	Digest    string
	MemberID  string
	Half      bool // the second step is still to be shown
	Started   time.Time
	Seen      time.Time // exact to a minute
	Confirmed time.Time // when a password or a code was shown last
	Browser   string    // what it says of itself
	Address   string    // where it came from last
	Setup     string    // the sealed secret of a second step that is being set up
}

// Ends is when s ends if nothing is done.
func (s Session) Ends() time.Time {
	idle, all := s.Seen.Add(IdleTime), s.Started.Add(SessionTime)
	if idle.Before(all) {
		return idle
	}
	return all
}

// Live reports whether s opens anything at now.
func (s Session) Live(now time.Time) bool { return now.Before(s.Ends()) }

// Purpose is what a one-time link is for.
type Purpose string

// The purposes.
const (
	Entrance   Purpose = "entrance"   // the owner's, or one that an operator made for a member who cannot get in
	Invitation Purpose = "invitation" // to join
	Reset      Purpose = "reset"      // of a password
)

// Life is how long a link works.
func (p Purpose) Life() time.Duration {
	switch p {
	case Entrance:
		return 24 * time.Hour
	case Invitation:
		return 7 * 24 * time.Hour
	case Reset:
	}
	return time.Hour
}

// Link is a one-time link: whoever has it sets the password of one member, once.
type Link struct {
	Digest   string
	MemberID string
	Purpose  Purpose
	Expires  time.Time
	Used     time.Time // zero: not yet
}

// Works reports whether l may be used at now.
func (l Link) Works(now time.Time) bool { return l.Used.IsZero() && now.Before(l.Expires) }
