package portal

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/domain/mail"
)

// expiryCalendar gives an entry for a calendar on the day on which a secret ends.
func (p *Portal) expiryCalendar(w http.ResponseWriter, r *http.Request, v Visit) error {
	standing, err := p.options.Credentials.Standing(r.Context(), v.Organisation)
	if err != nil {
		return err
	}
	for _, s := range standing.Secrets {
		if s.KeyID == mux.Vars(r)["id"] && s.Live {
			file := mail.Expiry(s.KeyID, s.Name, p.options.PublicURL+"/settings/scim", s.Expires, p.options.Now())
			w.Header().Set("Content-Type", file.Type+"; charset=utf-8")
			w.Header().Set("Content-Disposition", `attachment; filename="`+file.Name+`"`)
			_, _ = w.Write([]byte(file.Content)) // a browser that is gone cannot be told
			return nil
		}
	}
	return errNowhere
}
