package entra

import "strings"

// The targets of the mappings, in the notation of Entra's mapping screen.
const (
	pathActive         = "active"
	pathUserName       = "userName"
	pathDisplayName    = "displayName"
	pathGivenName      = "name.givenName"
	pathFamilyName     = "name.familyName"
	pathWorkEmail      = `emails[type eq "work"].value`
	pathMobile         = `phoneNumbers[type eq "mobile"].value`
	pathExternalID     = "externalId"
	pathEmployeeNumber = enterpriseSchema + ":employeeNumber"
	pathDepartment     = enterpriseSchema + ":department"
)

// attribute is one mapped value. The only boolean, active, is "True" or "False" as Entra's Switch makes it.
type attribute struct{ path, value string }

// attributes are a's values under this project's mapping: Entra's default one, with employeeId for the externalId. Null
// is not sent, neither on creation nor later (entra.md 1.3), so what is empty does not occur.
func (a *account) attributes() []attribute {
	all := []attribute{
		{pathUserName, a.UserPrincipalName},
		{pathActive, activity(a.active).String()},
		{pathDisplayName, a.DisplayName},
		{pathWorkEmail, a.UserPrincipalName},
		{pathGivenName, a.GivenName},
		{pathFamilyName, a.Surname},
		{pathMobile, a.Mobile},
		{pathExternalID, a.EmployeeID},
		{pathEmployeeNumber, a.EmployeeID},
		{pathDepartment, a.Department},
	}
	kept := all[:0]
	for _, x := range all {
		if x.value != "" {
			kept = append(kept, x)
		}
	}
	return kept
}

// value is what the server holds at one of the paths above, and whether it holds anything. Elements of one type are
// unique (entra.md 1.2): should there be several, the value is all of them, which equals none that Entra sends.
func (r *resource) value(path string) (string, bool) {
	switch path {
	case pathActive:
		if r.Active == nil {
			return "", false
		}
		return r.Active.String(), true
	case pathWorkEmail:
		return ofType("work", r.Emails)
	case pathMobile:
		return ofType("mobile", r.PhoneNumbers)
	case pathUserName:
		return text(r.UserName)
	case pathDisplayName:
		return text(r.DisplayName)
	case pathGivenName:
		return text(r.Name.GivenName)
	case pathFamilyName:
		return text(r.Name.FamilyName)
	case pathExternalID:
		return text(r.ExternalID)
	case pathEmployeeNumber:
		return text(r.Enterprise.EmployeeNumber)
	case pathDepartment:
		return text(r.Enterprise.Department)
	default:
		return "", false
	}
}

func text(s *string) (string, bool) {
	if s == nil {
		return "", false
	}
	return *s, true
}

func ofType(kind string, elements []typedValue) (string, bool) {
	var values []string
	for _, e := range elements {
		if strings.EqualFold(e.Type, kind) {
			values = append(values, e.Value)
		}
	}
	return strings.Join(values, ", "), len(values) > 0
}
