package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/extraordinary/provisioning/adapters/entra"
)

// secretVariable holds the client secret of simulate, which would stand in the list of processes as a flag.
const secretVariable = "EXTRAORDINARY_CLIENT_SECRET"

// simulateCommand acts as somebody else's client against any SCIM server.
func simulateCommand(now func() time.Time) *cobra.Command {
	c := &cobra.Command{
		Use:   "simulate",
		Short: "Act as a SCIM client against any SCIM server",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError("cannot simulate %q: write %s entra", args[0], c.CommandPath())
			}
			return usageError("say what to simulate: write %s entra", c.CommandPath())
		},
		Args: cobra.ArbitraryArgs, // so that RunE can say what there is to simulate
	}
	c.AddCommand(simulateEntraCommand(now))
	return c
}

func simulateEntraCommand(now func() time.Time) *cobra.Command {
	var o simulation
	c := &cobra.Command{
		Use:   "entra --tenant-url URL --token-endpoint URL --client-id ID --client-secret SECRET",
		Short: "Provision people and groups as Microsoft Entra does",
		Long: `Provision people and groups into a SCIM 2.0 server as Microsoft Entra does: with its
requests, in its order, in either dialect of PATCH. The first cycle provisions
everybody. Each further one changes names and numbers, lets people join, leave,
return and be deleted, renames groups and moves members.

At the end everything is read back. The exit code is 1, and the error names the
first difference, if the server did not end as Entra would leave it.

The client secret is better given in ` + secretVariable + `: a flag
can be read in the list of processes. A Tenant URL may end in ?aadOptscim062020,
as in Entra; it chooses that dialect.

--people reads a CSV file in UTF-8. Its first line names the columns:
userPrincipalName, and any of givenName, surname, displayName, mobile,
employeeId, department, manager (a userPrincipalName), accountEnabled.`,
		Example: `  extraordinary simulate entra --tenant-url http://127.0.0.1:8080/scim/v2 \
    --token-endpoint http://127.0.0.1:8080/oauth2/token --client-id ID --users 200 --cycles 2`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c, now) },
	}
	f := c.Flags()
	f.StringVar(&o.job.TenantURL, "tenant-url", "", "Entra's Tenant URL: where the SCIM server is")
	f.StringVar(&o.job.TokenEndpoint, "token-endpoint", "", "Entra's Token Endpoint")
	f.StringVar(&o.job.ClientID, "client-id", "", "Entra's Client Identifier")
	f.StringVar(&o.job.ClientSecret, "client-secret", "", "Entra's Client Secret (or "+secretVariable+")")
	f.StringVar((*string)(&o.job.CredentialsIn), "credentials-in", string(entra.InHeader), "how credentials are sent: header, body or both")
	f.IntVar(&o.users, "users", 100, "how many people to invent")
	f.StringVar(&o.people, "people", "", "CSV `file` of people, in the place of invented ones")
	f.IntVar(&o.job.Groups, "groups", 5, "how many groups to provision, of up to 10 members each")
	f.IntVar(&o.job.Cycles, "cycles", 1, "provisioning cycles: the initial one, and incremental ones after it")
	f.StringVar((*string)(&o.job.Dialect), "dialect", "", "form of PATCH: default or aadOptscim062020 (as the Tenant URL says, if not given)")
	f.IntVar(&o.job.Concurrency, "concurrency", 4, "people or groups in flight, each with a connection of its own")
	f.Uint64Var(&o.job.Seed, "seed", 1, "people and changes are the same for the same seed")
	f.StringVar(&o.output, "output", "text", "text or json: json prints one object on standard output")
	return c
}

// simulation is what the flags say.
type simulation struct {
	job            entra.Job
	users          int
	people, output string
}

func (o *simulation) run(c *cobra.Command, now func() time.Time) error {
	if err := o.check(c); err != nil {
		return err
	}
	if err := o.readPeople(); err != nil {
		return err
	}
	o.job.Now = now
	if screen, ok := c.ErrOrStderr().(*os.File); ok && term.IsTerminal(int(screen.Fd())) {
		o.job.Progress = screen
	}
	if err := o.job.Check(); err != nil {
		return usageError("%v", err)
	}
	report, failure := entra.Run(c.Context(), o.job)
	if err := o.print(c.OutOrStdout(), report); err != nil {
		return err
	}
	return failure
}

// check refuses what the flags themselves do not allow; the rest is the job's to know.
func (o *simulation) check(c *cobra.Command) error {
	if o.job.ClientSecret == "" {
		o.job.ClientSecret = os.Getenv(secretVariable)
	}
	for _, flag := range []string{"tenant-url", "token-endpoint", "client-id"} {
		if c.Flag(flag).Value.String() == "" {
			return usageError("--%s is needed; see %s --help", flag, c.CommandPath())
		}
	}
	switch {
	case o.job.ClientSecret == "":
		return usageError("the client secret is needed: set %s, or give --client-secret", secretVariable)
	case o.output != "text" && o.output != "json":
		return usageError("--output is text or json, not %q", o.output)
	case o.people != "" && c.Flags().Changed("users"):
		return usageError("--users invents people and --people reads them: give one of the two")
	case o.users < 1 || o.users > 1_000_000:
		return usageError("--users is between 1 and 1000000, not %d", o.users)
	case o.job.Groups < 0 || o.job.Groups > 100_000:
		return usageError("--groups is between 0 and 100000, not %d", o.job.Groups)
	case o.job.Cycles < 1 || o.job.Cycles > 1000:
		return usageError("--cycles is between 1 and 1000, not %d", o.job.Cycles)
	case o.job.Concurrency < 1 || o.job.Concurrency > 1000:
		return usageError("--concurrency is between 1 and 1000, not %d", o.job.Concurrency)
	}
	return nil
}

func (o *simulation) readPeople() error {
	if o.people == "" {
		o.job.People = entra.InventPeople(o.users, o.job.Seed)
		return nil
	}
	file, err := os.ReadFile(o.people)
	if err != nil {
		return fmt.Errorf("--people: %w", err)
	}
	if o.job.People, err = entra.ReadPeople(bytes.NewReader(file)); err != nil {
		return fmt.Errorf("--people: %s: %w", o.people, err)
	}
	return nil
}

func (o *simulation) print(w io.Writer, report entra.Report) error {
	if o.output == "text" {
		return report.Print(w)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(report)
}
