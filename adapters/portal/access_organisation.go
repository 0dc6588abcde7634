package portal

import (
	"net/http"
	"strconv"
	"time"

	"github.com/extraordinary/provisioning/application/settings"
	"github.com/extraordinary/provisioning/domain/access"
)

// organisationRoutes are Settings > Organisation.
func (p *Portal) organisationRoutes() []route {
	staff := needs(access.StaffManagement)
	return []route{
		{http.MethodGet, "/settings/organisation", staff, p.organisation},
		{http.MethodPost, "/settings/organisation", staff, p.saveOrganisation},
	}
}

// zones are offered; any other name of IANA's may be typed.
var zones = []string{
	"Pacific/Auckland", "Australia/Sydney", "Australia/Brisbane", "Australia/Adelaide", "Australia/Perth", "Asia/Singapore", "Asia/Tokyo", "Asia/Kolkata",
	"Europe/London", "Europe/Dublin", "Europe/Berlin", "Europe/Paris", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "UTC",
}

// Zones are the time zones that are offered.
func (v view) Zones() []string { return zones }

// HourChoices are how long a token may live.
func (v view) HourChoices() []int { return []int{1, 2, 3, 4, 5, 6} }

func (p *Portal) organisation(w http.ResponseWriter, r *http.Request, v Visit) error {
	found, err := p.options.Settings.Get(r.Context(), v.Organisation)
	if err != nil {
		return err
	}
	return p.renderOrganisation(w, r, v, http.StatusOK, found, nil)
}

func (p *Portal) renderOrganisation(w http.ResponseWriter, r *http.Request, v Visit, status int, s settings.Settings, wrong []fieldError) error {
	return p.render(w, r, v, status, "access_organisation", page{Title: "Organisation", Section: "/settings", Tab: "/settings/organisation", Errors: wrong, Body: s})
}

func (p *Portal) saveOrganisation(w http.ResponseWriter, r *http.Request, v Visit) error {
	if ok, err := p.confirmed(w, r, v, "Save the settings"); !ok || err != nil {
		return err
	}
	hours, _ := strconv.Atoi(r.PostFormValue("tokenLife")) // what is no number is out of bounds
	wanted := settings.Settings{
		Name: r.PostFormValue("name"), TimeZone: r.PostFormValue("timeZone"), TokenLife: time.Duration(hours) * time.Hour, SecondStep: r.PostFormValue("secondStep") == "yes",
	}
	err := p.options.Settings.Save(r.Context(), v.Organisation, v.actor(), wanted)
	if wrong, ok := wrongs(err); ok {
		return p.renderOrganisation(w, r, v, http.StatusUnprocessableEntity, wanted, wrong)
	}
	if err != nil {
		return err
	}
	p.flash(w, "The settings are saved.")
	redirect(w, r, "/settings/organisation")
	return nil
}
