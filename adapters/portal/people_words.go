package portal

import "github.com/extraordinary/provisioning/domain/employeeid"

// problemWords is a problem of Employee IDs as people read it.
type problemWords struct {
	Code        employeeid.Problem
	Short       string // in lists
	One, Many   string // "1 has none", "19 have none"
	Consequence string
	Remedy      []string // what to change in Entra; what stands between asterisks is a name there
	Kind        string   // of its badge
	Sentence    string   // on the page of somebody who has it
}

const (
	mapping   = "*Provisioning* › *Attribute mapping* › *Users* › *externalId*"
	ownRecord = "*Users* › the person › *Properties* › *Employee ID*"
)

var remap = []string{mapping + ": choose *employeeId* as the source, apply *Always*.", "Nothing to press afterwards: Entra sends the new IDs with its next cycle."}

var words = map[employeeid.Problem]problemWords{
	employeeid.Double: {
		employeeid.Double, "Shared ID", "shares one ID with somebody", "share one ID with somebody", "payments held",
		[]string{ownRecord + ": correct it for one of them."},
		"bad", "Somebody else has the same Employee ID. Payments to it are held.",
	},
	employeeid.NearDouble: {
		employeeid.NearDouble, "Nearly shared ID", "has an ID that differs only by case, space or zeros", "have an ID that differs only by case, space or zeros", "payments held",
		[]string{ownRecord + ": make one of them clearly different."},
		"bad", "Somebody else's Employee ID differs only by case, space or zeros.",
	},
	employeeid.SameCut: {
		employeeid.SameCut, "Same when cut", "has an ID that is another's once a bank cuts it", "have an ID that is another's once a bank cuts it", "payments held",
		[]string{ownRecord + ": make the first 12 characters different."},
		"bad", "A bank keeps 12 characters, and these are the same as somebody else's.",
	},
	employeeid.Missing: {
		employeeid.Missing, "No ID", "has no Employee ID", "have no Employee ID", "payments cannot reach them",
		[]string{ownRecord + ": fill it in.", mapping + ": choose *employeeId* as the source, apply *Always*."},
		"warn", "There is no Employee ID, so a salary sacrifice cannot reach them.",
	},
	employeeid.ObjectID: {
		employeeid.ObjectID, "GUID", "has an ID that is a GUID", "have an ID that is a GUID", "payroll does not know it", remap, "warn", "The Employee ID is the object id of the directory (a GUID).",
	},
	employeeid.Alias: {
		employeeid.Alias, "Mail nickname", "has the mail nickname as ID", "have the mail nickname as ID", "Entra's default mapping is still on", remap, "warn",
		"The Employee ID equals the mail nickname: Entra's default mapping is still on.",
	},
	employeeid.Email: {
		employeeid.Email, "E-mail as ID", "has an e-mail address as ID", "have an e-mail address as ID", "banks refuse the @", remap, "warn", "The Employee ID is an e-mail address; banks refuse the @.",
	},
	employeeid.Long: {
		employeeid.Long, "Long ID", "has an ID longer than 12 characters", "have an ID longer than 12 characters", "the bank cuts them",
		[]string{ownRecord + ": shorten it. Else only the first 12 characters can match."},
		"warn",
		"The Employee ID is longer than the 12 characters of a New Zealand bank reference; the bank will cut it.",
	},
	employeeid.Unlike: {
		employeeid.Unlike, "Unusual ID", "has an ID unlike 95 % of the others", "have an ID unlike 95 % of the others", "worth a look",
		[]string{ownRecord + ": compare it with payroll's. If it is right, nothing need be done."},
		"warn",
		"Nearly everybody else's Employee ID is built in another way.",
	},
}

func wordsOf(problems []employeeid.Problem) (all []problemWords) {
	for _, p := range problems {
		all = append(all, words[p])
	}
	return all
}

// Have says what n people have.
func (w problemWords) Have(n int) string {
	if n == 1 {
		return w.One
	}
	return w.Many
}

// Steps are the steps of the remedy.
func (w problemWords) Steps() [][]fragment { return steps(w.Remedy) }
