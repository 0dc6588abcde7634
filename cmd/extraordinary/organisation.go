package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/extraordinary/provisioning/application/organisations"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

func organisationCommand(open opener) *cobra.Command {
	c := group("organisation", "Take customers in, list, limit and stop them, export and erase what they have",
		"create, list, suspend, resume, link, limit, schema, export, erase")
	var out output
	out.addTo(c)
	c.AddCommand(
		organisationCreate(open, &out),
		organisationList(open, &out),
		organisationSwitch(open, &out, "suspend", "Stop all service to an organisation; its data stay", (*organisations.Service).Suspend,
			"%s is suspended: its tokens and credentials are refused from now on.\nTo take it back: extraordinary organisation resume %s\n"),
		organisationSwitch(open, &out, "resume", "Serve a suspended organisation again", (*organisations.Service).Resume,
			"%s is served again, with the credentials and tokens that it had.\nTo stop it: extraordinary organisation suspend %s\n"),
		organisationLink(open, &out),
		organisationLimit(open, &out),
		organisationSchema(open, &out),
		organisationExport(open, &out),
		organisationErase(open, &out),
	)
	return c
}

func organisationCreate(open opener, out *output) *cobra.Command {
	var n organisations.NewOrganisation
	c := &cobra.Command{
		Use:   "create NAME --slug SLUG --owner EMAIL",
		Short: "Take a customer in",
		Example: `  extraordinary organisation create "Kererū Holdings" --slug kereru --owner mia.chen@example.com
  extraordinary credential create --organisation kereru --name Entra`,
		Args: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return usageError("the organisation's name is needed; see %s --help", c.CommandPath())
			case len(args) > 1:
				return usageError("the name is one argument; write it in quotation marks")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := needs(c, "slug", "owner"); err != nil {
				return err
			}
			n.Name = args[0]
			return open.use(c, func(ctx context.Context, s *services) error {
				made, err := s.organisations.Create(ctx, n)
				if err != nil {
					return err
				}
				return out.print(c.OutOrStdout(), createdOrganisation{string(made.ID), made.Slug, made.Name, made.SignInURL}, func(w io.Writer) error {
					return describeCreated(w, made)
				})
			})
		},
	}
	c.Flags().StringVar(&n.Slug, "slug", "", "short name for commands and addresses: a-z, 0-9 and hyphens")
	c.Flags().StringVar(&n.Owner, "owner", "", "e-mail address of who runs it in the portal")
	return c
}

// createdOrganisation is the JSON of an organisation that was made.
type createdOrganisation struct {
	ID        string `json:"id"`
	Slug      string `json:"slug"`
	Name      string `json:"name"`
	SignInURL string `json:"sign_in_url"` // one-time link for the owner
}

func describeCreated(w io.Writer, made organisations.Created) error {
	link := ""
	if made.SignInURL != "" {
		link = "\nThe owner signs in by this link, once: " + made.SignInURL + "\n"
	}
	_, err := fmt.Fprintf(w, "%s is there: slug %s, id %s\n%s\nNext: extraordinary credential create --organisation %s --name Entra\n",
		made.Name, made.Slug, made.ID, link, made.Slug)
	return err
}

// listedOrganisation is the JSON of an organisation in a list.
type listedOrganisation struct {
	ID      string    `json:"id"`
	Slug    string    `json:"slug"`
	Name    string    `json:"name"`
	Status  string    `json:"status"`
	Rate    *int      `json:"rate_limit"` // requests a second; 0: none, null: what the service is set to
	Created time.Time `json:"created_at"`
}

func listed(o *organisation.Organisation) listedOrganisation {
	s := o.Snapshot()
	return listedOrganisation{string(s.ID), s.Slug, s.Name, string(s.Status), s.RateLimit.PerSecond(), s.Created.UTC()}
}

func organisationList(open opener, out *output) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the organisations",
		Args:  noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return open.use(c, func(ctx context.Context, s *services) error {
				found, err := s.organisations.List(ctx)
				if err != nil {
					return err
				}
				all := make([]listedOrganisation, len(found))
				for i, o := range found {
					all[i] = listed(o)
				}
				return out.print(c.OutOrStdout(), map[string]any{"organisations": all}, func(w io.Writer) error {
					return tabulateOrganisations(w, all)
				})
			})
		},
	}
}

func tabulateOrganisations(w io.Writer, all []listedOrganisation) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "There is no organisation yet. To make one: extraordinary organisation create NAME --slug SLUG --owner EMAIL")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SLUG\tNAME\tSTATUS\tLIMIT\tCREATED\tID")
	for _, o := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", o.Slug, o.Name, o.Status, limit(o.Rate), day(o.Created), o.ID)
	}
	return table.Flush()
}

func organisationSwitch(open opener, out *output, name, short string, act func(*organisations.Service, context.Context, organisation.ID) error, told string) *cobra.Command {
	var who named
	c := &cobra.Command{
		Use:     name + " SLUG",
		Short:   short,
		Example: "  extraordinary organisation " + name + " kereru",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return who.use(open, c, args, func(ctx context.Context, s *services, o *organisation.Organisation) error {
				if err := act(s.organisations, ctx, o.ID()); err != nil {
					return err
				}
				return s.show(ctx, c.OutOrStdout(), out, who.slug, told, who.slug, who.slug)
			})
		},
	}
	who.addTo(c)
	return c
}

// named is the organisation that a command is for: its argument, or the flag that other commands have.
type named struct{ slug string }

func (n *named) addTo(c *cobra.Command) {
	c.Flags().StringVar(&n.slug, "organisation", "", "the slug, as other commands take it")
}

// use opens the services for do, with the organisation.
func (n *named) use(open opener, c *cobra.Command, args []string, do func(context.Context, *services, *organisation.Organisation) error) error {
	switch {
	case len(args) == 1 && n.slug != "" && n.slug != args[0]:
		return usageError("two organisations are named, %s and %s; name one", args[0], n.slug)
	case len(args) == 1:
		n.slug = args[0]
	case n.slug == "":
		return usageError("the organisation's slug is needed; see %s --help", c.CommandPath())
	}
	return open.use(c, func(ctx context.Context, s *services) error {
		o, err := s.organisation(ctx, n.slug)
		if err != nil {
			return err
		}
		return do(ctx, s, o)
	})
}

// show prints an organisation as it is now, or what is told of it.
func (s *services) show(ctx context.Context, w io.Writer, out *output, slug, told string, args ...any) error {
	o, err := s.organisation(ctx, slug)
	if err != nil {
		return err
	}
	return out.print(w, listed(o), func(w io.Writer) error {
		_, err := fmt.Fprintf(w, told, args...)
		return err
	})
}

// organisation finds the one called slug, and says where the right slug stands if there is none.
func (s *services) organisation(ctx context.Context, slug string) (*organisation.Organisation, error) {
	o, err := s.organisations.Find(ctx, slug)
	if errors.Is(err, fault.NotFound) {
		return nil, fault.New(fault.NotFound, "no organisation has the slug %q; extraordinary organisation list shows them", slug)
	}
	return o, err
}

// day writes a date as an operator reads it; "-" for none.
func day(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.DateOnly)
}
