// Package mailing sends the mails that wait.
package mailing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/mail"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// Service holds the use cases. It is safe for concurrent use, by any number of replicas.
type Service struct {
	store   ports.Store
	postbox ports.Postbox
	mailer  ports.Mailer
	now     func() time.Time
}

// New makes a Service.
func New(store ports.Store, postbox ports.Postbox, mailer ports.Mailer, now func() time.Time) *Service {
	return &Service{store, postbox, mailer, now}
}

// lease is how long a mail that is being sent belongs to who sends it.
const lease = 5 * time.Minute

// Deliver sends what is due in all organisations. A mail that is refused for now is tried again later, at the most
// mail.MostTries times; one that is refused for good is given up. The error tells of all that were not sent, without
// naming anybody.
func (s *Service) Deliver(ctx context.Context) (sent int, err error) {
	var unsent []error
	for {
		due, err := s.postbox.Due(ctx, s.now(), 100)
		if err != nil {
			return sent, errors.Join(append(unsent, err)...)
		}
		if len(due) == 0 {
			return sent, errors.Join(unsent...)
		}
		for _, org := range due {
			n, err := s.deliver(ctx, org)
			sent += n
			if err != nil {
				unsent = append(unsent, err)
			}
			if ctx.Err() != nil || errors.Is(err, fault.Unavailable) {
				return sent, errors.Join(unsent...)
			}
		}
	}
}

// deliver sends what is due in one organisation.
func (s *Service) deliver(ctx context.Context, org organisation.ID) (sent int, err error) {
	for {
		var m mail.Message
		err := s.store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) (err error) {
			now := s.now()
			m, err = tx.Outbox().Claim(ctx, now, now.Add(lease))
			return err
		})
		if errors.Is(err, fault.NotFound) {
			return sent, nil
		}
		if err != nil {
			return sent, err
		}
		refused := s.mailer.Send(ctx, m)
		if err := s.settle(ctx, org, m, refused); err != nil {
			return sent, err
		}
		if refused != nil {
			return sent, fmt.Errorf("mail %s, try %d: %w", m.ID, m.Tries, refused)
		}
		sent++
	}
}

// settle takes away what was sent or will never be, and puts off the rest.
func (s *Service) settle(ctx context.Context, org organisation.ID, m mail.Message, refused error) error {
	return s.store.Within(context.WithoutCancel(ctx), org, func(ctx context.Context, tx ports.Tx) error {
		if refused == nil || errors.Is(refused, fault.Invalid) || m.Tries >= mail.MostTries {
			return tx.Outbox().Drop(ctx, m.ID)
		}
		return tx.Outbox().Delay(ctx, m.ID, s.now().Add(mail.Wait(m.Tries)))
	})
}

// Waiting counts the mails that wait, and says when the first of them was due; zero if none waits.
func (s *Service) Waiting(ctx context.Context) (n int, first time.Time, err error) {
	return s.postbox.Waiting(ctx)
}
