package sqlstore

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"slices"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
)

// uniqueRow is a value of a user, or of a group.
type uniqueRow struct {
	bun.BaseModel  `bun:"table:unique_values"`
	OrganisationID string `bun:",pk"`
	Path           string `bun:",pk"`
	Value          string `bun:",pk"`
	UserID         *string
	GroupID        *string
}

const holdsUser, holdsGroup = "user_id", "group_id"

// hold keeps the values of a resource that no other may have, in place of those that it had. Where no schema declares
// such values it does nothing; when a resource is deleted they go with it by their foreign key.
func (r resources[R]) hold(ctx context.Context, s directory.Snapshot) error {
	if slices.Equal(s.Held, s.Unique) {
		return nil
	}
	if s.Stored > 0 {
		_, err := r.NewDelete().Table("unique_values").Where("organisation_id = ?", r.org).Where("? = ?", bun.Ident(r.holder), s.ID).Exec(unawaitedIn(ctx))
		if err != nil {
			return err
		}
	}
	for some := range slices.Chunk(s.Unique, atOnce) {
		if err := r.take(ctx, s.ID, some); err != nil {
			return err
		}
	}
	return nil
}

// take writes values of a resource, unless others have them. Who is about to have one is waited for.
func (r resources[R]) take(ctx context.Context, id directory.ID, values []schema.UniqueValue) error {
	rows, holder := make([]uniqueRow, len(values)), string(id)
	for i, v := range values {
		rows[i] = uniqueRow{OrganisationID: string(r.org), Path: v.Path, Value: digest(v)}
		if r.holder == holdsUser {
			rows[i].UserID = &holder
		} else {
			rows[i].GroupID = &holder
		}
	}
	var taken []struct{ Path, Value string }
	err := r.NewInsert().Model(&rows).On("CONFLICT (organisation_id, path, value) DO NOTHING").Returning("path, value").Scan(ctx, &taken)
	if err != nil || len(taken) == len(values) {
		return err
	}
	for _, v := range values {
		if !slices.Contains(taken, struct{ Path, Value string }{v.Path, digest(v)}) {
			return fault.New(fault.Conflict, "another one has this value, and it must be unique").At(v.Path)
		}
	}
	return nil
}

// digest stands for a value of any length.
func digest(v schema.UniqueValue) string {
	sum := sha256.Sum256([]byte(v.Key))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
