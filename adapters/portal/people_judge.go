package portal

import (
	"errors"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/application/people"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/employeeid"
	"github.com/extraordinary/provisioning/domain/fault"
)

// judgeRoutes are what members say of people's Employee IDs. Nothing of it goes to Entra.
func (p *Portal) judgeRoutes() []route {
	manage := needs(access.ManageUsers)
	return []route{
		{http.MethodPost, "/people/{id:[0-9a-f-]+}/earlier", manage, p.judgeEarlier},
		{http.MethodPost, "/people/{id:[0-9a-f-]+}/known", manage, p.judgeKnown},
	}
}

// takesBack reports whether a form takes back what was said.
func takesBack(r *http.Request) bool { return r.PostFormValue("back") != "" }

func (p *Portal) judgeEarlier(w http.ResponseWriter, r *http.Request, v Visit) error {
	employeeID := r.PostFormValue("employeeId")
	return p.judge(w, r, v, func(id directory.ID) (field, message string, err error) {
		if takesBack(r) {
			return "", "Payments to " + employeeID + " are not matched any more.", p.options.People.TakeBack(r.Context(), v.Organisation, id, employeeid.Earlier, employeeID, v.actor())
		}
		err = p.options.People.ConfirmEarlier(r.Context(), v.Organisation, id, employeeID, v.actor())
		if errors.Is(err, fault.Conflict) {
			err = fault.New(fault.Conflict, "Somebody else has %s, or nearly, so that nobody can tell whom a payment to it is meant for.", employeeID)
		}
		return "earlier", "Payments to " + employeeID + " are matched.", err
	})
}

func (p *Portal) judgeKnown(w http.ResponseWriter, r *http.Request, v Visit) error {
	about, employeeID := employeeid.Problem(r.PostFormValue("problem")), r.PostFormValue("employeeId")
	return p.judge(w, r, v, func(id directory.ID) (field, message string, err error) {
		if takesBack(r) {
			return "", "The problem is to be fixed again.", p.options.People.TakeBack(r.Context(), v.Organisation, id, about, employeeID, v.actor())
		}
		return "reason-" + string(about), "The problem is marked as known.", p.options.People.Know(r.Context(), v.Organisation, id, about, employeeID, r.PostFormValue("reason"), v.actor())
	})
}

// judge lets act say something of a person, and leads back to their page. field is where a fault is shown.
func (p *Portal) judge(w http.ResponseWriter, r *http.Request, v Visit, act func(directory.ID) (field, message string, err error)) error {
	id, err := directory.ParseID(mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	field, message, err := act(id)
	if wrong, ok := wrongs(err); ok {
		wrong[0].Field = field
		return p.renderPerson(w, r, v, http.StatusUnprocessableEntity, id, wrong)
	}
	if err != nil {
		return err
	}
	p.flash(w, message)
	redirect(w, r, "/people/"+string(id))
	return nil
}

// toFix is a problem of somebody that is to be fixed, and the form that says that it is known.
type toFix struct {
	problemWords
	EmployeeID string
	Wrong      string // with the reason that was given
	Reason     string
}

// knownProblem is a problem of somebody that need not be fixed.
type knownProblem struct {
	problemWords
	people.Judged
}

func knownWords(all []people.Judged) (shown []knownProblem) {
	for _, j := range all {
		shown = append(shown, knownProblem{words[j.About], j})
	}
	return shown
}
