// Package traffic says what went between an identity provider and us, in the words of whoever must mend it.
package traffic

import "time"

// Kept is how long an exchange is kept.
const Kept = 30 * 24 * time.Hour

// Exchange is one request that could be attributed to an organisation, and what became of it.
type Exchange struct {
	ID       string // UUID version 7: exchanges sort by it
	At       time.Time
	ClientID string
	KeyID    string // of the secret; empty if none was shown or it was wrong
	About    About
	Subject  string // id of the person or group; empty if there is none
	Name     string // what that is called; what was looked for
	Act      Act
	Method   string
	Path     string // without its query
	Status   int
	Outcome  Outcome
	Codes    []Code // what was wrong or is worth a note, the gravest first
	Detail   string // what the code's sentence speaks of: an attribute, a value, a scope
	Request  string // redacted
	Response string // redacted
	Trace    string // 32 hex digits, or empty
	Theirs   string // what the client called its request
	Count    int    // how many requests this row stands for
}

// About is what an exchange is about.
type About string

// What they are about.
const (
	Person     About = "person"
	Group      About = "group"
	Connection About = "connection" // the way to us: tokens, tests, addresses
)

// Act is what was asked for.
type Act string

// The acts.
const (
	Created     Act = "created"
	Changed     Act = "changed"
	SwitchedOff Act = "switched-off"
	SwitchedOn  Act = "switched-on"
	Deleted     Act = "deleted"
	Members     Act = "members"
	LookedFor   Act = "looked-for"
	Read        Act = "read"
	Tested      Act = "tested" // the connection, by a search for what nobody has
	Token       Act = "token"
	Many        Act = "many" // a bulk request
	Other       Act = "other"
	Unrecorded  Act = "unrecorded" // by the log itself: it could not keep up
)

// Writes reports whether the act changes anything.
func (a Act) Writes() bool {
	switch a {
	case Created, Changed, SwitchedOff, SwitchedOn, Deleted, Members, Many:
		return true
	case LookedFor, Read, Tested, Token, Other, Unrecorded:
	}
	return false
}

// Outcome is how an exchange ended.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"
	Noted   Outcome = "noted" // done, with a note
	Refused Outcome = "refused"
	Failed  Outcome = "failed" // by our own fault
)

// Quiet reports whether e is a look-up that was answered: the log folds it away.
func (e Exchange) Quiet() bool {
	return e.Outcome == Done && (e.Act == LookedFor || e.Act == Read || e.Act == Other)
}

// Code is the first of e's codes, or none.
func (e Exchange) Code() Code {
	if len(e.Codes) == 0 {
		return ""
	}
	return e.Codes[0]
}

// Query chooses exchanges.
type Query struct {
	Text     string // in the name, case folded
	Subject  string
	Outcome  Outcome
	Code     Code
	About    About
	KeyID    string
	From, To time.Time
	Reads    bool   // look-ups without a problem too
	Before   string // an id: only older ones
	After    string // an id: only newer ones; the oldest of these first
	Limit    int
}

// Problem is a code with how often it came up.
type Problem struct {
	Code        Code
	Count       int
	First, Last time.Time
}

// Hour counts the requests of one hour.
type Hour struct {
	Start          time.Time
	Total, Refused int
}
