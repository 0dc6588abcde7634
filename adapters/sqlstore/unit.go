package sqlstore

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// unit is one unit of work in one organisation, which each of its statements names.
type unit struct {
	bun.IDB
	store  *Store
	org    organisation.ID
	writes bool
	read   map[directory.ID]read // what was read in order to change it, and is locked
}

// read is a resource as it stands in the database.
type read struct {
	version    int64
	attributes *tree.Object
}

func newUnit(s *Store, tx bun.IDB, org organisation.ID, writes bool) *unit {
	return &unit{IDB: tx, store: s, org: org, writes: writes, read: map[directory.ID]read{}}
}

// locked makes q hold the rows that it reads, if the unit may change them.
func (u *unit) locked(q *bun.SelectQuery) *bun.SelectQuery {
	if u.writes {
		return u.store.dialect.Locked(q)
	}
	return q
}

func (u *unit) Organisation() ports.Organisation        { return organisations{u} }
func (u *unit) Credentials() ports.Credentials          { return credentials{u} }
func (u *unit) Users() ports.Resources[*directory.User] { return resources[*directory.User]{u, users} }

func (u *unit) Groups() ports.Resources[*directory.Group] {
	return resources[*directory.Group]{u, groups}
}
func (u *unit) Members() ports.Members   { return members{u} }
func (u *unit) Activity() ports.Activity { return journal{u} }

func (u *unit) Extensions() ports.Extensions { return extensions{u} }
func (u *unit) Outbox() ports.Outbox         { return outbox{u} }
func (u *unit) Traffic() ports.Traffic       { return exchanges{u} }
func (u *unit) Staff() ports.Staff           { return staff{u} }
func (u *unit) Sessions() ports.Sessions     { return sessions{u} }
func (u *unit) Links() ports.Links           { return links{u} }
func (u *unit) People() ports.People         { return people{u} }
func (u *unit) Health() ports.Health         { return health{u} }
func (u *unit) Judgements() ports.Judgements { return judgements{u} }
func (u *unit) Exports() ports.Exports       { return exports{u} }

// micros is how times are stored: microseconds since 1970, which sort, and are the same in every database.
func micros(t time.Time) int64 { return t.UnixMicro() }

func fromMicros(n int64) time.Time { return time.UnixMicro(n).UTC() }

// microsOrNull stores the zero time, which means "not yet", as NULL.
func microsOrNull(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	n := micros(t)
	return &n
}

func fromMicrosOrNull(n *int64) time.Time {
	if n == nil {
		return time.Time{}
	}
	return fromMicros(*n)
}
