package entra

import (
	"fmt"
	"math/rand/v2"
)

// InventPeople makes up n people, the same for the same seed and others for another. Their names are written in many
// languages. Every ninth has no mobile, every thirteenth no employeeId, and all but the first have a manager, none with
// more than eight reports.
func InventPeople(n int, seed uint64) []Person {
	random := rand.New(rand.NewPCG(seed, 0x70656f706c65)) //nolint:gosec // a plan that can be repeated, not a secret
	people := make([]Person, n)
	for i := range people {
		of := languages[random.IntN(len(languages))]
		given, family := of.given[random.IntN(len(of.given))], of.family[random.IntN(len(of.family))]
		p := Person{
			UserPrincipalName: fmt.Sprintf("%s.%s.%d@contoso%d.example", given.plain, family.plain, i+1, seed),
			GivenName:         given.written,
			Surname:           family.written,
			DisplayName:       given.written + " " + family.written,
			Mobile:            mobile(random),
			EmployeeID:        fmt.Sprintf("E%d-%05d", seed, i+1),
			Department:        departments[random.IntN(len(departments))],
		}
		if of.familyFirst {
			p.DisplayName = family.written + " " + given.written
		}
		if i%9 == 4 {
			p.Mobile = ""
		}
		if i%13 == 5 {
			p.EmployeeID = ""
		}
		if i > 0 {
			p.Manager = people[(i-1)/8].UserPrincipalName
		}
		people[i] = p
	}
	return people
}

// mobile is written as people write it: a server must store it so (entra.md 1.2).
func mobile(random *rand.Rand) string {
	a, b := random.IntN(1000), random.IntN(10000)
	switch random.IntN(4) {
	case 0:
		return fmt.Sprintf("+64 21 %03d %04d", a, b)
	case 1:
		return fmt.Sprintf("+31 6 %04d%04d", b, a)
	case 2:
		return fmt.Sprintf("(0)7700-%03d.%04d", a, b)
	default:
		return fmt.Sprintf("+81-90-%04d-%04d", a, b)
	}
}
