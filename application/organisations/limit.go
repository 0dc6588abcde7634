package organisations

import (
	"context"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// Limit sets how many requests a second an organisation may make, from its next request on. The record is written first,
// for it is what a store of tokens that has lost everything is told again. It may be repeated, and after a fault it must
// be. Faults: Invalid at "rate", NotFound, Unavailable.
func (s *Service) Limit(ctx context.Context, id organisation.ID, l organisation.RateLimit) error {
	err := s.change(ctx, id, activity.Changed, func(o *organisation.Organisation) error { return o.Limit(l) })
	if err != nil {
		return err
	}
	return s.tokens.SetRateLimit(ctx, id, l)
}
