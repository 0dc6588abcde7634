package portal

import (
	"net/http"
)

// checklist is the part of the page that keeps itself up to date.
func (p *Portal) checklist(w http.ResponseWriter, r *http.Request, v Visit) error {
	c, err := p.connection(r.Context(), v)
	if err != nil {
		return err
	}
	return p.render(w, r, v, http.StatusOK, "scim_checklist", page{Title: "Check-list", Section: "/settings", Tab: "/settings/scim", Body: c})
}

func (p *Portal) askPause(w http.ResponseWriter, r *http.Request, v Visit) error {
	return p.renderPause(w, r, v, http.StatusOK, "", nil)
}

func (p *Portal) renderPause(w http.ResponseWriter, r *http.Request, v Visit, status int, reason string, wrong []fieldError) error {
	return p.render(w, r, v, status, "scim_pause", page{Title: "Pause provisioning", Section: "/settings", Tab: "/settings/scim", Errors: wrong, Body: reason})
}

func (p *Portal) pause(w http.ResponseWriter, r *http.Request, v Visit) error {
	reason := r.PostFormValue("reason")
	err := p.options.Traffic.Pause(r.Context(), v.Organisation, v.actor(), reason)
	if wrong, ok := wrongs(err); ok {
		return p.renderPause(w, r, v, http.StatusUnprocessableEntity, reason, wrong)
	}
	if err != nil {
		return err
	}
	p.flash(w, "Provisioning is paused.")
	redirect(w, r, "/settings/scim")
	return nil
}

func (p *Portal) resume(w http.ResponseWriter, r *http.Request, v Visit) error {
	if err := p.options.Traffic.Resume(r.Context(), v.Organisation, v.actor()); err != nil {
		return err
	}
	p.flash(w, "Provisioning goes on. Entra sends what was left with its next cycle.")
	redirect(w, r, "/settings/scim")
	return nil
}
