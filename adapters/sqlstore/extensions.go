package sqlstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
)

type extensionRow struct {
	bun.BaseModel  `bun:"table:extensions"`
	OrganisationID string `bun:",pk"`
	Ordinal        int    `bun:",pk"`
	UrnFold        string
	ResourceType   string
	Definition     string
}

// extensions is the schemas of one organisation's own.
type extensions struct{ *unit }

func (e extensions) All(ctx context.Context) ([]schema.Extension, error) {
	var rows []extensionRow
	if err := e.NewSelect().Model(&rows).Where("organisation_id = ?", e.org).OrderExpr("ordinal").Scan(ctx); err != nil {
		return nil, err
	}
	all := make([]schema.Extension, len(rows))
	for i, r := range rows {
		v, err := tree.Parse([]byte(r.Definition))
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err)
		}
		definition, _ := v.(*tree.Object)
		if all[i], err = schema.NewExtension(r.ResourceType, definition); err != nil {
			return nil, fault.Wrap(fault.Internal, err) // it was checked when it was added
		}
	}
	return all, nil
}

func (e extensions) Add(ctx context.Context, added schema.Extension) error {
	last := e.NewSelect().Table("extensions").ColumnExpr("coalesce(max(ordinal), 0) + 1").Where("organisation_id = ?", e.org)
	_, err := e.NewInsert().Model(&extensionRow{
		OrganisationID: string(e.org), UrnFold: tree.LowerName(added.Schema.ID), ResourceType: added.Of,
		Definition: string(tree.Append(nil, added.Definition)),
	}).Value("ordinal", "(?)", last).Exec(ctx)
	if err != nil && e.store.dialect.Taken(err, "urn_fold") {
		return fault.New(fault.Conflict, "there is a schema %s already", added.Schema.ID).At("id")
	}
	return err
}
