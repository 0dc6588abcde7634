package credential

import (
	"encoding/hex"
	"io"
	"regexp"
	"strings"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// clientIDForm is c_, the organisation's UUID in base62, and what tells its clients apart.
var clientIDForm = regexp.MustCompile(`^c_([0-9A-Za-z]{22})_[0-9A-Za-z]{10}$`)

// newClientID makes an identifier that says which organisation it belongs to, so that the token endpoint looks in that
// one only. It is public and no part of what is secret.
func newClientID(org organisation.ID, random io.Reader) (string, error) {
	uuid, err := hex.DecodeString(strings.ReplaceAll(string(org), "-", ""))
	if err != nil || len(uuid) != 16 {
		return "", fault.New(fault.Internal, "%q is no UUID", org)
	}
	suffix, err := draw(random, 10)
	if err != nil {
		return "", err
	}
	return "c_" + encode(uuid, 22) + "_" + suffix, nil
}

// OrganisationOf reads out of a client identifier which organisation it belongs to; whether there are such an
// organisation and such a client is not said. Faults: Invalid.
func OrganisationOf(clientID string) (organisation.ID, error) {
	if form := clientIDForm.FindStringSubmatch(clientID); form != nil {
		if uuid, ok := decode(form[1], 16); ok {
			h := hex.EncodeToString(uuid)
			return organisation.ID(h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]), nil
		}
	}
	return "", fault.New(fault.Invalid, "this is no client identifier of ours; those begin with c_ and have 35 characters")
}
