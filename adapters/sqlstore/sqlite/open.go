package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/migrations"
)

// Options are what may differ from one opening to another.
type Options struct {
	Hook bun.QueryHook    // watches each statement; may be nil
	Now  func() time.Time // the clock
}

// Readers. Each has a cache of its own; a slow client that is being sent a large group holds one all the time.
const (
	mostReaders = 32
	idleReaders = 8
)

// Open opens the database in file, which is made if it is not there; its folder must be. Its tables are as they are:
// see Migrator. Faults: Invalid at "database" if the file is none or cannot be written, Unavailable.
func Open(ctx context.Context, file string, o Options) (*sqlstore.Store, error) {
	steps, err := fs.Sub(migrations.SQLite, "sqlite")
	if err != nil {
		return nil, err
	}
	if err := create(file); err != nil {
		return nil, err
	}
	d := &database{writer: writer{db: pool(file, 1, 1, o.Hook)}}
	if err := begin(ctx, d.db); err != nil {
		_ = d.db.Close()
		return nil, openingFault(file, err)
	}
	d.readers = pool(file, mostReaders, idleReaders, o.Hook, "query_only(1)")
	return sqlstore.New(d, d, steps, o.Now), nil
}

// create makes the file before SQLite does, so that nobody else can read it.
func create(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return unusable(file, err)
	}
	return f.Close()
}

// pool opens connections as they are needed; the first statement says if that cannot be done.
func pool(file string, most, idle int, hook bun.QueryHook, pragmas ...string) *bun.DB {
	pragmas = append([]string{
		"busy_timeout(5000)", // of another process, such as a command beside the server
		"journal_mode(wal)",
		"synchronous(full)", // what was acknowledged is on disk
		"foreign_keys(1)",
		"trusted_schema(0)",
		"cache_size(-16384)", // KiB
		"temp_store(memory)", // what a savepoint would put back
	}, pragmas...)
	name := url.URL{Scheme: "file", OmitHost: true, Path: file, RawQuery: url.Values{"_pragma": pragmas, "_dqs": {"0"}}.Encode()}
	connections := sql.OpenDB(newConnector(name.String()))
	connections.SetMaxOpenConns(most)
	connections.SetMaxIdleConns(idle)
	db := bun.NewDB(connections, sqlitedialect.New())
	if hook != nil {
		db = db.WithQueryHook(hook)
	}
	return db
}

// begin reads and writes the file, so that what is wrong with it is said at once.
func begin(ctx context.Context, db *bun.DB) error {
	var tables int
	return db.NewRaw("SELECT count(*) FROM sqlite_schema").Scan(ctx, &tables)
}

func openingFault(file string, err error) error {
	switch _, primary := code(err); primary {
	case sqlite3.SQLITE_NOTADB:
		return fault.New(fault.Invalid, "%s is no SQLite database; move it away, or name another data folder", file).At("database")
	case sqlite3.SQLITE_CORRUPT:
		return fault.New(fault.Invalid, "%s is damaged; restore a backup", file).At("database")
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return unusable(file, err)
	}
	return new(database).Fault(err)
}

func unusable(file string, err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		err = of.Err // without the name, which is said already
	}
	return fault.New(fault.Invalid, "%s cannot be written (%v); name a data folder that exists and that this user can write to", file, err).At("database")
}
