package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/adapters/localstore"
	"github.com/extraordinary/provisioning/adapters/redisstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/postgres"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/configs"
	"github.com/extraordinary/provisioning/ports"
)

// stores are where the settings say that things are kept.
type stores struct {
	database *sqlstore.Store
	redis    *redisstore.Store // nil: its work is done by the database and this process
	tokens   ports.Tokens
	gate     ports.Gate
	limiter  ports.Limiter
}

// databaseFile is the embedded database's name in the data folder.
const databaseFile = "extraordinary.db"

// stores opens them. The embedded database is brought up to date, so that no command must be run before another;
// a Postgres that is not current is refused. Redis is not asked: what needs none works without it. watch may be nil.
func (s system) stores(ctx context.Context, config configs.Config, watch *telemetry.Telemetry) (*stores, error) {
	database, err := s.database(ctx, config, watch)
	if err != nil {
		return nil, err
	}
	rate := ports.PerSecond(config.RateLimit)
	local := localstore.NewLimiter(s.now)
	if config.RedisURL == "" {
		tokens := database.Tokens()
		return &stores{database, nil, tokens, localstore.NewGate(tokens, local, rate), local}, nil
	}
	options := redisstore.Options{Now: s.now}
	if watch != nil {
		options.Hook = watch.Redis
	}
	shared, err := redisstore.Open(config.RedisURL, options)
	if err != nil {
		return nil, errors.Join(err, database.Close())
	}
	return &stores{database, shared, shared.Tokens(), shared.Gate(rate), shared.Limiter(local)}, nil
}

// watched measures the connections to the stores.
func (s *stores) watched(watch *telemetry.Telemetry) error {
	err := watch.WatchPool("database", s.database.Pool)
	if s.redis != nil {
		err = errors.Join(err, watch.WatchPool("redis", s.redis.Pool))
	}
	return err
}

func (s *stores) close() error {
	err := s.database.Close()
	if s.redis != nil {
		err = errors.Join(err, s.redis.Close())
	}
	return err
}

func (s system) database(ctx context.Context, config configs.Config, watch *telemetry.Telemetry) (*sqlstore.Store, error) {
	var hook bun.QueryHook
	if watch != nil {
		hook = watch.SQL()
	}
	if !config.Embedded() {
		return postgres.Open(ctx, config.DatabaseURL, postgres.Options{Hook: hook, Now: s.now})
	}
	store, err := sqlite.Open(ctx, filepath.Join(config.DataDir, databaseFile), sqlite.Options{Hook: hook, Now: s.now})
	if err != nil {
		return nil, err
	}
	if _, err := store.Migrator().Up(ctx); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return store, nil
}

// migrator opens the database to change its tables: Postgres as their owner.
func (s system) migrator(ctx context.Context, config configs.Config) (sqlstore.Migrator, error) {
	if config.MigrateDatabaseURL != "" {
		return postgres.OpenMigrator(ctx, config.MigrateDatabaseURL, postgres.Options{Now: s.now})
	}
	store, err := sqlite.Open(ctx, filepath.Join(config.DataDir, databaseFile), sqlite.Options{Now: s.now})
	if err != nil {
		return sqlstore.Migrator{}, err
	}
	return store.Migrator(), nil
}
