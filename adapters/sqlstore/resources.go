package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/tree"
)

// kind is what tells users and groups apart.
type kind[R any] struct {
	table     string
	taken     string // the column that is unique
	attribute string // and the attribute in it
	holder    string // the column of unique_values that refers to it
	searchable
	restore func(directory.Snapshot) R
	row     func(row, directory.Snapshot) any
	saving  func(*bun.UpdateQuery, any) *bun.UpdateQuery           // sets what depends on the row that is there
	after   func(context.Context, *unit, directory.Snapshot) error // writes what is kept in other tables
}

// row is what the tables of users and groups have in common.
type row struct {
	OrganisationID  string `bun:",pk"`
	ID              string `bun:",pk"`
	ExternalID      *string
	DisplayName     *string
	DisplayNameFold *string
	Document        string
	Search          string
	Version         int64
	CreatedAt       int64
	ModifiedAt      int64
}

// shown is the part of a row that is read.
type shown struct {
	ID         string
	Version    int64
	CreatedAt  int64
	ModifiedAt int64
	Document   []byte
}

var shownColumns = []string{"id", "version", "created_at", "modified_at", "document"}

// document gives what is shown. What others put together out of it must be an object, or the answer is garbage: a look at both
// ends finds what was damaged. Faults: Internal.
func (s shown) document() (directory.Document, error) {
	if n := len(s.Document); n < 2 || s.Document[0] != '{' || s.Document[n-1] != '}' {
		return directory.Document{}, fault.New(fault.Internal, "the document of %s is damaged", s.ID)
	}
	return directory.Document{ID: directory.ID(s.ID), Version: s.Version, Created: fromMicros(s.CreatedAt), Modified: fromMicros(s.ModifiedAt), Body: s.Document}, nil
}

// resources is one organisation's users, or its groups.
type resources[R interface{ Snapshot() directory.Snapshot }] struct {
	*unit
	kind[R]
}

func (r resources[R]) Get(ctx context.Context, id directory.ID) (none R, err error) {
	var found shown
	q := r.NewSelect().Table(r.table).Column(shownColumns...).Where("organisation_id = ?", r.org).Where("id = ?", id)
	if err := r.locked(q).Scan(ctx, &found); err != nil {
		return none, r.absent(err)
	}
	attributes, err := tree.Parse(found.Document)
	if err != nil {
		return none, fault.Wrap(fault.Internal, err)
	}
	object, _ := attributes.(*tree.Object)
	r.read[id] = read{found.Version, object}
	return r.restore(directory.Snapshot{
		ID: id, Attributes: object, Version: found.Version, Created: fromMicros(found.CreatedAt), Modified: fromMicros(found.ModifiedAt),
	}), nil
}

func (r resources[R]) Document(ctx context.Context, id directory.ID) (directory.Document, error) {
	var found shown
	err := r.NewSelect().Table(r.table).Column(shownColumns...).Where("organisation_id = ?", r.org).Where("id = ?", id).Scan(ctx, &found)
	if err != nil {
		return directory.Document{}, r.absent(err)
	}
	return found.document()
}

func (r resources[R]) Add(ctx context.Context, resource R) error {
	s := resource.Snapshot()
	if _, err := r.NewInsert().Model(r.whole(s)).Exec(ctx); err != nil {
		return r.conflict(err)
	}
	if err := r.after(ctx, r.unit, s); err != nil {
		return err
	}
	return r.hold(ctx, s)
}

func (r resources[R]) Save(ctx context.Context, resource R) error {
	s := resource.Snapshot()
	whole := r.whole(s)
	q := r.saving(r.NewUpdate().Model(whole).ExcludeColumn("organisation_id", "id", "created_at"), whole)
	if s.Search == nil {
		q = r.NewUpdate().Model(whole).Column("version", "modified_at")
	}
	q = q.Where("organisation_id = ?", r.org).Where("id = ?", s.ID).Where("version = ?", s.Stored)
	before, known := r.read[s.ID]
	if known && r.writes && before.version == s.Stored && (s.Search == nil || sameText(before.attributes, s.Attributes, r.attribute)) {
		// It is there, and no name of others can be in its way.
		if _, err := q.Exec(unawaitedIn(ctx)); err != nil {
			return err
		}
	} else if err := r.saved(ctx, s.ID, q); err != nil {
		return err
	}
	if s.Search != nil {
		if err := r.after(ctx, r.unit, s); err != nil {
			return err
		}
		if err := r.hold(ctx, s); err != nil {
			return err
		}
	}
	delete(r.read, s.ID)
	return nil
}

// saved runs q, which saves a resource, and says what was in its way.
func (r resources[R]) saved(ctx context.Context, id directory.ID, q *bun.UpdateQuery) error {
	result, err := q.Exec(ctx)
	if err != nil {
		return r.conflict(err)
	}
	if n, err := result.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		return r.gone(ctx, id)
	}
	return nil
}

// gone tells why a row was not there to be saved.
func (r resources[R]) gone(ctx context.Context, id directory.ID) error {
	if _, err := r.Document(ctx, id); err != nil {
		return err
	}
	return fault.New(fault.Stale, "it was changed meanwhile; read it again and repeat the change")
}

func (r resources[R]) Delete(ctx context.Context, id directory.ID) error {
	q := r.NewDelete().Table(r.table).Where("organisation_id = ?", r.org).Where("id = ?", id)
	if _, known := r.read[id]; known && r.writes {
		delete(r.read, id)
		_, err := q.Exec(unawaitedIn(ctx))
		return err
	}
	result, err := q.Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		return r.absent(sql.ErrNoRows)
	}
	return nil
}

func (r resources[R]) whole(s directory.Snapshot) any {
	return r.row(row{
		OrganisationID: string(r.org), ID: string(s.ID),
		ExternalID: text(s.Search, "externalId"), DisplayName: text(s.Attributes, "displayName"), DisplayNameFold: text(s.Search, "displayName"),
		Document: string(tree.Append(nil, s.Attributes)), Search: string(tree.Append(nil, s.Search)),
		Version: s.Version, CreatedAt: micros(s.Created), ModifiedAt: micros(s.Modified),
	}, s)
}

func text(o *tree.Object, name string) *string {
	if s, ok := o.Get(name).(string); ok {
		return &s
	}
	return nil
}

func sameText(a, b *tree.Object, name string) bool {
	return orEmpty(text(a, name)) == orEmpty(text(b, name))
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (r resources[R]) absent(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "there is no resource with this id")
	}
	return err
}

func (r resources[R]) conflict(err error) error {
	if r.store.dialect.Taken(err, r.taken) {
		return fault.New(fault.Conflict, "another one has this %s; upper and lower case count as the same", r.attribute).At(r.attribute)
	}
	return err
}
