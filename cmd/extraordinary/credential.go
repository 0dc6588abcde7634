package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/extraordinary/provisioning/adapters/oauthapi"
	"github.com/extraordinary/provisioning/adapters/scimapi"
	"github.com/extraordinary/provisioning/application/credentials"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

// defaultOverlap is how long an old secret lives beside a new one: an operator may hand the new one over before a
// weekend, and the customer paste it in after.
const defaultOverlap = 7 * 24 * time.Hour

// operator is who the journal names for what a command did.
func operator() activity.Actor { return activity.Actor{Kind: activity.Operator} }

func credentialCommand(open opener) *cobra.Command {
	c := group("credential", "Make, list, rotate and revoke an organisation's client credentials", "create, list, rotate, revoke")
	var out output
	out.addTo(c)
	c.AddCommand(credentialCreate(open, &out), credentialList(open, &out), credentialRotate(open, &out), credentialRevoke(open, &out))
	return c
}

func credentialCreate(open opener, out *output) *cobra.Command {
	var slug, name string
	var years int
	c := &cobra.Command{
		Use:   "create --organisation SLUG --name NAME",
		Short: "Make a credential; its secret is shown once",
		Args:  noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "organisation", "name"); err != nil {
				return err
			}
			return open.use(c, func(ctx context.Context, s *services) error {
				o, err := s.organisation(ctx, slug)
				if err != nil {
					return err
				}
				made, err := s.credentials.Create(ctx, o.ID(), name, years, operator())
				if err != nil {
					return err
				}
				return s.hand(c.OutOrStdout(), out, made)
			})
		},
	}
	c.Flags().StringVar(&slug, "organisation", "", "the organisation's slug")
	c.Flags().StringVar(&name, "name", "", "what the credential is for, such as Entra")
	addYears(c, &years)
	return c
}

func addYears(c *cobra.Command, years *int) {
	c.Flags().IntVar(years, "years", credentials.DefaultYears, "how long the secret lives: 1, 2 or 3 years")
}

// issued is the JSON of a credential whose secret was just made: what is pasted into Entra.
type issued struct {
	ClientID      string    `json:"client_id"`
	ClientSecret  string    `json:"client_secret"`
	TokenEndpoint string    `json:"token_endpoint"`
	TenantURL     string    `json:"tenant_url"`
	Expires       time.Time `json:"expires_at"`
}

// hand gives a new secret out, the only time that it is seen.
func (s *services) hand(w io.Writer, out *output, made credentials.Issued) error {
	i := issued{made.ClientID, made.Secret, s.publicURL + oauthapi.TokenPath, s.publicURL + scimapi.Prefix, made.Expires}
	return out.print(w, i, func(w io.Writer) error {
		old := ""
		if !made.OthersEnd.IsZero() {
			old = fmt.Sprintf("The old secret works until %s; paste the new one into Entra before then.\n", made.OthersEnd.UTC().Format("2006-01-02 15:04 UTC"))
		}
		_, err := fmt.Fprintf(w, `Paste these into Entra (Provisioning > Connectivity):

  Tenant URL          %s
  Token Endpoint      %s
  Client Identifier   %s
  Client Secret       %s

The secret is shown this once and kept nowhere. It expires on %s.
%s`, i.TenantURL, i.TokenEndpoint, i.ClientID, i.ClientSecret, day(made.Expires), old)
		return err
	})
}

// listedCredential is the JSON of a credential in a list.
type listedCredential struct {
	ClientID string         `json:"client_id"`
	Name     string         `json:"name"`
	Status   string         `json:"status"` // live, expired, revoked
	Created  time.Time      `json:"created_at"`
	Secrets  []listedSecret `json:"secrets"`
}

type listedSecret struct {
	KeyID    string     `json:"key_id"` // the beginning of the secret behind scs_
	Expires  time.Time  `json:"expires_at"`
	LastUsed *time.Time `json:"last_used_at"`
	Live     bool       `json:"live"`
}

func credentialList(open opener, out *output) *cobra.Command {
	var slug string
	c := &cobra.Command{
		Use:   "list --organisation SLUG",
		Short: "List an organisation's credentials, with the use and the end of each secret",
		Args:  noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "organisation"); err != nil {
				return err
			}
			return open.use(c, func(ctx context.Context, s *services) error {
				o, err := s.organisation(ctx, slug)
				if err != nil {
					return err
				}
				found, err := s.credentials.List(ctx, o.ID())
				if err != nil {
					return err
				}
				all := make([]listedCredential, len(found.Credentials))
				for i, each := range found.Credentials {
					all[i] = describeCredential(each, found.At)
				}
				return out.print(c.OutOrStdout(), map[string]any{"credentials": all}, func(w io.Writer) error {
					return tabulateCredentials(w, all, slug)
				})
			})
		},
	}
	c.Flags().StringVar(&slug, "organisation", "", "the organisation's slug")
	return c
}

func describeCredential(c *credential.ClientCredential, now time.Time) listedCredential {
	s := c.Snapshot()
	l := listedCredential{ClientID: s.ClientID, Name: s.Name, Status: "expired", Created: s.Created.UTC(), Secrets: []listedSecret{}}
	switch {
	case !s.Revoked.IsZero():
		l.Status = "revoked"
	case c.Live(now):
		l.Status = "live"
	}
	for _, secret := range s.Secrets {
		shown := listedSecret{KeyID: secret.KeyID, Expires: secret.Expires.UTC(), Live: secret.Live(now)}
		if !secret.LastUsed.IsZero() {
			used := secret.LastUsed.UTC()
			shown.LastUsed = &used
		}
		l.Secrets = append(l.Secrets, shown)
	}
	return l
}

func tabulateCredentials(w io.Writer, all []listedCredential, slug string) error {
	if len(all) == 0 {
		_, err := fmt.Fprintf(w, "%s has no credential yet. To make one: extraordinary credential create --organisation %s --name Entra\n", slug, slug)
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CLIENT ID\tNAME\tSTATUS\tSECRET\tLAST USED\tENDS")
	for _, c := range all {
		for i, secret := range c.Secrets {
			id, name, status := c.ClientID, c.Name, c.Status
			if i > 0 {
				id, name, status = "", "", ""
			}
			used := "never"
			if secret.LastUsed != nil {
				used = secret.LastUsed.Format("2006-01-02 15:04 UTC")
			}
			fmt.Fprintf(table, "%s\t%s\t%s\tscs_%s…\t%s\t%s\n", id, name, status, secret.KeyID, used, secret.Expires.Format("2006-01-02 15:04 UTC"))
		}
	}
	return table.Flush()
}

func credentialRotate(open opener, out *output) *cobra.Command {
	var target target
	var years int
	var overlap time.Duration
	c := &cobra.Command{
		Use:   "rotate --client-id ID",
		Short: "Give a credential a new secret; the old one works on for a while",
		Long: `Give a credential a new secret, which is shown once. The old one works on for the
overlap, so that the new one can be pasted into Entra without a gap in service. With
--overlap 0 every old secret ends at once. Tokens that were fetched live to their end.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return target.use(open, c, func(ctx context.Context, s *services, org organisation.ID) error {
				made, err := s.credentials.Rotate(ctx, org, target.clientID, years, overlap, operator())
				if err != nil {
					return err
				}
				return s.hand(c.OutOrStdout(), out, made)
			})
		},
	}
	target.addTo(c)
	addYears(c, &years)
	c.Flags().DurationVar(&overlap, "overlap", defaultOverlap, "how long the old secret works on, such as 24h; 0 ends it at once")
	return c
}

func credentialRevoke(open opener, out *output) *cobra.Command {
	var target target
	c := &cobra.Command{
		Use:   "revoke --client-id ID",
		Short: "End a credential, its secrets and its tokens at once and for ever",
		Args:  noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return target.use(open, c, func(ctx context.Context, s *services, org organisation.ID) error {
				if err := s.credentials.Revoke(ctx, org, target.clientID, operator()); err != nil {
					return err
				}
				return out.print(c.OutOrStdout(), map[string]string{"client_id": target.clientID, "status": "revoked"}, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "%s is revoked: its secrets and tokens are refused from now on, and stay so.\n", target.clientID)
					return err
				})
			})
		},
	}
	target.addTo(c)
	return c
}

// target names the credential that a command changes. The client identifier says whose it is; who names the
// organisation too is kept from changing another's by mistake.
type target struct{ clientID, slug string }

func (t *target) addTo(c *cobra.Command) {
	c.Flags().StringVar(&t.clientID, "client-id", "", "the client identifier, as credential list shows it")
	c.Flags().StringVar(&t.slug, "organisation", "", "the organisation's slug, to be sure that it is its credential")
}

// use opens the services for do, and says where the right client identifier stands if there is none.
func (t *target) use(open opener, c *cobra.Command, do func(context.Context, *services, organisation.ID) error) error {
	if err := needs(c, "client-id"); err != nil {
		return err
	}
	org, err := credential.OrganisationOf(t.clientID)
	if err != nil {
		return usageError("%q is no client identifier; extraordinary credential list --organisation SLUG shows them", t.clientID)
	}
	return open.use(c, func(ctx context.Context, s *services) error {
		if t.slug != "" {
			o, err := s.organisation(ctx, t.slug)
			if err != nil {
				return err
			}
			if o.ID() != org {
				return fault.New(fault.NotFound, "%s is no credential of %s; extraordinary credential list --organisation %s shows them", t.clientID, t.slug, t.slug)
			}
		}
		err := do(ctx, s, org)
		if errors.Is(err, fault.NotFound) {
			return fault.New(fault.NotFound, "no credential has the client identifier %s; extraordinary credential list shows them", t.clientID)
		}
		return err
	})
}
