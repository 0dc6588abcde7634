package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
)

func organisationSchema(open opener, out *output) *cobra.Command {
	c := group("schema", "Give an organisation schemas of its own, or list them", "add, list")
	c.AddCommand(schemaAdd(open, out), schemaList(open, out))
	return c
}

func schemaAdd(open opener, out *output) *cobra.Command {
	var who named
	var file, of string
	c := &cobra.Command{
		Use:   "add SLUG --file FILE",
		Short: "Give the users or groups of an organisation more attributes",
		Long: `Give the users or groups of an organisation more attributes (RFC 7643, section 3.3),
from its next request on. The file holds the definition as section 7 of the RFC and
the service's own /Schemas write it; what it does not say is the RFC's default:

  {"id": "urn:ietf:params:scim:schemas:extension:kereru:2.0:User", "name": "Travel",
   "attributes": [{"name": "zone", "type": "integer"}, {"name": "badge", "type": "string"}]}

In Entra, map to urn:ietf:params:scim:schemas:extension:kereru:2.0:User:zone.`,
		Example: "  extraordinary organisation schema add kereru --file travel.json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := needs(c, "file"); err != nil {
				return err
			}
			definition, err := readDefinition(file)
			if err != nil {
				return err
			}
			return who.use(open, c, args, func(ctx context.Context, s *services, o *organisation.Organisation) error {
				added, err := s.organisations.AddSchema(ctx, o.ID(), of, definition)
				if err != nil {
					return err
				}
				return out.print(c.OutOrStdout(), listedSchema{added.ID, added.Name, of, len(added.Attributes)}, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "Each %s of %s may carry %s from now on.\n", of, who.slug, added.ID)
					return err
				})
			})
		},
	}
	who.addTo(c)
	c.Flags().StringVar(&file, "file", "", "the definition, JSON")
	c.Flags().StringVar(&of, "resource", "User", "what may carry it: User or Group")
	return c
}

func readDefinition(file string) (*tree.Object, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the definition cannot be read: %w", err)
	}
	v, err := tree.Parse(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	definition, ok := v.(*tree.Object)
	if !ok {
		return nil, fault.New(fault.Invalid, "%s holds no JSON object", file)
	}
	return definition, nil
}

// listedSchema is the JSON of a schema.
type listedSchema struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Resource   string `json:"resource"`
	Attributes int    `json:"attributes"`
}

func schemaList(open opener, out *output) *cobra.Command {
	var who named
	c := &cobra.Command{
		Use:   "list SLUG",
		Short: "List the schemas of an organisation's own",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return who.use(open, c, args, func(ctx context.Context, s *services, o *organisation.Organisation) error {
				found, err := s.organisations.Schemas(ctx, o.ID())
				if err != nil {
					return err
				}
				all := make([]listedSchema, len(found))
				for i, e := range found {
					all[i] = describeExtension(e)
				}
				return out.print(c.OutOrStdout(), map[string]any{"schemas": all}, func(w io.Writer) error {
					return tabulateSchemas(w, who.slug, all)
				})
			})
		},
	}
	who.addTo(c)
	return c
}

func describeExtension(e schema.Extension) listedSchema {
	return listedSchema{e.Schema.ID, e.Schema.Name, e.Of, len(e.Schema.Attributes)}
}

func tabulateSchemas(w io.Writer, slug string, all []listedSchema) error {
	if len(all) == 0 {
		_, err := fmt.Fprintf(w, "%s has no schema of its own. To add one: extraordinary organisation schema add %s --file FILE\n", slug, slug)
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SCHEMA\tNAME\tRESOURCE\tATTRIBUTES")
	for _, s := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\n", s.ID, s.Name, s.Resource, s.Attributes)
	}
	return table.Flush()
}
