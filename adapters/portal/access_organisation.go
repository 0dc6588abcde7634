package portal

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/extraordinary/provisioning/application/settings"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/fault"
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
	known, err := p.options.Settings.Get(r.Context(), v.Organisation)
	if err != nil {
		return err
	}
	return p.render(w, r, v, status, "access_organisation", page{Title: "Organisation", Section: "/settings", Tab: "/settings/organisation", Errors: wrong, Body: organisationForm{s, known}})
}

// organisationForm is what the form shows, and what is there: the form says which settings it knew.
type organisationForm struct {
	settings.Settings
	Known settings.Settings
}

// changedMeanwhile shows what was typed beside what somebody else has written since the page was opened.
func (p *Portal) changedMeanwhile(w http.ResponseWriter, r *http.Request, v Visit, wanted settings.Settings) error {
	text := "Somebody changed this"
	if who, at, err := p.options.Settings.LastChange(r.Context(), v.Organisation); err != nil {
		return err
	} else if !at.IsZero() {
		name, err := p.actor(r.Context(), v, who)
		if err != nil {
			return err
		}
		text = name + " changed this at " + at.In(p.tools(v).zone).Format("15:04")
	}
	return p.renderOrganisation(w, r, v, http.StatusConflict, wanted, []fieldError{{"", text + "; below stands what you typed, beside it what is there now. Save again to keep yours."}})
}

// hoursOf reads a number of hours; what is none is out of bounds.
func hoursOf(text string) time.Duration {
	hours, _ := strconv.Atoi(text) // see above
	return time.Duration(hours) * time.Hour
}

func (p *Portal) saveOrganisation(w http.ResponseWriter, r *http.Request, v Visit) error {
	if ok, err := p.confirmed(w, r, v, "Save the settings"); !ok || err != nil {
		return err
	}
	known := settings.Settings{
		Name: r.PostFormValue("known-name"), TimeZone: r.PostFormValue("known-timeZone"), TokenLife: hoursOf(r.PostFormValue("known-tokenLife")), SecondStep: r.PostFormValue("known-secondStep") == "true",
	}
	wanted := settings.Settings{
		Name: r.PostFormValue("name"), TimeZone: r.PostFormValue("timeZone"), TokenLife: hoursOf(r.PostFormValue("tokenLife")), SecondStep: r.PostFormValue("secondStep") == "yes",
	}
	err := p.options.Settings.Save(r.Context(), v.Organisation, v.actor(), known, wanted)
	if errors.Is(err, fault.Stale) {
		return p.changedMeanwhile(w, r, v, wanted)
	}
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
