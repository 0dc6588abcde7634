// Package organisation holds the tenant: one customer, isolated from every other.
package organisation

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/extraordinary/provisioning/domain/fault"
)

// ID names an organisation for ever. It is a lower-case UUID.
type ID string

// Status says whether an organisation is served.
type Status string

// The statuses.
const (
	Active    Status = "active"
	Suspended Status = "suspended"
)

// The bounds of a token's life. Entra asks for 60 minutes to 6 hours.
const (
	ShortestTokenLife = time.Hour
	LongestTokenLife  = 6 * time.Hour
)

// RateLimit is how many requests a second an organisation may make.
type RateLimit int

// The limits that are no number of requests.
const (
	DefaultRateLimit RateLimit = 0 // what the service is set to
	NoRateLimit      RateLimit = -1
)

// PerSecond is l as people read it: a number of requests, 0 for no limit, nil for what the service is set to.
func (l RateLimit) PerSecond() *int {
	n := max(int(l), 0)
	if l == DefaultRateLimit {
		return nil
	}
	return &n
}

// highestRateLimit keeps a slip of the hand from being no limit at all.
const highestRateLimit = 1_000_000

// Organisation is one customer.
//
// Invariants: the slug and the name are as NewSlug and NewName want them; the token life is within its bounds.
type Organisation struct {
	id        ID
	slug      string
	name      string
	owner     string // e-mail address of who runs it in the portal
	status    Status
	tokenLife time.Duration
	rateLimit RateLimit
	schemas   int // how often its schemas have changed
	zone      string
	second    bool
	pause     Pause
	created   time.Time
}

// Snapshot is an Organisation with open fields, for stores.
type Snapshot struct {
	ID                ID
	Slug, Name, Owner string
	Status            Status
	TokenLife         time.Duration
	RateLimit         RateLimit
	Schemas           int
	TimeZone          string // an IANA name: the portal shows times in it
	SecondStep        bool   // everybody who signs in to the portal must show one
	Pause             Pause
	Created           time.Time
}

// New makes an active organisation; owner is the e-mail address of who will run it in the portal. Faults: Invalid, at
// "slug" or "name".
func New(id ID, slug, name, owner string, now time.Time) (*Organisation, error) {
	if !slugForm.MatchString(slug) || strings.Contains(slug, "--") {
		return nil, fault.New(fault.Invalid, "%q is no slug: 2 to 40 of a-z, 0-9 and single hyphens, beginning with a letter, ending with a letter or figure", slug).At("slug")
	}
	o := &Organisation{id: id, slug: slug, owner: owner, status: Active, tokenLife: ShortestTokenLife, zone: "UTC", created: now}
	if err := o.Rename(name); err != nil {
		return nil, err
	}
	return o, nil
}

// Rename says what o is called. Faults: Invalid at "name".
func (o *Organisation) Rename(name string) error {
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n < 1 || n > 100 || strings.ContainsFunc(name, isControl) || !utf8.ValidString(name) {
		return fault.New(fault.Invalid, "a name has 1 to 100 characters on one line").At("name")
	}
	o.name = name
	return nil
}

// SetTokenLife says how long access tokens live that are granted from now on. Faults: Invalid at "tokenLife".
func (o *Organisation) SetTokenLife(d time.Duration) error {
	if d < ShortestTokenLife || d > LongestTokenLife {
		return fault.New(fault.Invalid, "a token lives 1 to 6 hours").At("tokenLife")
	}
	o.tokenLife = d
	return nil
}

// Move says in which time zone o's people read times. Faults: Invalid at "timeZone" if the name is empty; whether there is
// such a zone its caller finds out.
func (o *Organisation) Move(zone string) error {
	if zone == "" {
		return fault.New(fault.Invalid, "choose a time zone").At("timeZone")
	}
	o.zone = zone
	return nil
}

// RequireSecondStep says whether everybody who signs in to the portal must show a second step.
func (o *Organisation) RequireSecondStep(required bool) { o.second = required }

var slugForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,38}[a-z0-9]$`)

func isControl(r rune) bool {
	return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029
}

// Restore makes the organisation that s was taken of.
func Restore(s Snapshot) *Organisation {
	return &Organisation{s.ID, s.Slug, s.Name, s.Owner, s.Status, s.TokenLife, s.RateLimit, s.Schemas, s.TimeZone, s.SecondStep, s.Pause, s.Created}
}

// Snapshot gives o's fields.
func (o *Organisation) Snapshot() Snapshot {
	return Snapshot{o.id, o.slug, o.name, o.owner, o.status, o.tokenLife, o.rateLimit, o.schemas, o.zone, o.second, o.pause, o.created}
}

// ID gives o's identifier.
func (o *Organisation) ID() ID { return o.id }

// Active reports whether o is served.
func (o *Organisation) Active() bool { return o.status == Active }

// TokenLife is how long an access token of o lives.
func (o *Organisation) TokenLife() time.Duration { return o.tokenLife }

// RateLimit is how many requests a second o may make.
func (o *Organisation) RateLimit() RateLimit { return o.rateLimit }

// Limit sets how many requests a second o may make. Faults: Invalid at "rate".
func (o *Organisation) Limit(l RateLimit) error {
	if l < NoRateLimit || l > highestRateLimit {
		return fault.New(fault.Invalid, "a rate is a whole number of requests a second up to %d", highestRateLimit).At("rate")
	}
	o.rateLimit = l
	return nil
}

// Schemas counts the changes of o's own schemas, so that who knows some can tell whether they are still the right ones.
func (o *Organisation) Schemas() int { return o.schemas }

// SchemasChanged counts one more.
func (o *Organisation) SchemasChanged() { o.schemas++ }

// Pause is why provisioning rests. The zero one is none.
type Pause struct {
	Since  time.Time
	By     string // id of the member who wished it
	Reason string
}

// Rest stops provisioning until Go on is said: requests are answered that they may come again. Faults: Invalid at "reason".
func (o *Organisation) Rest(by, reason string, now time.Time) error {
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n < 1 || n > 200 || strings.ContainsFunc(reason, isControl) {
		return fault.New(fault.Invalid, "say why, on one line of up to 200 characters").At("reason")
	}
	if !o.Paused() {
		o.pause = Pause{now, by, reason}
	}
	return nil
}

// GoOn takes Rest back.
func (o *Organisation) GoOn() { o.pause = Pause{} }

// Paused reports whether provisioning rests.
func (o *Organisation) Paused() bool { return !o.pause.Since.IsZero() }

// Suspend stops all service to o; its data stay. Twice is as once.
func (o *Organisation) Suspend() { o.status = Suspended }

// Resume takes Suspend back.
func (o *Organisation) Resume() { o.status = Active }
