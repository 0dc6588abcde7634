package organisations

import (
	"context"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// NewOrganisation is what is known of a customer who is taken in.
type NewOrganisation struct {
	Name, Slug string
	Owner      string // e-mail address of the person who will run the portal
}

// Created is an organisation that was taken in.
type Created struct {
	ID         organisation.ID
	Slug, Name string
	SignInURL  string // one-time link for the owner; empty if there is no portal to sign in to
}

// Create takes a customer in. Faults: Invalid at "owner", "slug" or "name"; Conflict at "slug".
func (s *Service) Create(ctx context.Context, n NewOrganisation) (Created, error) {
	owner, err := address(n.Owner)
	if err != nil {
		return Created{}, err
	}
	o, err := organisation.New(organisation.ID(s.newID()), n.Slug, n.Name, owner, s.now())
	if err != nil {
		return Created{}, err
	}
	err = s.store.Within(ctx, o.ID(), func(ctx context.Context, tx ports.Tx) error {
		if err := tx.Organisation().Add(ctx, o); err != nil {
			return err
		}
		return s.record(ctx, tx, activity.Created, o.ID(), activity.Diff(nil, described(o)))
	})
	if err != nil {
		return Created{}, err
	}
	made := Created{ID: o.ID(), Slug: n.Slug, Name: o.Snapshot().Name}
	if s.link != nil {
		made.SignInURL, err = s.link(ctx, o.ID(), owner)
	}
	return made, err
}
