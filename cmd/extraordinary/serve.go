package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/extraordinary/provisioning/configs"
)

func serveCommand(s system) *cobra.Command {
	return withSettings(&cobra.Command{
		Use:   "serve",
		Short: "Serve SCIM, OAuth2 and the Customer Portal until Ctrl-C",
		Long: `Serve SCIM at /scim/v2, OAuth2 at /oauth2 and the Customer Portal at / until Ctrl-C or
SIGTERM. Without a database URL everything is kept in one SQLite file in the data
folder, which is brought up to date at the start. With a Postgres and a Redis URL any number of
replicas serve the same organisations. Every other command may be run meanwhile.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			config, err := configs.Load(c.Flags(), s.env)
			if err != nil {
				return usageError("%w", err)
			}
			return s.serve(c.Context(), config, func(context.Context, *services) error {
				fmt.Fprintf(s.out, "Serving at %s until Ctrl-C\n", config.PublicURL)
				return nil
			})
		},
	})
}

// flushTime bounds what the last traces may cost at the end.
const flushTime = 5 * time.Second

// serve runs the server until ctx ends. Once its address is taken, begun is called beside it; if that fails, serving
// ends.
func (s system) serve(ctx context.Context, config configs.Config, begun func(context.Context, *services) error) (err error) {
	if config.PublicURL == "" {
		return usageError("clients must know the port: name it in --listen, or name --public-url")
	}
	log := s.logger()
	watch, err := s.watch(ctx, log)
	if err != nil {
		return err
	}
	defer func() {
		flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTime)
		defer cancel()
		if lost := watch.Shutdown(flush); lost != nil {
			log.WarnContext(flush, "the last traces could not be sent", "error", lost.Error())
		}
	}()
	log = watch.Log(log)
	services, err := s.services(ctx, config, watch, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, services.close()) }()
	if err := errors.Join(services.stores.watched(watch), watch.WatchQueue("mail", services.mailing.Waiting), watch.WatchQueue("log", services.recorder.Waiting)); err != nil {
		return err
	}
	if shared := services.stores.redis; shared != nil {
		if err := shared.Check(ctx); err != nil {
			return err
		}
	}
	server, err := services.server(config, watch, log, s.now)
	if err != nil {
		return err
	}
	if err := server.Listen(ctx); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var beside sync.WaitGroup
	beside.Go(func() { services.work(ctx, log) })
	done := make(chan error, 1)
	go func() {
		err := begun(ctx, services)
		if err != nil {
			stop()
		}
		done <- err
	}()
	served := server.Serve(ctx)
	stop()
	beside.Wait()
	return errors.Join(served, <-done)
}
