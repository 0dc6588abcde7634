package traffic

import (
	"slices"
	"time"
)

// State is one organisation's connection as its traffic shows it: what happened first, what last, and how regularly.
type State struct {
	FirstToken, Tested, FirstPerson, FirstGroup time.Time       // zero: not yet
	Heard                                       time.Time       // the last request that was let in
	TokenGranted                                time.Time       // the last
	TokenRefused                                time.Time       // the last
	Refusal                                     Code            // why
	RefusedSince                                time.Time       // the first refusal behind the last token; zero: none
	Starts                                      []time.Time     // of the last cycles, the newest last
	Cycle, Last                                 Cycle           // the one that goes on, and the one before it
	People, WithActive                          int             // people that were created or changed, and those with "active" among them
	ByID                                        time.Time       // somebody was last looked for by externalId
	Seen                                        map[string]Used // use of secrets, by their key ids
	Warned                                      map[string]int  // of which secrets was it said that they end in so many days
}

// Cycle counts what a cycle did.
type Cycle struct {
	Start                       time.Time
	Requests, Changes, Failures int
}

// Used is how a secret was used.
type Used struct {
	First, Last time.Time
	Days        map[string]int // tokens by day, for the last week
}

// quiet is how long nothing comes before a new cycle begins, and mostStarts how many of these are remembered.
const (
	quiet      = 10 * time.Minute
	mostStarts = 12
)

// Note takes an exchange into account. They come in the order of their times.
func (s *State) Note(e Exchange) {
	if e.Act == Token {
		s.noteToken(e)
		return
	}
	if e.Status == 401 || e.Status == 0 {
		return
	}
	if s.Heard.IsZero() || e.At.Sub(s.Heard) >= quiet {
		s.Last, s.Cycle = s.Cycle, Cycle{Start: e.At}
		s.Starts = append(s.Starts, e.At)
		if len(s.Starts) > mostStarts {
			s.Starts = slices.Clone(s.Starts[len(s.Starts)-mostStarts:])
		}
	}
	s.Heard = e.At
	s.Cycle.Requests += max(e.Count, 1)
	if e.Outcome == Refused || e.Outcome == Failed {
		s.Cycle.Failures++
		return
	}
	switch {
	case e.Act == Tested && s.Tested.IsZero():
		s.Tested = e.At
	case e.Act == Created && e.About == Person && s.FirstPerson.IsZero():
		s.FirstPerson = e.At
	case e.Act == Created && e.About == Group && s.FirstGroup.IsZero():
		s.FirstGroup = e.At
	}
	if e.Act.Writes() {
		s.Cycle.Changes++
	}
}

func (s *State) noteToken(e Exchange) {
	if e.Outcome != Done {
		if e.Outcome == Refused {
			if s.RefusedSince.IsZero() {
				s.RefusedSince = e.At
			}
			s.TokenRefused, s.Refusal = e.At, e.Code()
		}
		return
	}
	if s.FirstToken.IsZero() {
		s.FirstToken = e.At
	}
	s.TokenGranted, s.RefusedSince = e.At, time.Time{}
	if s.Seen == nil {
		s.Seen = map[string]Used{}
	}
	used := s.Seen[e.KeyID]
	if used.First.IsZero() {
		used.First = e.At
	}
	used.Last = e.At
	days := map[string]int{}
	for day, n := range used.Days {
		if day > e.At.AddDate(0, 0, -7).Format(time.DateOnly) {
			days[day] = n
		}
	}
	days[e.At.Format(time.DateOnly)] += max(e.Count, 1)
	used.Days = days
	s.Seen[e.KeyID] = used
}

// Tokens counts the tokens of a secret in the last seven days.
func (s State) Tokens(keyID string, now time.Time) (n int) {
	for day, tokens := range s.Seen[keyID].Days {
		if day > now.AddDate(0, 0, -7).Format(time.DateOnly) {
			n += tokens
		}
	}
	return n
}

// Rhythm is how far apart cycles begin: the median; zero until there are three.
func (s State) Rhythm() time.Duration {
	if len(s.Starts) < 3 {
		return 0
	}
	gaps := make([]time.Duration, 0, len(s.Starts)-1)
	for i := 1; i < len(s.Starts); i++ {
		gaps = append(gaps, s.Starts[i].Sub(s.Starts[i-1]))
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}

// Regular counts the starts at the end of which each came 20 to 60 minutes after the one before.
func (s State) Regular() int {
	n := min(len(s.Starts), 1)
	for i := len(s.Starts) - 1; i > 0; i-- {
		if gap := s.Starts[i].Sub(s.Starts[i-1]); gap < 20*time.Minute || gap > 60*time.Minute {
			break
		}
		n++
	}
	return n
}

// Standing is the connection in one word.
type Standing string

// The standings, in the order in which they are looked for.
const (
	NotSetUp  Standing = "Not set up"
	OnPause   Standing = "Paused"
	Rejected  Standing = "Refused"
	Failing   Standing = "Failing"
	Overdue   Standing = "Late"
	Waiting   Standing = "Waiting"
	Connected Standing = "Connected"
)

// Judge gives the first standing that holds. credentials says whether there are any, paused whether somebody has paused.
func (s State) Judge(credentials, paused bool, now time.Time) Standing {
	rhythm := s.Rhythm()
	cycle := s.Cycle
	if cycle.Requests < 10 && s.Last.Requests > cycle.Requests { // too early to say
		cycle = s.Last
	}
	switch {
	case !credentials:
		return NotSetUp
	case paused:
		return OnPause
	case s.TokenRefused.After(s.TokenGranted):
		return Rejected
	case cycle.Requests > 0 && cycle.Failures*5 > cycle.Requests:
		return Failing
	case rhythm > 0 && now.Sub(s.Heard) > 3*rhythm:
		return Overdue
	case s.Heard.IsZero():
		return Waiting
	}
	return Connected
}

// Watch gives what shows over many requests: nothing came for long, or the job will be put into quarantine.
func (s State) Watch(now time.Time) (problems []Problem) {
	rhythm := s.Rhythm()
	if rhythm > 0 && now.Sub(s.Heard) > 3*rhythm {
		problems = append(problems, Problem{Code: Late, Count: 1, First: s.Heard, Last: now})
	}
	if !s.RefusedSince.IsZero() && now.Sub(s.RefusedSince) >= time.Hour || s.Cycle.Failures >= 2000 && s.Cycle.Failures*5 > s.Cycle.Requests*2 {
		problems = append(problems, Problem{Code: QuarantineLikely, Count: 1, First: s.RefusedSince, Last: now})
	}
	if s.People >= 20 && s.WithActive == 0 {
		problems = append(problems, Problem{Code: ActiveNotMapped, Count: 1, First: s.FirstPerson, Last: now})
	}
	return problems
}
