package employeeid

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/extraordinary/provisioning/domain/fault"
)

// Earlier is what a judgement is about that confirms an ID which somebody had before. It is no problem.
const Earlier = "id-earlier"

// MatchedFor is how long payments to an earlier ID reach whoever had it, once that is confirmed: from the day on which the
// ID was changed.
const MatchedFor = 90 * 24 * time.Hour

// Judgement is what a member of the portal says of an ID of somebody: that an earlier one is still theirs, or that a problem
// is known and not to be fixed. It holds for that ID and for no other.
type Judgement struct {
	Person string
	About  Problem // Earlier, or the problem that is known
	ID     string
	Reason string // of a known problem
	By     string // id of the member
	At     time.Time
	Until  time.Time // of an earlier ID; zero: as long as the person has the ID
}

// longestReason is how many characters a reason has room for.
const longestReason = 200

// KnownProblem judges that a problem is known. Faults: Invalid, at "problem" or "reason".
func KnownProblem(person string, about Problem, id, reason, by string, now time.Time) (Judgement, error) {
	reason = strings.TrimSpace(reason)
	switch {
	case !slices.Contains(Problems, about):
		return Judgement{}, fault.New(fault.Invalid, "there is no problem of this name").At("problem")
	case reason == "":
		return Judgement{}, fault.New(fault.Invalid, "Say why nothing need be done.").At("reason")
	case utf8.RuneCountInString(reason) > longestReason:
		return Judgement{}, fault.New(fault.Invalid, "A reason has room for 200 characters.").At("reason")
	}
	return Judgement{Person: person, About: about, ID: id, Reason: reason, By: by, At: now}, nil
}

// Former is an ID that somebody had before, and when it was changed.
type Former struct {
	ID      string
	Changed time.Time
}

// Ends is until when payments to f are matched.
func (f Former) Ends() time.Time { return f.Changed.Add(MatchedFor) }

// ConfirmEarlier judges that payments to an earlier ID are meant for the person who had it. others are the IDs of everybody
// else, and the earlier ones that are confirmed for them. Faults: Conflict if one of these may be taken for it, Stale if it
// has ended.
func ConfirmEarlier(person string, f Former, others []string, by string, now time.Time) (Judgement, error) {
	if !now.Before(f.Ends()) {
		return Judgement{}, fault.New(fault.Stale, "this ID is not matched any more")
	}
	if MeansAnother(f.ID, others) {
		return Judgement{}, fault.New(fault.Conflict, "somebody else has this ID, or nearly")
	}
	return Judgement{Person: person, About: Earlier, ID: f.ID, By: by, At: now, Until: f.Ends()}, nil
}

// MeansAnother reports whether one of others may be taken for id: a bank cuts both, and capitals, spaces and zeros get lost.
func MeansAnother(id string, others []string) bool {
	key := Key(Cut(strings.TrimSpace(id)))
	return slices.ContainsFunc(others, func(other string) bool {
		return strings.TrimSpace(other) != "" && Key(Cut(strings.TrimSpace(other))) == key
	})
}
