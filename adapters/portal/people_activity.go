package portal

import (
	"net/http"
	"net/url"
	"time"

	"github.com/extraordinary/provisioning/application/people"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/ports"
)

// activityRoutes are what the organisation's people did.
func (p *Portal) activityRoutes() []route {
	may := needs(access.ManageUsers, access.StaffManagement, access.ManageIntegrations)
	return []route{
		{http.MethodGet, "/activity", may, p.activity},
		{http.MethodPost, "/activity/export", may, p.exportActivity},
		{http.MethodGet, "/exports/{job}", may, p.exported},
		{http.MethodGet, "/exports/{job}/file", may, p.exportedFile},
	}
}

// activityList is the content of the page.
type activityList struct {
	list
	Lines   []people.Line
	Members []*access.Member
	About   []choice
}

// choice is one of a list to choose from.
type choice struct{ Value, Text string }

// subjectsOf are the kinds of what people do something to.
var subjectsOf = []choice{{"Member", "Members of the portal"}, {"ClientCredential", "Credentials"}, {"Organisation", "Organisation"}, {"User", "People's Employee IDs"}, {"Export", "Exports"}}

func (l list) activityQuery(zone *time.Location) ports.ActivityQuery {
	q := ports.ActivityQuery{ByPeople: true, Member: l.Filter.Get("member"), Subject: activity.Subject{Kind: l.Filter.Get("about")}}
	q.Since, q.Until = dayOf(l.Filter, "from", zone), dayOf(l.Filter, "to", zone)
	if !q.Until.IsZero() {
		q.Until = q.Until.AddDate(0, 0, 1) // the day itself counts
	}
	return q
}

// dayOf reads a date. What is none filters nothing.
func dayOf(values url.Values, name string, zone *time.Location) time.Time {
	day, err := time.ParseInLocation(time.DateOnly, values.Get(name), zone)
	if err != nil {
		return time.Time{}
	}
	return day
}

var activityFilters = []string{"member", "about", "from", "to"}

func (p *Portal) activity(w http.ResponseWriter, r *http.Request, v Visit) error {
	l := activityList{list: newList(r, activityFilters...), About: subjectsOf}
	q := l.activityQuery(p.tools(v).zone)
	q.Sheet = sheetOf(r, rowsShown)
	found, err := p.options.People.Activity(r.Context(), v.Organisation, q)
	if err != nil {
		return err
	}
	if l.Members, err = p.options.Members.List(r.Context(), v.Organisation); err != nil {
		return err
	}
	l.turn(found.Total, found.Places, found.Edges)
	l.Lines = found.Lines
	return p.render(w, r, v, http.StatusOK, "people_activity", page{Title: "Activity", Section: "/activity", Body: l})
}
