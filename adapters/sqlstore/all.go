package sqlstore

import (
	"context"

	"github.com/extraordinary/provisioning/domain/directory"
)

func (r resources[R]) All(ctx context.Context, yield func(directory.Document) error) error {
	for last := ""; ; {
		var found []shown
		err := r.page().Where("r.id > ?", last).OrderExpr("r.id").Limit(atOnce).Scan(ctx, &found)
		if err != nil {
			return err
		}
		for _, s := range found {
			d, err := s.document()
			if err != nil {
				return err
			}
			if err := yield(d); err != nil {
				return err
			}
		}
		if len(found) < atOnce {
			return nil
		}
		last = found[len(found)-1].ID
	}
}
