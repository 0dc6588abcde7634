package credential

import (
	"io"
	"math"
	"time"

	"github.com/extraordinary/provisioning/domain/fault"
)

// LongestOverlap is how long at most old secrets live beside a new one.
const LongestOverlap = 90 * 24 * time.Hour

// ToTheirEnd is the overlap of secrets that live beside a new one for as long as they would without it.
const ToTheirEnd time.Duration = math.MaxInt64

// Rotate gives c a new secret, whose text is given here and kept nowhere. Those that are live end after overlap, if
// they do not end sooner; with no overlap they end at once.
// Faults: Invalid at "years" or "overlap"; Conflict if c is revoked, or if too many secrets would be live.
func (c *ClientCredential) Rotate(years int, overlap time.Duration, keys Keys, random io.Reader, now time.Time) (text string, err error) {
	live := c.live(now)
	switch {
	case !c.revoked.IsZero():
		return "", fault.New(fault.Conflict, "the credential was revoked on %s and stays so; make a new one", c.revoked.Format(time.DateOnly))
	case overlap < 0 || overlap > LongestOverlap && overlap != ToTheirEnd:
		return "", fault.New(fault.Invalid, "the old secret may live from 0 hours to 90 days beside the new one").At("overlap")
	case overlap > 0 && len(live) >= MaxLive:
		return "", fault.New(fault.Conflict, "%d secrets are live already; wait until %s, when the older ends, or rotate with an overlap of 0, which ends both now",
			len(live), earliest(live).Format(time.RFC3339))
	}
	before := len(c.secrets)
	if text, err = c.add(years, keys, random, now); err != nil {
		return "", err
	}
	c.end(c.secrets[:before], now.Add(overlap))
	return text, nil
}

// end lets secrets live until then and no longer.
func (c *ClientCredential) end(secrets []Secret, then time.Time) {
	then = wholeSecond(then)
	for i, s := range secrets {
		if s.Live(then) {
			secrets[i].Expires = then
		}
	}
}

// Revoke ends c and its secrets for ever. Twice is as once.
func (c *ClientCredential) Revoke(now time.Time) {
	if c.revoked.IsZero() {
		c.revoked = wholeSecond(now)
		c.end(c.secrets, now)
	}
}

// RevokeSecret ends one secret and leaves the others. One that has ended already stays as it is. Faults: NotFound.
func (c *ClientCredential) RevokeSecret(keyID string, now time.Time) error {
	for i, s := range c.secrets {
		if s.KeyID == keyID {
			c.end(c.secrets[i:i+1], now)
			return nil
		}
	}
	return fault.New(fault.NotFound, "this credential has no such secret")
}

// Live reports whether somebody can sign in with c at now.
func (c *ClientCredential) Live(now time.Time) bool { return len(c.live(now)) > 0 }

func (c *ClientCredential) live(now time.Time) (live []Secret) {
	for _, s := range c.secrets {
		if s.Live(now) {
			live = append(live, s)
		}
	}
	return live
}

func earliest(secrets []Secret) time.Time {
	first := secrets[0].Expires
	for _, s := range secrets {
		if s.Expires.Before(first) {
			first = s.Expires
		}
	}
	return first
}

// Newest gives the secret that was made last.
func (c *ClientCredential) Newest() Secret { return c.secrets[len(c.secrets)-1] }
