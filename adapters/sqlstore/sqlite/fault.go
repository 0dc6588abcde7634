package sqlite

import (
	"errors"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/extraordinary/provisioning/domain/fault"
)

// code gives SQLite's result code, extended and without its extension; 0 if err is none of SQLite's.
func code(err error) (extended, primary int) {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return 0, 0
	}
	return e.Code(), e.Code() & 0xff
}

// Taken reports whether err says that a value of column is there already.
func (d *database) Taken(err error, column string) bool {
	extended, _ := code(err)
	return extended == sqlite3.SQLITE_CONSTRAINT_UNIQUE && strings.Contains(err.Error(), "."+column)
}

// NoTable reports whether err says that a table is not there, for which SQLite has no code.
func (d *database) NoTable(err error) bool {
	return err != nil && strings.Contains(err.Error(), "no such table")
}

// Fault tells what passes (the file is locked, the disk is full, the program ends) from what is a mistake of ours.
func (d *database) Fault(err error) error {
	if d.closed.Load() {
		return fault.Wrap(fault.Unavailable, err)
	}
	switch _, primary := code(err); primary {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM:
		return fault.Wrap(fault.Unavailable, err)
	}
	return fault.Wrap(fault.Internal, err)
}
