package portal

import (
	"net/http"
	"time"
)

// confirmTime is how long somebody who has shown a password may do dangerous things without showing it again.
const confirmTime = 10 * time.Minute

// confirming is a page that repeats an act's fields, hidden, beside a password. It posts them to the address they came
// from: what was typed is not lost, and nothing waits on the server.
type confirming struct {
	Action string
	Act    string // what the button does, such as "Generate credentials"
	Fields []hidden
}

type hidden struct{ Name, Value string }

// passwordField is the confirmation's. No act has a field of this name.
const passwordField = "confirm-password"

// confirmed reports whether the visitor has shown a password lately, or shows the right one with this form. If not, it
// answers with a page that asks for it, and the act is not done.
func (p *Portal) confirmed(w http.ResponseWriter, r *http.Request, v Visit, act string) (bool, error) {
	if p.options.Now().Sub(v.Confirmed) < confirmTime {
		return true, nil
	}
	content := page{Title: "Confirm that it is you"}
	if password := r.PostFormValue(passwordField); password != "" {
		err := p.options.Confirm(r.Context(), v, r.RemoteAddr, password)
		if err == nil {
			return true, nil
		}
		if !isEnded(err) {
			return false, err
		}
		content.Errors = []fieldError{{passwordField, "That is not your password. Type it again."}}
	}
	ask := confirming{Action: r.URL.Path, Act: act}
	for name, values := range r.PostForm {
		for _, value := range values {
			if name != passwordField {
				ask.Fields = append(ask.Fields, hidden{name, value})
			}
		}
	}
	content.Body = ask
	return false, p.render(w, r, v, http.StatusUnprocessableEntity, "confirm", content)
}
