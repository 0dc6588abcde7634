package organisations

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// Export writes everything that is known of an organisation to w, as it is at one moment: lines of JSON whose first member,
// "kind", says what each is. The Organisation comes first, then each PortalMember, each Schema of its own, each ClientCredential without what is secret, each User,
// each Group with its Members behind it, and each Event of the journal, in the order of their making. The last line, End,
// counts the others by their kinds, which Export also returns. Nothing is held for long, however much there is.
// Faults: NotFound, Unavailable.
func (s *Service) Export(ctx context.Context, id organisation.ID, w io.Writer) (counts map[string]int, err error) {
	out, at := newLines(w), s.now()
	err = s.store.View(ctx, id, func(ctx context.Context, tx ports.Tx) error {
		if len(out.counts) > 0 { // what was written cannot be taken back
			return fault.New(fault.Unavailable, "the database broke off in the middle; run it again")
		}
		for _, each := range []func(context.Context, ports.Tx) error{out.record, out.staff, out.schemas, out.credentials, out.users, out.groups, out.judgements, out.events} {
			if err := each(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out.counts, out.end(at)
}

func (l *lines) record(ctx context.Context, tx ports.Tx) error {
	o, err := tx.Organisation().Get(ctx)
	if err != nil {
		return err
	}
	s := o.Snapshot()
	return l.put(kindOrganisation, exportedOrganisation{
		kindOrganisation, s.ID, s.Slug, s.Name, s.Owner, s.Status, int(s.TokenLife.Seconds()), s.RateLimit.PerSecond(), s.Created,
	})
}

func (l *lines) staff(ctx context.Context, tx ports.Tx) error {
	all, err := tx.Staff().All(ctx)
	if err != nil {
		return err
	}
	for _, m := range all {
		s := m.Snapshot()
		if err := l.put(kindStaff, exportedStaff{kindStaff, s.ID, s.Email, s.Name, s.Roles, m.HasSecondStep(), s.Invited, orNull(s.Joined)}); err != nil {
			return err
		}
	}
	return nil
}

func (l *lines) schemas(ctx context.Context, tx ports.Tx) error {
	all, err := tx.Extensions().All(ctx)
	if err != nil {
		return err
	}
	for _, e := range all {
		if err := l.put(kindSchema, exportedSchema{kindSchema, e.Of, tree.Append(nil, e.Definition)}); err != nil {
			return err
		}
	}
	return nil
}

func (l *lines) credentials(ctx context.Context, tx ports.Tx) error {
	all, err := tx.Credentials().All(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		if err := l.put(kindClient, exportCredential(c.Snapshot())); err != nil {
			return err
		}
	}
	return nil
}

func (l *lines) users(ctx context.Context, tx ports.Tx) error {
	return tx.Users().All(ctx, func(d directory.Document) error {
		return l.put(kindUser, exportResource(kindUser, d))
	})
}

func (l *lines) groups(ctx context.Context, tx ports.Tx) error {
	return tx.Groups().All(ctx, func(d directory.Document) error {
		if err := l.put(kindGroup, exportResource(kindGroup, d)); err != nil {
			return err
		}
		return tx.Members().All(ctx, d.ID, func(m directory.Member) error {
			return l.put(kindMember, exportedMember{kindMember, d.ID, m.ID, m.Type})
		})
	})
}

func (l *lines) judgements(ctx context.Context, tx ports.Tx) error {
	all, err := tx.Judgements().All(ctx)
	if err != nil {
		return err
	}
	for _, j := range all {
		if err := l.put(kindJudgement, exportedJudgement{kindJudgement, j.Person, j.About, j.ID, j.Reason, j.By, j.At, orNull(j.Until)}); err != nil {
			return err
		}
	}
	return nil
}

func (l *lines) events(ctx context.Context, tx ports.Tx) error {
	return tx.Activity().All(ctx, func(e activity.Event) error { return l.put(kindEvent, exportEvent(e)) })
}

// lines writes JSON, one object a line.
type lines struct {
	to     *json.Encoder
	counts map[string]int
}

func newLines(w io.Writer) *lines {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return &lines{e, map[string]int{}}
}

func (l *lines) put(kind string, line any) error {
	l.counts[kind]++
	if err := l.to.Encode(line); err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	return nil
}
