// Command extraordinary is the whole service: SCIM, OAuth2, the Customer Portal and the commands of its operators.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
	_ "time/tzdata" // the time zones of organisations, on machines that have none

	"github.com/redis/go-redis/v9/logging"
	"github.com/spf13/cobra"
)

func main() {
	roomForGarbage()
	logging.Disable() // go-redis would write lines of its own between ours; what fails is in the log of the request
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], system{
		out: os.Stdout, log: os.Stderr, env: os.LookupEnv, now: time.Now, random: rand.Reader,
	})
	stop()
	os.Exit(code)
}

// roomForGarbage lets the collector run a third as often as Go would by itself, for what a server keeps is little beside
// what it makes and drops (measured: a third less processor time per read), and bounds what that may cost. Go's own
// variables, where they are set, decide.
func roomForGarbage() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(300)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(200 << 20) // from here on it runs more often
	}
}

// system is what the process is given by the machine, so that a test can give it something else.
type system struct {
	out, log io.Writer
	env      func(string) (string, bool)
	now      func() time.Time
	random   io.Reader
}

// run executes one command line and gives the exit code: 0 done, 1 failed, 2 wrong usage.
func run(ctx context.Context, args []string, s system) int {
	root := command(s)
	root.SetArgs(args)
	root.SetOut(s.out)
	root.SetErr(s.log)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(s.log, "extraordinary: "+oneLine(err))
	if errors.Is(err, errUsage) {
		return 2
	}
	return 1
}

// command builds the tree of commands.
func command(s system) *cobra.Command {
	root := &cobra.Command{
		Use:   "extraordinary",
		Short: "Provisioning for Extraordinary: SCIM 2.0 for Microsoft Entra tenants",
		Long: `Extraordinary lets customer organisations provision their people and groups from
Microsoft Entra over SCIM 2.0. Each organisation signs in with client credentials
of its own and sees nothing of the others.

To see it work: extraordinary demo`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := c.Help(); err != nil {
				return err
			}
			return usageError("name a command; the list stands above")
		},
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError("%v; see %s --help", err, c.CommandPath())
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		demoCommand(s),
		serveCommand(s),
		migrateCommand(s),
		withSettings(organisationCommand(s.open)),
		withSettings(credentialCommand(s.open)),
		simulateCommand(s.now),
		versionCommand(s),
	)
	checkUsage(root)
	return root
}
