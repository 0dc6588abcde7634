package mail

import (
	"slices"
	"strings"
	"time"
)

// Expiry is an entry for a calendar (RFC 5545) on the day on which a client secret ends, with a reminder two weeks before.
// Lines end with CRLF (§3.1).
func Expiry(keyID, secret, portal string, expires, now time.Time) File {
	const stamp = "20060102T150405Z"
	day := expires.UTC().Format("20060102")
	return File{Name: "secret-expires.ics", Type: "text/calendar", Content: strings.Join(slices.Concat(
		[]string{"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Extraordinary//Provisioning//EN", "BEGIN:VEVENT"},
		[]string{"UID:secret-" + keyID + "@extraordinary", "DTSTAMP:" + now.UTC().Format(stamp), "DTSTART;VALUE=DATE:" + day},
		[]string{"SUMMARY:" + calendarText("Entra's client secret "+secret+" expires"), "DESCRIPTION:" + calendarText("Generate another one and paste it into Entra: "+portal)},
		[]string{"BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:" + calendarText("Entra's client secret expires in two weeks"), "TRIGGER:-P14D", "END:VALARM", "END:VEVENT", "END:VCALENDAR", ""},
	), "\r\n")}
}

// calendarText escapes what has a meaning in a text (RFC 5545 §3.3.11).
func calendarText(text string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`, "\r", "").Replace(text)
}
