package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/extraordinary/provisioning/domain/fault"
)

// SQLSTATEs (https://www.postgresql.org/docs/current/errcodes-appendix.html).
const (
	uniqueViolation      = "23505"
	undefinedTable       = "42P01"
	serialisationFailure = "40001"
	deadlockDetected     = "40P01"
	programLimitExceeded = "54000"
)

// Taken reports whether err says that a value of column is there already. The unique indexes are called TABLE_COLUMN.
func (d *database) Taken(err error, column string) bool {
	var answer *pgconn.PgError
	return errors.As(err, &answer) && answer.Code == uniqueViolation && strings.HasSuffix(answer.ConstraintName, "_"+column)
}

// NoTable reports whether err says that a table is not there.
func (d *database) NoTable(err error) bool { return code(err) == undefinedTable }

// Fault tells what passes from what is a mistake of ours.
func (d *database) Fault(err error) error {
	switch code := code(err); {
	case code == programLimitExceeded:
		// A row of an index holds some 2,700 bytes; it is the one limit that a client can meet here.
		return fault.New(fault.Invalid, "a value is too long: userName, externalId, displayName and e-mail addresses may have 2,600 bytes")
	case passes(code), code == "" && lost(err):
		return fault.Wrap(fault.Unavailable, err)
	}
	return fault.Wrap(fault.Internal, err)
}

// passes tells of SQLSTATEs that are of the moment.
func passes(code string) bool {
	if len(code) != 5 {
		return false
	}
	switch code[:2] {
	case "08", // the connection failed
		"28", // the password was changed, and we are not restarted yet
		"40", // taken back on account of others, again and again
		"53", // too many connections, no memory, a full disk
		"57", // cancelled, as after statement_timeout; shutting down; starting
		"58": // the disk of the server
		return true
	}
	switch code {
	case "25006", // a standby, which was or will be the primary
		"25P03", // idle in a transaction for too long
		"55P03": // waited for a lock for too long
		return true
	}
	return false
}

// lost tells of connections that broke, or never came about, and of answers that did not come in time.
func lost(err error) bool {
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &connect) || pgconn.Timeout(err) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, pgconn.ErrConnClosed) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, context.DeadlineExceeded)
}
