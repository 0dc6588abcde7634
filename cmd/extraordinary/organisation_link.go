package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// entrance is the JSON of a one-time link.
type entrance struct {
	SignInURL string    `json:"sign_in_url"`
	Expires   time.Time `json:"expires_at"`
}

func organisationLink(open opener, out *output) *cobra.Command {
	var who named
	var email string
	c := &cobra.Command{
		Use:   "link --organisation SLUG --email EMAIL",
		Short: "Make a one-time link for a member who cannot get into the portal",
		Long: `Make a one-time link by which a member of an organisation's portal chooses a new
password. It works once, for 24 hours. A second step stays: an Organisation Lead
takes it away in Settings, Team.`,
		Example: "  extraordinary organisation link --organisation kereru --email mia.chen@example.com",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := needs(c, "email"); err != nil {
				return err
			}
			return who.use(open, c, args, func(ctx context.Context, s *services, o *organisation.Organisation) error {
				made, err := s.signin.EntranceLink(ctx, o.ID(), email)
				if errors.Is(err, fault.NotFound) {
					return fault.New(fault.NotFound, "%s is no member of %s; an Organisation Lead invites people in Settings, Team", email, who.slug)
				}
				if err != nil {
					return err
				}
				return out.print(c.OutOrStdout(), entrance{made.URL, made.Expires.UTC()}, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "%s signs in by this link, once, until %s:\n%s\n", email, made.Expires.UTC().Format(time.RFC3339), made.URL)
					return err
				})
			})
		},
	}
	who.addTo(c)
	c.Flags().StringVar(&email, "email", "", "the member's e-mail address")
	return c
}
