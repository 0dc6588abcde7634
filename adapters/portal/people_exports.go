package portal

import (
	"io"
	"net/http"
	"net/url"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/application/people"
	"github.com/extraordinary/provisioning/domain/export"
)

// formList reads the filter, of these names, out of a form.
func formList(r *http.Request, names ...string) list {
	l := list{Filter: url.Values{}}
	for _, name := range names {
		if text := r.PostFormValue(name); text != "" {
			l.Filter.Set(name, text)
		}
	}
	return l
}

func (p *Portal) exportPeople(w http.ResponseWriter, r *http.Request, v Visit) error {
	l := formList(r, peopleFilters...)
	return p.export(w, r, v, people.Wanted{Kind: export.People, People: l.peopleQuery(), Filter: l.Filter.Encode()})
}

// exportHealth makes the list of those who have one problem.
func (p *Portal) exportHealth(w http.ResponseWriter, r *http.Request, v Visit) error {
	l := formList(r, "problem")
	q := l.peopleQuery()
	if words[q.Problem].Code == "" {
		return errNoProblem
	}
	return p.export(w, r, v, people.Wanted{Kind: export.Health, People: q, Filter: l.Filter.Encode()})
}

func (p *Portal) exportActivity(w http.ResponseWriter, r *http.Request, v Visit) error {
	l := formList(r, activityFilters...)
	return p.export(w, r, v, people.Wanted{Kind: export.Activity, Activity: l.activityQuery(p.tools(v).zone), Filter: l.Filter.Encode()})
}

// export answers with the file, or leads to the page of a large one that is being made.
func (p *Portal) export(w http.ResponseWriter, r *http.Request, v Visit, wanted people.Wanted) error {
	wanted.Zone = p.tools(v).zone
	text, job, err := p.options.People.Export(r.Context(), v.Organisation, v.MemberID, wanted)
	if err != nil {
		return err
	}
	if text == nil {
		redirect(w, r, "/exports/"+job.ID)
		return nil
	}
	p.fileHead(w, wanted.Kind)
	_, _ = w.Write(text) // a browser that is gone cannot be told
	return nil
}

func (p *Portal) fileHead(w http.ResponseWriter, k export.Kind) {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+k.FileName(p.options.Now())+`"`)
}

// exportPage is the content of a file's page.
type exportPage struct {
	export.Job
	Title, Back string
}

// own gives a file of the visitor's own making: who made another may see more than they do.
func (p *Portal) own(r *http.Request, v Visit) (export.Job, error) {
	job, err := p.options.People.Job(r.Context(), v.Organisation, mux.Vars(r)["job"])
	if err == nil && job.MadeBy != v.MemberID {
		return job, errNowhere
	}
	return job, err
}

func (p *Portal) exported(w http.ResponseWriter, r *http.Request, v Visit) error {
	job, err := p.own(r, v)
	if err != nil {
		return err
	}
	shown := exportPage{Job: job, Title: "People", Back: "/people"}
	switch job.Kind {
	case export.Activity:
		shown.Title, shown.Back = "Activity", "/activity"
	case export.Health:
		shown.Title, shown.Back = "Employee IDs", "/people/ids"
	case export.People:
	}
	return p.render(w, r, v, http.StatusOK, "people_export", page{Title: "Export of " + shown.Title, Section: shown.Back, Body: shown})
}

func (p *Portal) exportedFile(w http.ResponseWriter, r *http.Request, v Visit) error {
	job, err := p.own(r, v)
	if err != nil {
		return err
	}
	if job.State != export.Ready {
		return errNowhere
	}
	p.fileHead(w, job.Kind)
	return p.options.People.File(r.Context(), v.Organisation, job.ID, func(part string) error {
		_, err := io.WriteString(w, part)
		return err
	})
}
