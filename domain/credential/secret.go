package credential

import (
	"io"
	"regexp"
	"strings"

	"github.com/extraordinary/provisioning/domain/fault"
)

// secretForm is scs_, the key id, 256 random bits, the checksum.
var secretForm = regexp.MustCompile(`^scs_([0-9A-Za-z]{8})_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$`)

func newSecretText(random io.Reader) (text, keyID string, err error) {
	if keyID, err = draw(random, 8); err != nil {
		return "", "", err
	}
	bits, err := draw(random, strong)
	if err != nil {
		return "", "", err
	}
	return seal("scs_" + keyID + "_" + bits), keyID, nil
}

// ParseSecret gives the key id of a secret's text. Faults: Invalid, which tells a secret of ours that was cut off or
// changed from a text that never was one.
func ParseSecret(text string) (keyID string, err error) {
	form := secretForm.FindStringSubmatch(text)
	switch {
	case form != nil && sealed(text):
		return form[1], nil
	case strings.HasPrefix(text, "scs_"):
		return "", fault.New(fault.Invalid, "the client secret was cut off or changed on its way; copy it again, all 63 characters of it")
	default:
		return "", fault.New(fault.Invalid, "this is no client secret of ours; those begin with scs_")
	}
}
