package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/extraordinary/provisioning/adapters/entra"
	"github.com/extraordinary/provisioning/adapters/oauthapi"
	"github.com/extraordinary/provisioning/adapters/scimapi"
	"github.com/extraordinary/provisioning/application/organisations"
	"github.com/extraordinary/provisioning/configs"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/fault"
)

func demoCommand(s system) *cobra.Command {
	return withSettings(&cobra.Command{
		Use:   "demo",
		Short: "Serve, provision a made-up organisation over HTTP, show what happened, go on serving",
		Long: `Serve on the embedded stores, make an organisation with a client credential, let an
Entra-like client provision people and groups into it over HTTP, with some trouble
among them, show what happened, the link into the Customer Portal and what an
administrator pastes into Entra, and go on serving until Ctrl-C.

The data live in a temporary folder that is removed at the end, unless --data-dir
or EXTRAORDINARY_DATA_DIR names another.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			config, err := configs.Load(c.Flags(), s.env)
			if err != nil {
				return usageError("%w", err)
			}
			if !config.Embedded() || config.RedisURL != "" {
				return usageError("demo keeps everything in its data folder; leave database_url and redis_url out")
			}
			if !config.Given("rate_limit") {
				config.RateLimit = 0 // the demo's client is faster than Entra
			}
			if !config.Given("data_dir") {
				if config.DataDir, err = os.MkdirTemp("", "extraordinary-demo-"); err != nil {
					return err
				}
				defer func() { err = errors.Join(err, os.RemoveAll(config.DataDir)) }()
			}
			log, err := openLog(config.DataDir)
			if err != nil {
				return fmt.Errorf("the data folder cannot be written: %w; allow it, or choose another by --data-dir", err)
			}
			defer func() { err = errors.Join(err, log.Close()) }()
			quiet := s
			quiet.log = log
			return quiet.serve(c.Context(), config, func(ctx context.Context, services *services) error {
				return s.demonstrate(ctx, services, log.Name())
			})
		},
	})
}

const (
	demoPeople = 60
	demoGroups = 5
	demoYears  = 2 // that the secret lives
)

// openLog opens the file that the server's log goes to: a person looks at the terminal.
func openLog(folder string) (*os.File, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(filepath.Join(folder, "serve.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

// demonstrate provisions into the running server, as Entra would.
func (s system) demonstrate(ctx context.Context, services *services, log string) error {
	fmt.Fprintf(s.out, "Serving at %s\n\n", services.publicURL)
	organisation, err := demoOrganisation(ctx, services)
	if err != nil {
		return err
	}
	issued, err := services.credentials.Create(ctx, organisation.ID, "Entra", demoYears, activity.Actor{Kind: activity.Operator})
	if err != nil {
		return err
	}
	job := entra.Job{
		TenantURL:     services.publicURL + scimapi.Prefix,
		TokenEndpoint: services.publicURL + oauthapi.TokenPath,
		ClientID:      issued.ClientID,
		ClientSecret:  issued.Secret,
		People:        entra.InventPeople(demoPeople, 1),
		Groups:        demoGroups,
		Cycles:        2,
		Concurrency:   4,
		Now:           s.now,
	}
	fmt.Fprintf(s.out, "An Entra-like client provisions %d people and %d groups into %q over HTTP,\nthen a second cycle with changes, joiners and leavers:\n\n", demoPeople, demoGroups, organisation.Name)
	report, err := entra.Run(ctx, job)
	if ctx.Err() != nil {
		return nil //nolint:nilerr // Ctrl-C is how the demo ends
	}
	if printed := report.Print(s.out); printed != nil {
		return printed
	}
	if err != nil {
		return err
	}
	if err := s.trouble(ctx, job); err != nil && ctx.Err() == nil {
		return err
	}
	return s.farewell(job, organisation, log)
}

// demoOrganisation makes an organisation of the first name that is free, so that the demo may be run again on the
// same data.
func demoOrganisation(ctx context.Context, services *services) (organisations.Created, error) {
	for n := 1; ; n++ {
		slug := "kereru"
		if n > 1 {
			slug = fmt.Sprintf("kereru-%d", n)
		}
		made, err := services.organisations.Create(ctx, organisations.NewOrganisation{Name: "Kererū Holdings", Slug: slug, Owner: "mia.chen@kereru.example"})
		if !errors.Is(err, fault.Conflict) {
			return made, err
		}
	}
}

// farewell prints what to do next.
func (s system) farewell(job entra.Job, organisation organisations.Created, log string) error {
	var b strings.Builder
	fmt.Fprintf(&b, `
Sign in to the Customer Portal by this link, which works once: choose a password there.

  %s

It shows how the connection stands, the people, the log with some problems, and what to do about each.

What an administrator pastes into Entra (Provisioning > Connectivity; the portal shows it in Settings > SCIM):

  Tenant URL          %s
  Token Endpoint      %s
  Client Identifier   %s
  Client Secret       %s

Look at it:

  TOKEN=$(curl -s -u '%s:%s' -d grant_type=client_credentials %s | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
  curl -s -H "Authorization: Bearer $TOKEN" '%s/Users?count=2'
  curl -s -H "Authorization: Bearer $TOKEN" '%s/Groups?excludedAttributes=members'

The organisation is %q; the log is in %s
Serving goes on until Ctrl-C.
`, organisation.SignInURL, job.TenantURL, job.TokenEndpoint, job.ClientID, job.ClientSecret,
		job.ClientID, job.ClientSecret, job.TokenEndpoint, job.TenantURL, job.TenantURL, organisation.Slug, log)
	_, err := io.WriteString(s.out, b.String())
	return err
}
