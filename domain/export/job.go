// Package export is about files that an organisation's people download.
package export

import (
	"strings"
	"time"
)

// Kind is what a file lists.
type Kind string

// The kinds of files.
const (
	People   Kind = "people"
	Health   Kind = "employee-ids"
	Activity Kind = "activity"
)

// State is how far the making of a file is.
type State string

// The states.
const (
	Running State = "running"
	Ready   State = "ready"
	Broken  State = "broken"
)

// Kept is how long a file is there.
const Kept = 24 * time.Hour

// MaxAtOnce is how many rows are written while somebody waits for them.
const MaxAtOnce = 10_000

// silence is how long nothing may be heard of a file that is being made: then whoever made it was stopped.
const silence = time.Minute

// Job is one file and how far it is.
type Job struct {
	ID          string
	Kind        Kind
	Filter      string // what is in it, as a query string
	State       State
	Done, Total int // rows
	MadeBy      string
	Made        time.Time
	Touched     time.Time // when something was last heard of it
}

// At gives j as it is to be seen at now: one of which nothing is heard is broken.
func (j Job) At(now time.Time) Job {
	if j.State == Running && now.Sub(j.Touched) > silence {
		j.State = Broken
	}
	return j
}

// Expires is when the file is taken away.
func (j Job) Expires() time.Time { return j.Made.Add(Kept) }

// FileName is what the file is called.
func (k Kind) FileName(now time.Time) string {
	return string(k) + "-" + now.Format("2006-01-02") + ".csv"
}

// Cell gives text as a cell of a file that a spreadsheet may open: what it would take for a formula begins with an
// apostrophe.
func Cell(text string) string {
	if strings.ContainsAny(text[:min(1, len(text))], "=+-@\t\r\n\x00") {
		return "'" + text
	}
	return text
}
