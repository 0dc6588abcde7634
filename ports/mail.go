package ports

import (
	"context"
	"time"

	"github.com/extraordinary/provisioning/domain/mail"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// Outbox holds one organisation's mails until they are sent.
type Outbox interface {
	// Queue keeps a mail until it is due: it is sent if the unit of work is committed, and only then.
	Queue(ctx context.Context, m mail.Message) error
	// Claim gives the mail that is due at now for the longest time, counts a try, and makes it due again at until, so that
	// no other replica takes it meanwhile. Faults: NotFound if none is due.
	Claim(ctx context.Context, now, until time.Time) (mail.Message, error)
	// Delay makes a mail due again at due; one that is not there is no fault.
	Delay(ctx context.Context, id string, due time.Time) error
	// Drop takes a mail away, because it was sent or is given up. It may be repeated.
	Drop(ctx context.Context, id string) error
}

// Postbox tells where mails are due, and nothing else of them.
type Postbox interface {
	// Due gives up to most organisations that have a mail which is due at now.
	Due(ctx context.Context, now time.Time, most int) ([]organisation.ID, error)
	// Waiting counts the mails of all organisations, and says when the first of them was due; zero if none waits.
	Waiting(ctx context.Context) (n int, first time.Time, err error)
}

// Mailer sends mails.
type Mailer interface {
	// Send returns nil once somebody else has taken m on. A message may be sent twice if we stop in between.
	// Faults: Invalid if it will never be taken; Unavailable.
	Send(ctx context.Context, m mail.Message) error
}
