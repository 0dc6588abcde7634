// Package mail holds what people are told by e-mail.
package mail

import "time"

// Message is one mail to one person. It never holds a client secret.
type Message struct {
	ID         string // UUID version 7
	To         string // address
	Subject    string
	Text       string // the same as HTML, for readers that show none
	HTML       string
	Attachment *File // nil: there is none
	Due        time.Time
	Tries      int // how often it was tried to send it
	// Trace and Span are of the request that queued it, in hex (W3C Trace Context §3.2.2); empty if none did.
	Trace, Span string
}

// File is what a mail carries along.
type File struct {
	Name, Type string // the type as RFC 2045 §5 writes it
	Content    string
}

// MostTries is how often a message is tried before it is given up: the last time some 16 hours after the first.
const MostTries = 10

// Wait is how long to wait after so many tries: 1, 2, 4 … minutes, at the most 8 hours.
func Wait(tries int) time.Duration {
	return min(time.Minute<<min(max(tries-1, 0), 9), 8*time.Hour)
}
