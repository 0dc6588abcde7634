package traffic

import (
	"context"
	"time"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/traffic"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// Because is what is known now of why an exchange was refused or noted. It is looked up when somebody reads of it and not
// kept with it: what one person's rows say of another would outlive the other.
type Because struct {
	Holders []Holder           // others who have the value, at most mostHolders
	Erased  time.Time          // when the person or group was deleted that is not here any more; zero: nobody knows
	Pause   organisation.Pause // while provisioning rests
}

// Holder is a person or a group that has a value.
type Holder struct {
	About    traffic.About
	ID       directory.ID
	Name     string
	Created  time.Time
	OffSince time.Time // zero while active, and of a group
}

const mostHolders = 5

func because(ctx context.Context, tx ports.Tx, e traffic.Exchange) (b Because, err error) {
	value := string(tree.Append(nil, e.Detail))
	code := e.Code()
	if code == traffic.UserNameTaken {
		b.Holders, err = holders(ctx, tx, e, "userName eq "+value)
	}
	if code == traffic.IDDouble {
		b.Holders, err = holders(ctx, tx, e, "externalId eq "+value)
	}
	if code == traffic.GroupTaken {
		b.Holders, err = groupsCalled(ctx, tx, value)
	}
	if code == traffic.PersonGone {
		b.Erased, err = erased(ctx, tx, e)
	}
	if code == traffic.Paused {
		b.Pause, err = pause(ctx, tx)
	}
	return b, err
}

// holders finds the people other than e's own whom a filter matches.
func holders(ctx context.Context, tx ports.Tx, e traffic.Exchange, filter string) (all []Holder, err error) {
	page, err := search(ctx, tx.Users(), directory.IsUser, filter, mostHolders+1)
	if err != nil {
		return nil, err
	}
	var ids []directory.ID
	for _, d := range page.Documents {
		if string(d.ID) != e.Subject {
			ids = append(ids, d.ID)
		}
	}
	if ids == nil { // which would ask for everybody
		return nil, nil
	}
	found, err := tx.People().List(ctx, ports.PeopleQuery{Among: ids, Sheet: ports.Sheet{Limit: mostHolders}})
	for _, p := range found.People {
		all = append(all, Holder{traffic.Person, p.ID, p.Name, p.Created, p.OffSince})
	}
	return all, err
}

// erased finds in the journal when a person or group was deleted.
func erased(ctx context.Context, tx ports.Tx, e traffic.Exchange) (time.Time, error) {
	events, err := tx.Activity().Of(ctx, activity.Subject{Kind: kindOf(e.About), ID: e.Subject}, 1)
	if err != nil || len(events) == 0 || events[0].Action != activity.Deleted {
		return time.Time{}, err
	}
	return events[0].At, nil
}

func groupsCalled(ctx context.Context, tx ports.Tx, name string) (all []Holder, err error) {
	page, err := search(ctx, tx.Groups(), directory.IsGroup, "displayName eq "+name, mostHolders)
	for _, d := range page.Documents {
		all = append(all, Holder{About: traffic.Group, ID: d.ID, Name: traffic.NameOf(d.Body), Created: d.Created})
	}
	return all, err
}

func pause(ctx context.Context, tx ports.Tx) (organisation.Pause, error) {
	o, err := tx.Organisation().Get(ctx)
	if err != nil {
		return organisation.Pause{}, err
	}
	return o.Snapshot().Pause, nil
}

// kindOf is the kind of a subject of the journal; empty for a connection.
func kindOf(a traffic.About) string {
	switch a {
	case traffic.Person:
		return directory.IsUser
	case traffic.Group:
		return directory.IsGroup
	case traffic.Connection:
	}
	return ""
}
