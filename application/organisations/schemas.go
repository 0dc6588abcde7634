package organisations

import (
	"context"
	"slices"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// AddSchema gives the resources of one type in an organisation a schema of its own to carry (RFC 7643 §3.3), from its next
// request on. The record is written first, for it is what a store of tokens that has lost everything is told again. It may be
// repeated, and after a fault it must be. Faults: Invalid at the member of the definition to blame; Conflict at "id" if
// there is another schema of that name; NotFound; Unavailable.
func (s *Service) AddSchema(ctx context.Context, id organisation.ID, of string, definition *tree.Object) (*schema.Schema, error) {
	added, err := schema.NewExtension(of, definition)
	if err != nil {
		return nil, err
	}
	err = s.store.Within(ctx, id, func(ctx context.Context, tx ports.Tx) error {
		o, err := tx.Organisation().Get(ctx)
		if err != nil {
			return err
		}
		all, err := tx.Extensions().All(ctx)
		if err != nil || slices.ContainsFunc(all, func(e schema.Extension) bool { return e.Of == added.Of && tree.Equal(e.Definition, definition) }) {
			return err
		}
		if _, err := schema.Core().With(append(all, added)...); err != nil {
			return err
		}
		if err := tx.Extensions().Add(ctx, added); err != nil {
			return err
		}
		o.SchemasChanged()
		if err := tx.Organisation().Save(ctx, o); err != nil {
			return err
		}
		return s.record(ctx, tx, activity.Changed, id, []activity.Change{{Path: "schemas", To: added.Schema.ID}})
	})
	if err != nil {
		return nil, err
	}
	o, err := s.get(ctx, id)
	if err != nil {
		return nil, err
	}
	return added.Schema, s.tokens.SetSchemas(ctx, id, o.Schemas())
}

// Schemas gives an organisation's own, in the order in which they were added.
func (s *Service) Schemas(ctx context.Context, id organisation.ID) (all []schema.Extension, err error) {
	err = s.store.View(ctx, id, func(ctx context.Context, tx ports.Tx) (err error) {
		all, err = tx.Extensions().All(ctx)
		return err
	})
	return all, err
}
