package access

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
)

// Member is one person who may sign in to one organisation's portal.
//
// Invariants: the address is one that mail can be sent to; who has joined has a password, and who has not has none and no
// second step; who was removed has neither, nor roles.
type Member struct {
	id       string
	email    string
	name     string
	roles    []Role
	password string // what an adapter made of it; empty: there is none
	second   SecondStep
	invited  time.Time
	joined   time.Time // zero: not yet
	seen     time.Time
	removed  time.Time // zero: not
}

// SecondStep is what a member shows besides a password.
type SecondStep struct {
	Secret   string // sealed (Keys.Seal); empty: there is none
	Last     int64  // the step of the code that was accepted last
	Recovery []string
}

// Snapshot is a Member with open fields, for stores.
type Snapshot struct {
	ID, Email, Name                string
	Roles                          []Role
	Password                       string
	Second                         SecondStep
	Invited, Joined, Seen, Removed time.Time
}

// Invite makes a member who has still to join. Faults: Invalid at "email" or "roles".
func Invite(id, email string, roles []Role, now time.Time) (*Member, error) {
	email, err := Address(email)
	if err != nil {
		return nil, err
	}
	m := &Member{id: id, email: email, name: email[:strings.LastIndexByte(email, '@')], invited: now}
	if err := m.SetRoles(roles); err != nil {
		return nil, err
	}
	return m, nil
}

// Address reads an e-mail address that mail can be sent to over the Internet: one mailbox, no display name, a domain
// with a dot, at most 254 bytes (RFC 5321 §4.5.3.1, erratum 1690). Faults: Invalid at "email".
func Address(text string) (string, error) {
	text = strings.TrimSpace(text)
	parsed, err := mail.ParseAddress(text)
	if err == nil && parsed.Name == "" && parsed.Address == text && len(text) <= 254 {
		domain := text[strings.LastIndexByte(text, '@')+1:]
		if strings.Contains(strings.Trim(domain, "."), ".") && !strings.ContainsAny(domain, "[]") {
			return text, nil
		}
	}
	return "", fault.New(fault.Invalid, "%q is no e-mail address; write one such as ann@example.com", text).At("email")
}

// Fold is the form in which two addresses are the same person's.
func Fold(email string) string { return schema.Fold(strings.TrimSpace(email)) }

// Restore makes the member that s was taken of.
func Restore(s Snapshot) *Member {
	s.Second.Recovery = slices.Clone(s.Second.Recovery)
	return &Member{s.ID, s.Email, s.Name, slices.Clone(s.Roles), s.Password, s.Second, s.Invited, s.Joined, s.Seen, s.Removed}
}

// Snapshot gives m's fields.
func (m *Member) Snapshot() Snapshot {
	second := m.second
	second.Recovery = slices.Clone(second.Recovery)
	return Snapshot{m.id, m.email, m.name, slices.Clone(m.roles), m.password, second, m.invited, m.joined, m.seen, m.removed}
}

// ID names m for ever.
func (m *Member) ID() string { return m.id }

// Joined reports whether m can sign in.
func (m *Member) Joined() bool { return !m.joined.IsZero() && m.removed.IsZero() }

// Allows reports whether m has joined and has the permission.
func (m *Member) Allows(p Permission) bool { return m.Joined() && Allows(m.roles, p) }

// SetRoles says what m may do. Faults: Invalid at "roles" unless there is one at least, and each is one.
func (m *Member) SetRoles(roles []Role) error {
	var known []Role
	for _, r := range Roles {
		if slices.Contains(roles, r) {
			known = append(known, r)
		}
	}
	if len(known) == 0 || slices.ContainsFunc(roles, func(r Role) bool { return !slices.Contains(Roles, r) }) {
		return fault.New(fault.Invalid, "choose at least one role").At("roles")
	}
	m.roles = known
	return nil
}

// Rename says what m is called. Faults: Invalid at "name".
func (m *Member) Rename(name string) error {
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n < 1 || n > 100 || !utf8.ValidString(name) || strings.ContainsFunc(name, unprintable) {
		return fault.New(fault.Invalid, "a name has 1 to 100 characters on one line").At("name")
	}
	m.name = name
	return nil
}

func unprintable(r rune) bool { return r != ' ' && !unicode.IsPrint(r) }

// SetPassword keeps what an adapter made of a password, and lets m join.
func (m *Member) SetPassword(made string, now time.Time) {
	m.password = made
	if m.joined.IsZero() {
		m.joined = now
	}
}

// See notes that m was there.
func (m *Member) See(now time.Time) { m.seen = now }

// Remove takes everything from m but the name, which the journal goes on using. Twice is as once.
func (m *Member) Remove(now time.Time) {
	if m.removed.IsZero() {
		m.removed, m.roles, m.password, m.second = now, nil, "", SecondStep{}
	}
}

// LastWith names the permission that nobody would have any more if after took before's place among all members, of those
// that somebody must have; "" if there is none. all may hold before, by its id.
func LastWith(all []*Member, after *Member) Permission {
	for _, p := range []Permission{StaffManagement, ManageIntegrations} {
		held := after.Allows(p)
		for _, m := range all {
			held = held || m.id != after.id && m.Allows(p)
		}
		if !held {
			return p
		}
	}
	return ""
}
