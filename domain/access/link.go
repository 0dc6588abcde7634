package access

import (
	"io"
	"time"

	"github.com/extraordinary/provisioning/domain/organisation"
)

// NewLink makes a one-time link for a member, and the text that its address ends with.
func NewLink(org organisation.ID, memberID string, purpose Purpose, random io.Reader, now time.Time) (Link, string, error) {
	text, err := NewDoorKey(org, random)
	if err != nil {
		return Link{}, "", err
	}
	_, digest, err := DoorKey(text)
	return Link{Digest: digest, MemberID: memberID, Purpose: purpose, Expires: now.Add(purpose.Life())}, text, err
}
