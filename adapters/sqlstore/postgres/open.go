package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/migrations"
)

// Options are what may differ from one opening to another.
type Options struct {
	Hook        bun.QueryHook    // watches each statement; may be nil
	Now         func() time.Time // the clock
	Connections int              // the most there may be at once; 0: 16
}

const (
	mostConnections = 16
	mostPrepared    = 200 // statements that one connection remembers: filters of ever new shapes would make them ever more
)

// How long Postgres lets a statement run, wait for a lock, and a transaction do nothing.
const (
	longestStatement = 5 * time.Second
	longestLock      = 2 * time.Second // Postgres looks for a deadlock after one (deadlock_timeout), and breaks it if we still wait
	longestIdle      = 10 * time.Second
)

// How long an answer may take in all. Postgres itself ends a statement before that, so that whoever waits longer waits for
// a server that is not there any more; of a migration, nobody knows how long it takes.
const (
	longestAnswer    = longestStatement + time.Second
	longestMigration = 24 * time.Hour
)

// Open connects to serve, as a member of extraordinary_app. It refuses a role that row-level security does not hold,
// tables that it does not protect, and tables that are not current. Faults: Invalid at "database", with what to do;
// Unavailable at "database" if no Postgres answers.
func Open(ctx context.Context, url string, o Options) (*sqlstore.Store, error) {
	d, err := connect(url, o, longestAnswer, map[string]string{
		"statement_timeout":                   milliseconds(longestStatement),
		"lock_timeout":                        milliseconds(longestLock),
		"idle_in_transaction_session_timeout": milliseconds(longestIdle),
		// Each statement names an organisation, and each index begins with one. A plan that was made, and kept, when the
		// tables were small must be right when they are large.
		"enable_seqscan": "off",
		// What is asked for again and again is in memory. Until Postgres has gathered statistics it would else read whole
		// organisations and sort them, rather than follow an index as far as a page goes.
		"random_page_cost": "1",
		"jit":              "off",
	})
	if err != nil {
		return nil, err
	}
	store, err := newStore(d, o)
	if err == nil {
		err = d.guard(ctx)
	}
	if err == nil {
		err = store.Migrator().Current(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return store, nil
}

// OpenMigrator connects to migrate, as the owner of the tables; close the Migrator. Faults: as Open.
func OpenMigrator(ctx context.Context, url string, o Options) (sqlstore.Migrator, error) {
	d, err := connect(url, o, longestMigration, nil)
	if err != nil {
		return sqlstore.Migrator{}, err
	}
	store, err := newStore(d, o)
	if err == nil {
		err = d.mayMigrate(ctx)
	}
	if err != nil {
		return sqlstore.Migrator{}, errors.Join(err, d.Close())
	}
	return store.Migrator(), nil
}

func newStore(d *database, o Options) (*sqlstore.Store, error) {
	steps, err := fs.Sub(migrations.Postgres, "postgres")
	return sqlstore.New(d, d, steps, o.Now), err
}

// connect makes the pool, which connects when it must. What url says of settings goes before ours.
func connect(url string, o Options, patience time.Duration, settings map[string]string) (*database, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the URL cannot be read; it has the form postgres://USER:PASSWORD@HOST:5432/DATABASE").At("database")
	}
	config.ConnectTimeout = cmp.Or(config.ConnectTimeout, longestWait)
	config.StatementCacheCapacity = min(config.StatementCacheCapacity, mostPrepared)
	for name, value := range settings {
		if _, set := config.RuntimeParams[name]; !set {
			config.RuntimeParams[name] = value
		}
	}
	config.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		// Whoever goes away lets a short statement come to its end, and so keeps the connection.
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, CancelRequestDelay: 100 * time.Millisecond, DeadlineDelay: time.Second}
	}
	connections := sql.OpenDB(connector{stdlib.GetConnector(*config), patience})
	most := cmp.Or(o.Connections, mostConnections)
	connections.SetMaxOpenConns(most)
	connections.SetMaxIdleConns(most)
	connections.SetConnMaxIdleTime(5 * time.Minute)
	connections.SetConnMaxLifetime(time.Hour) // so that the load finds a new server behind an old name
	db := bun.NewDB(connections, pgdialect.New())
	if o.Hook != nil {
		db = db.WithQueryHook(o.Hook)
	}
	chance := rand.New(rand.NewPCG(uint64(o.Now().UnixNano()), uint64(most))) //nolint:gosec // it only spreads pauses
	return &database{db: db, config: config, pauses: &pauses{chance: chance}}, nil
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
