package traffic

import (
	"context"
	"time"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/traffic"
	"github.com/extraordinary/provisioning/ports"
)

// enough is how many people there must be before it says something that none of them has an attribute.
const enough = 5

// watched finds what no single request shows, and what is there to be seen: nobody has a mobile number, people are looked
// for by an Employee ID that some do not have, groups stay empty for three cycles.
func watched(ctx context.Context, tx ports.Tx, state traffic.State, now time.Time) (problems []traffic.Problem, err error) {
	people, err := count(ctx, tx, `active ne false`)
	if err != nil || people < enough {
		return nil, err
	}
	mobiles, err := count(ctx, tx, `active ne false and phoneNumbers[type eq "mobile" and value pr]`)
	if err != nil {
		return nil, err
	}
	if mobiles == 0 {
		problems = append(problems, traffic.Problem{Code: traffic.MobileNotMapped, Count: people, First: state.FirstPerson, Last: now})
	}
	if now.Sub(state.ByID) < 24*time.Hour {
		without, err := count(ctx, tx, `active ne false and not (externalId pr)`)
		if err != nil {
			return nil, err
		}
		if without > 0 {
			problems = append(problems, traffic.Problem{Code: traffic.MatchingByID, Count: without, First: state.ByID, Last: now})
		}
	}
	if n := len(state.Starts); n >= 3 {
		since := state.Starts[n-3]
		empty, err := emptyGroups(ctx, tx, since)
		if err != nil {
			return nil, err
		}
		if empty > 0 {
			problems = append(problems, traffic.Problem{Code: traffic.GroupEmpty, Count: empty, First: since, Last: now})
		}
	}
	return problems, nil
}

// emptyGroups counts the groups without a member that were not touched since.
func emptyGroups(ctx context.Context, tx ports.Tx, since time.Time) (int, error) {
	page, err := search(ctx, tx.Groups(), directory.IsGroup, `not (members pr) and meta.lastModified lt "`+since.UTC().Format(time.RFC3339)+`"`, 0)
	return page.Total, err
}
