package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/extraordinary/provisioning/adapters/fositestore"
	"github.com/extraordinary/provisioning/adapters/httpserver"
	"github.com/extraordinary/provisioning/adapters/mailer"
	"github.com/extraordinary/provisioning/adapters/oauthapi"
	"github.com/extraordinary/provisioning/adapters/openapi"
	"github.com/extraordinary/provisioning/adapters/passwords"
	"github.com/extraordinary/provisioning/adapters/portal"
	"github.com/extraordinary/provisioning/adapters/scimapi"
	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/application/credentials"
	"github.com/extraordinary/provisioning/application/mailing"
	"github.com/extraordinary/provisioning/application/members"
	"github.com/extraordinary/provisioning/application/organisations"
	"github.com/extraordinary/provisioning/application/people"
	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/application/settings"
	"github.com/extraordinary/provisioning/application/signin"
	"github.com/extraordinary/provisioning/application/traffic"
	"github.com/extraordinary/provisioning/configs"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/ports"
)

// services are the use cases over the stores that the settings name. What a command does not need is not there.
type services struct {
	organisations *organisations.Service
	credentials   *credentials.Service
	provisioning  *provisioning.Service
	signin        *signin.Service
	members       *members.Service
	settings      *settings.Service
	people        *people.Service
	mailing       *mailing.Service
	traffic       *traffic.Service
	recorder      *traffic.Recorder
	registry      *schema.Registry
	cursors       *scim.Cursors
	stores        *stores
	random        io.Reader
	publicURL     string
}

func (s *services) close() error { return s.stores.close() }

// opener makes the services of a command out of its flags.
type opener func(ctx context.Context, c *cobra.Command) (*services, error)

// open is the opener of every command that is not a server.
func (s system) open(ctx context.Context, c *cobra.Command) (*services, error) {
	config, err := configs.Load(c.Flags(), s.env)
	if err != nil {
		return nil, usageError("%w", err)
	}
	return s.services(ctx, config, nil, s.logger())
}

// passwordsAtOnce is how many sums of passwords are worked out at once: each takes a processor for some 50 ms.
const passwordsAtOnce = 2

// mailerOf sends by the mail server of the settings, or writes files.
func mailerOf(config configs.Config, now func() time.Time, log *slog.Logger) (ports.Mailer, error) {
	if config.SMTPURL != "" {
		return mailer.NewSMTP(config.SMTPURL, config.MailFrom, now)
	}
	from := cmp.Or(config.MailFrom, "Extraordinary <no-reply@localhost>")
	return mailer.Files{Folder: filepath.Join(config.DataDir, "mail"), From: from, Log: log, Now: now}, nil
}

// services opens the stores and puts the use cases upon them. watch may be nil.
func (s system) services(ctx context.Context, config configs.Config, watch *telemetry.Telemetry, log *slog.Logger) (*services, error) {
	masters := config.SecretKeys
	if len(masters) == 0 {
		var err error
		if masters, err = configs.EnsureKeys(config.DataDir, s.random); err != nil {
			return nil, err
		}
	}
	keys, err := credential.NewKeys(masters)
	if err != nil {
		return nil, err
	}
	cursors, err := scim.NewCursors(masters)
	if err != nil {
		return nil, err
	}
	stores, err := s.stores(ctx, config, watch)
	if err != nil {
		return nil, err
	}
	sealing, err := access.NewKeys(masters)
	if err != nil {
		return nil, errors.Join(err, stores.close())
	}
	post, err := mailerOf(config, s.now, log)
	if err != nil {
		return nil, errors.Join(err, stores.close())
	}
	if watch != nil {
		post = watch.Mailer(post)
	}
	doors := signin.New(signin.Options{
		Store: stores.database, Doors: stores.database.Doors(), Passwords: passwords.New(s.random, passwordsAtOnce), Limiter: stores.limiter,
		Keys: sealing, PublicURL: config.PublicURL, Random: s.random, Now: s.now, NewID: newID,
	})
	registry := schema.Core()
	clients := credentials.New(stores.database, stores.tokens, keys, s.random, s.now, newID)
	seen := traffic.New(stores.database, stores.tokens, s.now, newID)
	return &services{
		organisations: organisations.New(stores.database, stores.database.Registry(), stores.tokens, doors.OwnerLink, s.now, newID),
		credentials:   clients.Behind(stores.gate).Limited(stores.limiter, grantRate(config)),
		provisioning:  provisioning.New(stores.database, registry, s.now, newID),
		signin:        doors,
		members:       members.New(members.Options{Store: stores.database, PublicURL: config.PublicURL, Random: s.random, Now: s.now, NewID: newID}),
		settings:      settings.New(stores.database, s.now, newID),
		people:        people.New(stores.database, s.now, newID),
		mailing:       mailing.New(stores.database, stores.database.Postbox(), post, s.now),
		traffic:       seen,
		recorder:      traffic.NewRecorder(seen),
		registry:      registry,
		cursors:       cursors,
		stores:        stores,
		random:        s.random,
		publicURL:     config.PublicURL,
	}, nil
}

// grantRate is how often one client may fetch a token: far more often than any that keeps them. It is off where the
// limits of organisations are; failures stay limited.
func grantRate(config configs.Config) ports.Rate {
	if config.RateLimit == 0 {
		return ports.Rate{}
	}
	return ports.Rate{PerSecond: 10, Burst: 100}
}

// newID gives UUIDs of version 7 (RFC 9562 §5.7). The library fails only if the system has no randomness; then nothing
// of what we do is safe, and it says so by a panic.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// mounts are all addresses, but for those of health.
func (s *services) mounts(config configs.Config, now func() time.Time) ([]httpserver.Mount, error) {
	scim := scimapi.New(config.PublicURL, s.credentials, s.provisioning, s.registry, s.cursors, now).Recorded(s.recorder.SCIM)
	oauth := oauthapi.New(oauthapi.Options{
		PublicURL: config.PublicURL, Credentials: s.credentials, Tokens: fositestore.New(s.credentials, s.random),
		Now: now, Record: s.recorder.Token,
	})
	pages, err := portal.New(portal.Options{
		PublicURL: config.PublicURL, Visit: portal.Visits(s.signin), Confirm: portal.Confirms(s.signin), MemberName: s.members.Name,
		Credentials: s.credentials, SignIn: s.signin, Members: s.members, Settings: s.settings, Traffic: s.traffic, People: s.people, Mailed: config.SMTPURL != "", Now: now,
	})
	if err != nil {
		return nil, err
	}
	description, err := openapi.New(config.PublicURL, version(), s.registry)
	return []httpserver.Mount{
		{Prefix: scimapi.Prefix, Register: scim.Register, Fail: scim.Fail, MaxBody: scimapi.MaxBody, Compress: true},
		{Prefix: oauthapi.Prefix, Register: oauth.Register, Fail: oauth.Fail, MaxBody: 8 << 10},
		{Prefix: oauthapi.WellKnownPrefix, Register: oauth.RegisterMetadata, Fail: oauth.Fail, MaxBody: 8 << 10},
		{Prefix: openapi.Path, Register: description.Register, Fail: scim.Fail, MaxBody: 8 << 10, Compress: true},
		{Prefix: portal.Prefix, Register: pages.Register, Fail: pages.Fail, MaxBody: portal.MaxBody, Compress: true},
	}, err
}

// server is the whole HTTP side over services.
func (s *services) server(config configs.Config, watch *telemetry.Telemetry, log *slog.Logger, now func() time.Time) (*httpserver.Server, error) {
	mounts, err := s.mounts(config, now)
	if err != nil {
		return nil, err
	}
	return httpserver.New(httpserver.Options{
		Address:        config.Listen,
		MetricsAddress: config.MetricsListen,
		PublicURL:      config.PublicURL,
		TrustedProxies: config.TrustedProxies,
		ShutdownDelay:  config.ShutdownDelay,
		Telemetry:      watch,
		Log:            log,
		Now:            now,
		Ready:          ready,
		Mounts:         mounts,
	})
}

// ready is what a load balancer is told until the server drains: all that must hold was seen to before the address was
// taken. A store that is down takes no replica away, since all of them share it: each answers 503 meanwhile.
func ready(context.Context) error { return nil }

// withSettings gives a command, and those below it, the flags of the settings.
func withSettings(c *cobra.Command) *cobra.Command {
	settings := pflag.NewFlagSet("settings", pflag.ContinueOnError)
	configs.AddFlags(settings)
	c.PersistentFlags().AddFlagSet(settings)
	return c
}

// logger writes JSON lines with the trace of what they speak of.
func (s system) logger() *slog.Logger {
	return slog.New(telemetry.LogHandler(slog.NewJSONHandler(s.log, nil)))
}

// watch starts traces and metrics.
func (s system) watch(ctx context.Context, log *slog.Logger) (*telemetry.Telemetry, error) {
	watch, err := telemetry.Start(ctx, telemetry.Options{Version: version(), Log: log, Now: s.now, Env: s.env})
	if err != nil {
		return nil, fmt.Errorf("start telemetry: %w", err)
	}
	return watch, nil
}
