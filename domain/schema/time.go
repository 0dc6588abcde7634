package schema

import (
	"strings"
	"time"

	"github.com/extraordinary/provisioning/domain/tree"
)

// keyTime has a fixed width, so that the order of its text is the order of time.
const keyTime = "2006-01-02T15:04:05.000000000Z"

// instant reads an xsd:dateTime (RFC 7643 §2.3.5) of the years 0 to 9999, to the nanosecond. Without a time zone it is
// taken for UTC. It is stricter than time.Parse, which takes a comma for a point, and knows 24:00, which that does not.
func instant(v tree.Value) (time.Time, bool) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, false
	}
	const seconds = len("2006-01-02T15:04:05")
	if len(s) < seconds {
		return time.Time{}, false
	}
	clock, rest := s[:seconds], s[seconds:]
	fraction, zone, ok := cutFraction(rest)
	if !ok {
		return time.Time{}, false
	}
	midnight := strings.HasSuffix(clock, "T24:00:00") && strings.Trim(fraction, ".0") == ""
	if midnight {
		clock = strings.TrimSuffix(clock, "24:00:00") + "00:00:00"
	}
	t, err := time.Parse("2006-01-02T15:04:05", clock+fraction)
	if err != nil {
		return time.Time{}, false
	}
	offset, ok := zoneOffset(zone)
	if !ok {
		return time.Time{}, false
	}
	if midnight {
		t = t.AddDate(0, 0, 1)
	}
	t = t.Add(-offset)
	return t, 0 <= t.Year() && t.Year() <= 9999
}

// cutFraction parts ".123Z" into ".123" and "Z". Digits beyond nanoseconds are cut off.
func cutFraction(s string) (fraction, zone string, ok bool) {
	if !strings.HasPrefix(s, ".") {
		return "", s, true
	}
	zone = strings.TrimLeft(s[1:], "0123456789")
	fraction = s[:len(s)-len(zone)]
	return fraction[:min(len(fraction), len(".000000000"))], zone, len(fraction) > 1
}

func zoneOffset(zone string) (time.Duration, bool) {
	if zone == "" || zone == "Z" {
		return 0, true
	}
	if len(zone) != len("+14:00") || zone[0] != '+' && zone[0] != '-' {
		return 0, false
	}
	clock, err := time.Parse("15:04", zone[1:])
	if err != nil {
		return 0, false
	}
	const most = 14 * time.Hour // xsd:dateTime
	offset := time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute
	if zone[0] == '-' {
		return -offset, offset <= most
	}
	return offset, offset <= most
}
