package organisations

import (
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/fault"
)

// address reads the owner's e-mail address. Faults: Invalid at "owner".
func address(text string) (string, error) {
	email, err := access.Address(text)
	if err != nil {
		return "", fault.Of(err).At("owner")
	}
	return email, nil
}
