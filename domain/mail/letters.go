package mail

import (
	"html"
	"strings"
	"time"
)

// The letters. All words of our mails are here.

// Invitation asks somebody to join.
func Invitation(to, organisation, inviter, link string, ends time.Time) Message {
	return letter(to, "Join "+organisation+" on Extraordinary", link, "Accept the invitation",
		inviter+" has invited you to the Customer Portal of "+organisation+" on Extraordinary.",
		"The link works once, until "+day(ends)+". If you did not expect it, you need not do anything.")
}

// Reset lets somebody choose a new password.
func Reset(to, organisation, link string) Message {
	return letter(to, "Choose a new password for "+organisation, link, "Choose a new password",
		"Somebody asked for a new password for your account in the Customer Portal of "+organisation+" on Extraordinary.",
		"The link works once, for an hour. If it was not you, you need not do anything: your password stays as it is.")
}

// SecondStepDropped tells somebody that a second step is gone.
func SecondStepDropped(to, organisation, by, portal string) Message {
	return letter(to, "Your second step for "+organisation+" was taken away", portal, "Open the portal",
		by+" has taken away the second step of your account in the Customer Portal of "+organisation+" on Extraordinary.",
		"Set up a new one when you sign in. If you did not ask for this, speak to "+by+" at once.")
}

// PasswordChanged tells somebody that a password was changed.
func PasswordChanged(to, organisation, portal string) Message {
	return letter(to, "Your password for "+organisation+" was changed", portal, "Open the portal",
		"The password of your account in the Customer Portal of "+organisation+" on Extraordinary was changed, and all other browsers were signed out.",
		"If it was not you, choose a new one by “Forgotten your password?” and tell an Organisation Lead.")
}

// SecretEnds warns that a client secret ends soon, or has ended.
func SecretEnds(to, organisation, secret, portal string, ends, now time.Time) Message {
	when := "expires on " + day(ends)
	if !now.Before(ends) {
		when = "expired on " + day(ends)
	}
	return letter(to, "Entra's client secret of "+organisation+" "+when, portal, "Generate another secret",
		"The client secret “"+secret+"”, with which your Microsoft Entra signs in to Extraordinary, "+when+".",
		"From then on Entra is refused and nobody is updated. Generate another secret, paste it into Entra, and press Test connection; the old one works meanwhile.")
}

func day(t time.Time) string { return t.Format("2 January 2006") }

// letter writes a mail of a few paragraphs and one link, in both forms.
func letter(to, subject, link, act string, paragraphs ...string) Message {
	var text, rich strings.Builder
	rich.WriteString(`<!doctype html><html lang="en-GB"><body>`)
	for _, p := range paragraphs {
		text.WriteString(p + "\n\n")
		rich.WriteString("<p>" + html.EscapeString(p) + "</p>")
	}
	text.WriteString(act + ":\n" + link + "\n")
	rich.WriteString(`<p><a href="` + html.EscapeString(link) + `">` + html.EscapeString(act) + "</a></p></body></html>")
	return Message{To: to, Subject: oneLine(subject), Text: text.String(), HTML: rich.String()}
}

// oneLine keeps a name with a line's end in it from being a header of its own.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
}
