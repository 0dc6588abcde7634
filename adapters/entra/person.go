package entra

import (
	"errors"
	"fmt"
	"strings"
)

// Person is somebody in the tenant, by Entra's own names. Empty means that Entra holds no value, and sends none.
type Person struct {
	UserPrincipalName string // never empty; compared without regard to case
	GivenName         string
	Surname           string
	DisplayName       string
	Mobile            string
	EmployeeID        string
	Department        string
	Manager           string // a userPrincipalName; one that is nobody's is skipped, as Entra skips who is out of scope
	AccountDisabled   bool   // Entra never creates such a person (entra.md 1.2)
}

// checkPeople refuses people whom Entra could not tell apart.
func checkPeople(people []Person) error {
	seen := make(map[string]bool, len(people))
	for i := range people {
		name := people[i].UserPrincipalName
		switch {
		case strings.TrimSpace(name) == "":
			return fmt.Errorf("person %d has no userPrincipalName", i+1)
		case seen[fold(name)]:
			return fmt.Errorf("person %d has the userPrincipalName %q of somebody before", i+1, name)
		}
		seen[fold(name)] = true
	}
	return nil
}

// fold makes equal what differs in case only.
func fold(name string) string { return strings.ToLower(name) }

var errNobody = errors.New("there is nobody in it: one line for each person follows the header")
