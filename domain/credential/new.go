package credential

import (
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// New makes a credential with all scopes and its first secret, whose text is given here and kept nowhere. The secret
// lives 1, 2 or 3 years, as Entra asks.
// Faults: Invalid at "name" or "years".
func New(org organisation.ID, name string, years int, keys Keys, random io.Reader, now time.Time) (c *ClientCredential, text string, err error) {
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n < 1 || n > 100 || !utf8.ValidString(name) || strings.ContainsFunc(name, unprintable) {
		return nil, "", fault.New(fault.Invalid, "a name has 1 to 100 characters on one line").At("name")
	}
	clientID, err := newClientID(org, random)
	if err != nil {
		return nil, "", err
	}
	c = &ClientCredential{clientID: clientID, organisation: org, name: name, scopes: []Scope{Read, Write}, created: wholeSecond(now)}
	text, err = c.add(years, keys, random, now)
	return c, text, err
}

func unprintable(r rune) bool { return r != ' ' && !unicode.IsPrint(r) }

// wholeSecond drops what nobody reads of a time.
func wholeSecond(now time.Time) time.Time { return now.UTC().Truncate(time.Second) }

// add gives c another secret.
func (c *ClientCredential) add(years int, keys Keys, random io.Reader, now time.Time) (text string, err error) {
	if years < 1 || years > 3 {
		return "", fault.New(fault.Invalid, "a secret lives 1, 2 or 3 years").At("years")
	}
	text, keyID, err := newSecretText(random)
	if err != nil {
		return "", err
	}
	now = wholeSecond(now)
	c.secrets = append(c.secrets, Secret{KeyID: keyID, Hash: keys.Hash(text), Created: now, Expires: now.AddDate(years, 0, 0)})
	return text, nil
}
