package portal

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/mux"
)

// expiryCalendar gives an entry for a calendar (RFC 5545) on the day on which a secret ends, with a reminder two weeks
// before.
func (p *Portal) expiryCalendar(w http.ResponseWriter, r *http.Request, v Visit) error {
	standing, err := p.options.Credentials.Standing(r.Context(), v.Organisation)
	if err != nil {
		return err
	}
	for _, s := range standing.Secrets {
		if s.KeyID == mux.Vars(r)["id"] && s.Live {
			w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
			w.Header().Set("Content-Disposition", `attachment; filename="secret-expires.ics"`)
			_, _ = w.Write([]byte(calendar(s.KeyID, s.Name, p.options.PublicURL, s.Expires, p.options.Now()))) // a browser that is gone cannot be told
			return nil
		}
	}
	return errNowhere
}

// calendar writes the entry. Lines end with CRLF (RFC 5545 §3.1).
func calendar(keyID, name, url string, expires, now time.Time) string {
	const stamp = "20060102T150405Z"
	day := expires.UTC().Format("20060102")
	return strings.Join(slices.Concat(
		[]string{"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Extraordinary//Provisioning//EN", "BEGIN:VEVENT"},
		[]string{"UID:secret-" + keyID + "@extraordinary", "DTSTAMP:" + now.UTC().Format(stamp), "DTSTART;VALUE=DATE:" + day},
		[]string{"SUMMARY:" + calendarText("Entra's client secret "+name+" expires"), "DESCRIPTION:" + calendarText("Generate another one and paste it into Entra: "+url+"/settings/scim")},
		[]string{"BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:" + calendarText("Entra's client secret expires in two weeks"), "TRIGGER:-P14D", "END:VALARM", "END:VEVENT", "END:VCALENDAR", ""},
	), "\r\n")
}

// calendarText escapes what has a meaning in a text (RFC 5545 §3.3.11).
func calendarText(text string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`, "\r", "").Replace(text)
}
