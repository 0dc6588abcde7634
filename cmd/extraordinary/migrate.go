package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/configs"
)

func migrateCommand(s system) *cobra.Command {
	migrate := withSettings(&cobra.Command{
		Use:   "migrate",
		Short: "Change the database's schema, or say how current it is",
		Long: `Change the database's schema, or say how current it is. On Postgres this runs as
the owner of the tables, a role with CREATEROLE that the URL in
EXTRAORDINARY_MIGRATE_DATABASE_URL names; it makes the role extraordinary_app,
of which whoever serves must be a member. On the embedded database it is never
needed: every command brings that up to date.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return usageError("name one of up, down, status; see extraordinary migrate --help")
		},
	})
	// each makes one of the three commands.
	each := func(use, short string, do func(context.Context, sqlstore.Migrator) error) *cobra.Command {
		return &cobra.Command{Use: use, Short: short, Args: noArguments, RunE: func(c *cobra.Command, _ []string) (err error) {
			config, err := configs.LoadForMigration(c.Flags(), s.env)
			if err != nil {
				return usageError("%w", err)
			}
			migrator, err := s.migrator(c.Context(), config)
			if err != nil {
				return err
			}
			defer migrator.Close() //nolint:errcheck // what was done is on disk
			return do(c.Context(), migrator)
		}}
	}
	migrate.AddCommand(
		each("up", "Bring the schema up to date", func(ctx context.Context, migrator sqlstore.Migrator) error {
			done, err := migrator.Up(ctx)
			for _, step := range done {
				fmt.Fprintf(s.out, "applied %s\n", step.Name)
			}
			if err == nil && len(done) == 0 {
				fmt.Fprintln(s.out, "the schema is up to date already")
			}
			return err
		}),
		each("down", "Take the newest change of the schema back, with the data in it", func(ctx context.Context, migrator sqlstore.Migrator) error {
			gone, err := migrator.Down(ctx, 1)
			for _, step := range gone {
				fmt.Fprintf(s.out, "took back %s\n", step.Name)
			}
			if err == nil && len(gone) == 0 {
				fmt.Fprintln(s.out, "there is nothing to take back")
			}
			return err
		}),
		each("status", "Say which changes of the schema were applied", func(ctx context.Context, migrator sqlstore.Migrator) error {
			all, err := migrator.Status(ctx)
			if err != nil {
				return err
			}
			table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
			for _, m := range all {
				state := "to be applied"
				if !m.Applied.IsZero() {
					state = "applied " + m.Applied.Format("2006-01-02 15:04:05Z07:00")
				}
				fmt.Fprintf(table, "%s\t%s\n", m.Name, state)
			}
			return table.Flush()
		}),
	)
	return migrate
}
