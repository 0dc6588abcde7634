package portal

import (
	"net/http"
	"slices"

	"github.com/extraordinary/provisioning/application/people"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/ports"
)

// healthPage is the content of the page of Employee IDs.
type healthPage struct {
	people.Report
	Rows []healthRow
}

// Clean reports whether there is a problem that nobody has.
func (h healthPage) Clean() bool {
	return slices.ContainsFunc(h.Rows, func(r healthRow) bool { return r.Found.People == 0 })
}

// AnyKnown reports whether somebody has a problem that is known.
func (h healthPage) AnyKnown() bool {
	return slices.ContainsFunc(h.Rows, func(r healthRow) bool { return r.Found.Known > 0 })
}

// healthRow is one problem, with the first of those who have it.
type healthRow struct {
	people.Found
	problemWords
	People []personRow
	More   bool
}

func (p *Portal) health(w http.ResponseWriter, r *http.Request, v Visit) error {
	report, err := p.options.People.Health(r.Context(), v.Organisation)
	if err != nil {
		return err
	}
	shown := healthPage{Report: report}
	for _, found := range report.Rows {
		row := healthRow{Found: found, problemWords: words[found.Problem]}
		if found.People > 0 {
			some, err := p.options.People.List(r.Context(), v.Organisation, people.Query{Problem: found.Problem, PeopleQuery: ports.PeopleQuery{Sheet: ports.Sheet{Limit: rowsShown}}})
			if err != nil {
				return err
			}
			row.People, row.More = personRows(some.Rows), found.People > rowsShown
		}
		shown.Rows = append(shown.Rows, row)
	}
	return p.render(w, r, v, http.StatusOK, "people_health", page{Title: "Employee ID health", Section: "/people", Body: shown})
}

// errNoProblem is the fault of a form that names none.
var errNoProblem = fault.New(fault.Invalid, "there is no problem of this name")
