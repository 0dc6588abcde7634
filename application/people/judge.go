package people

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/employeeid"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// Judged is a judgement, and what the member is called who made it.
type Judged struct {
	employeeid.Judgement
	Name string
}

// Earlier is an Employee ID that somebody had before.
type Earlier struct {
	employeeid.Former
	Confirmed *Judged // nil: it is not
	Taken     bool    // by somebody whose ID may be taken for it: nothing is matched
	Ended     bool    // its time is over
}

// The paths of what is changed by judging, in the journal.
const (
	pathEarlier = "earlierEmployeeId"
	pathKnown   = "knownProblem"
)

// formers gives the Employee IDs that somebody had before, the last first, as the journal remembers them. One that the
// person has again is not among them.
func formers(ctx context.Context, tx ports.Tx, id directory.ID, now string) (all []employeeid.Former, err error) {
	events, err := tx.Activity().Of(ctx, activity.Subject{Kind: directory.IsUser, ID: string(id)}, 1000)
	for _, e := range events {
		for _, c := range e.Changes {
			was, _ := c.From.(string)
			seen := slices.ContainsFunc(all, func(f employeeid.Former) bool { return f.ID == was })
			if c.Path == "externalId" && was != "" && was != now && !seen && e.Action != activity.Deleted {
				all = append(all, employeeid.Former{ID: was, Changed: e.At})
			}
		}
	}
	return all, err
}

// others gives the IDs that somebody else has, and those that are confirmed as somebody else's earlier ones at now.
func others(ctx context.Context, tx ports.Tx, id directory.ID, judged []employeeid.Judgement, now time.Time) (ids []string, err error) {
	err = tx.People().Holders(ctx, func(h ports.Holder) error {
		if h.ID != id && h.Holder.ID != "" {
			ids = append(ids, h.Holder.ID)
		}
		return nil
	})
	for _, j := range judged {
		if j.About == employeeid.Earlier && j.Person != string(id) && now.Before(j.Until) {
			ids = append(ids, j.ID)
		}
	}
	return ids, err
}

// earlier tells of each ID that somebody had before whether payments to it reach them.
func (s *Service) earlier(ctx context.Context, tx ports.Tx, p directory.Person) (all []Earlier, err error) {
	before, err := formers(ctx, tx, p.ID, p.EmployeeID)
	if err != nil || len(before) == 0 {
		return nil, err
	}
	judged, err := tx.Judgements().All(ctx)
	if err != nil {
		return nil, err
	}
	taken, err := others(ctx, tx, p.ID, judged, s.now())
	if err != nil {
		return nil, err
	}
	for _, f := range before {
		e := Earlier{Former: f, Taken: employeeid.MeansAnother(f.ID, taken), Ended: !s.now().Before(f.Ends())}
		for _, j := range judged {
			if j.Person == string(p.ID) && j.About == employeeid.Earlier && j.ID == f.ID && j.Until.Equal(f.Ends()) {
				if e.Confirmed, err = named(ctx, tx, j); err != nil {
					return nil, err
				}
			}
		}
		all = append(all, e)
	}
	return all, nil
}

// known tells which problems of somebody are known.
func (s *Service) known(ctx context.Context, tx ports.Tx, p directory.Person, about []employeeid.Problem) (all []Judged, err error) {
	if len(about) == 0 {
		return nil, nil
	}
	judged, err := tx.Judgements().All(ctx)
	for _, j := range judged {
		if err == nil && j.Person == string(p.ID) && slices.Contains(about, j.About) && j.ID == p.EmployeeID {
			var one *Judged
			if one, err = named(ctx, tx, j); err == nil {
				all = append(all, *one)
			}
		}
	}
	return all, err
}

// named adds what the member is called who judged.
func named(ctx context.Context, tx ports.Tx, j employeeid.Judgement) (*Judged, error) {
	called := calling{members: map[string]string{j.By: ""}}
	err := called.readMembers(ctx, tx)
	return &Judged{j, called.members[j.By]}, err
}

// ConfirmEarlier says that payments to an earlier ID of somebody are meant for them. It may be repeated. Faults: NotFound, also
// of an ID that was never theirs; Conflict and Stale, as employeeid.ConfirmEarlier.
func (s *Service) ConfirmEarlier(ctx context.Context, org organisation.ID, id directory.ID, employeeID string, by activity.Actor) error {
	return s.judge(ctx, org, id, func(ctx context.Context, tx ports.Tx, p directory.Person, judged []employeeid.Judgement) ([]activity.Change, error) {
		before, err := formers(ctx, tx, id, p.EmployeeID)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(before, func(f employeeid.Former) bool { return f.ID == employeeID })
		if at < 0 {
			return nil, fault.New(fault.NotFound, "this person never had this ID, or has it again")
		}
		taken, err := others(ctx, tx, id, judged, s.now())
		if err != nil {
			return nil, err
		}
		j, err := employeeid.ConfirmEarlier(string(id), before[at], taken, by.ID, s.now())
		if err != nil || slices.ContainsFunc(judged, func(other employeeid.Judgement) bool {
			return other.Person == j.Person && other.About == j.About && other.ID == j.ID && other.Until.Equal(j.Until) // not of a time before that
		}) {
			return nil, err
		}
		return []activity.Change{{Path: pathEarlier, To: employeeID}}, tx.Judgements().Put(ctx, j)
	}, by)
}

// Know says that a problem of somebody's ID is known, and why nothing need be done. employeeID is the ID that was seen.
// Faults: NotFound, Invalid; Stale if the person has another ID, or the problem no more.
func (s *Service) Know(ctx context.Context, org organisation.ID, id directory.ID, about employeeid.Problem, employeeID, reason string, by activity.Actor) error {
	a, err := s.assess(ctx, org)
	if err != nil {
		return err
	}
	j, err := employeeid.KnownProblem(string(id), about, employeeID, reason, by.ID, s.now())
	if err != nil {
		return err
	}
	return s.judge(ctx, org, id, func(ctx context.Context, tx ports.Tx, p directory.Person, judged []employeeid.Judgement) ([]activity.Change, error) {
		if said(judged, j) {
			return nil, nil
		}
		if p.EmployeeID != employeeID || !slices.Contains(a.of[id], about) {
			return nil, fault.New(fault.Stale, "this is not the problem any more")
		}
		return []activity.Change{{Path: pathKnown, To: string(about) + ": " + j.Reason}}, tx.Judgements().Put(ctx, j)
	}, by)
}

// TakeBack takes back what was said of an ID: employeeid.Earlier, or a problem that is known. It may be repeated. Faults:
// NotFound.
func (s *Service) TakeBack(ctx context.Context, org organisation.ID, id directory.ID, about employeeid.Problem, employeeID string, by activity.Actor) error {
	j := employeeid.Judgement{Person: string(id), About: about, ID: employeeID}
	return s.judge(ctx, org, id, func(ctx context.Context, tx ports.Tx, _ directory.Person, judged []employeeid.Judgement) ([]activity.Change, error) {
		if !said(judged, j) {
			return nil, nil
		}
		change := activity.Change{Path: pathKnown, From: string(about)}
		if about == employeeid.Earlier {
			change = activity.Change{Path: pathEarlier, From: employeeID}
		}
		return []activity.Change{change}, tx.Judgements().Remove(ctx, j)
	}, by)
}

// saying is what tells two judgements apart.
type saying struct {
	person, id string
	about      employeeid.Problem
}

// said reports whether the same was said before, by whomever.
func said(judged []employeeid.Judgement, j employeeid.Judgement) bool {
	return slices.ContainsFunc(judged, func(other employeeid.Judgement) bool {
		return other.Person == j.Person && other.About == j.About && other.ID == j.ID
	})
}

// judge runs fn, which says something of a person, in one unit of work, and records what fn has changed.
func (s *Service) judge(ctx context.Context, org organisation.ID, id directory.ID,
	fn func(context.Context, ports.Tx, directory.Person, []employeeid.Judgement) ([]activity.Change, error), by activity.Actor,
) error {
	return s.store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		if _, err := tx.Users().Get(ctx, id); err != nil { // and nobody else changes them, or says anything of them, meanwhile
			return err
		}
		found, err := tx.People().List(ctx, ports.PeopleQuery{Among: []directory.ID{id}, Sheet: ports.Sheet{Limit: 1}})
		if err != nil {
			return err
		}
		judged, err := tx.Judgements().All(ctx)
		if err != nil {
			return err
		}
		changes, err := fn(ctx, tx, found.People[0], judged)
		if err != nil || changes == nil {
			return err
		}
		return s.record(ctx, tx, by, activity.Changed, activity.Subject{Kind: directory.IsUser, ID: string(id)}, changes)
	})
}

// judgedText says in words what was said of an ID.
func judgedText(c activity.Change) string {
	text, _ := c.To.(string)
	switch {
	case c.Path == pathEarlier && c.To != nil:
		return "Confirmed an earlier Employee ID"
	case c.Path == pathEarlier:
		return "Took back an earlier Employee ID"
	case c.Path == pathKnown && strings.TrimSpace(text) != "":
		return "Marked a problem as known"
	case c.Path == pathKnown:
		return "A known problem is to be fixed again"
	}
	return ""
}
