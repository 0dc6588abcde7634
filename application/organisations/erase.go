package organisations

import (
	"context"
	"time"

	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// mostErased is how many rows go in one unit of work: many enough to be fast, few enough that no statement takes a second.
const mostErased = 5000

// Certificate says that an organisation was erased.
type Certificate struct {
	ID         organisation.ID
	Slug, Name string
	At         time.Time
	Counts     map[string]int // of rows, by their tables
}

// Erase ends an organisation and deletes everything that is known of it. Its service is stopped first. Its record is the
// last to go, so that it can be found until then, and with it goes what requests that were let in before have written
// meanwhile; no unit of work writes for it afterwards. After a fault, and whenever it was broken off, it may be repeated and
// must be: the Certificate counts what was left. told hears now and then how many rows are gone. Faults: NotFound, Unavailable.
func (s *Service) Erase(ctx context.Context, id organisation.ID, told func(rows int)) (Certificate, error) {
	if err := s.Suspend(ctx, id); err != nil {
		return Certificate{}, err
	}
	o, err := s.get(ctx, id)
	if err != nil {
		return Certificate{}, err
	}
	c := Certificate{ID: id, Slug: o.Snapshot().Slug, Name: o.Snapshot().Name, Counts: map[string]int{}}
	some := func(ctx context.Context, o ports.Organisation) (map[string]int, error) {
		return o.Empty(ctx, mostErased)
	}
	rest := func(ctx context.Context, o ports.Organisation) (map[string]int, error) { return o.Remove(ctx) }
	for before := -1; c.Rows() > before; told(c.Rows()) {
		before = c.Rows()
		if err := s.erase(ctx, id, some, c.Counts); err != nil {
			return Certificate{}, err
		}
	}
	if err := s.tokens.Forget(ctx, id); err != nil {
		return Certificate{}, err
	}
	if err := s.erase(ctx, id, rest, c.Counts); err != nil {
		return Certificate{}, err
	}
	c.At = s.now()
	return c, nil
}

// Rows counts all.
func (c Certificate) Rows() (rows int) {
	for _, n := range c.Counts {
		rows += n
	}
	return rows
}

// erasure deletes things of an organisation, and counts them.
type erasure func(context.Context, ports.Organisation) (map[string]int, error)

// erase deletes by one unit, and adds what it deleted to counts.
func (s *Service) erase(ctx context.Context, id organisation.ID, fn erasure, counts map[string]int) error {
	var erased map[string]int
	err := s.store.Within(ctx, id, func(ctx context.Context, tx ports.Tx) (err error) {
		erased, err = fn(ctx, tx.Organisation())
		return err
	})
	if err != nil {
		return err
	}
	for table, n := range erased {
		counts[table] += n
	}
	return nil
}
