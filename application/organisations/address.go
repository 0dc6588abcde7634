package organisations

import (
	"net/mail"
	"strings"

	"github.com/extraordinary/provisioning/domain/fault"
)

// address reads an e-mail address that mail can be sent to over the Internet: one mailbox, no display name, a domain
// with a dot, at most 254 bytes (RFC 5321 §4.5.3.1, erratum 1690). Faults: Invalid at "owner".
func address(text string) (string, error) {
	text = strings.TrimSpace(text)
	parsed, err := mail.ParseAddress(text)
	if err == nil && parsed.Name == "" && parsed.Address == text && len(text) <= 254 {
		domain := text[strings.LastIndexByte(text, '@')+1:]
		if strings.Contains(strings.Trim(domain, "."), ".") && !strings.ContainsAny(domain, "[]") {
			return text, nil
		}
	}
	return "", fault.New(fault.Invalid, "%q is no e-mail address; write one such as ann@example.com", text).At("owner")
}
