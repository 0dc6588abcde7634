package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/extraordinary/provisioning/application/organisations"
	"github.com/extraordinary/provisioning/domain/organisation"
)

func organisationErase(open opener, out *output) *cobra.Command {
	var who named
	var confirmation string
	c := &cobra.Command{
		Use:   "erase SLUG [--confirm SLUG]",
		Short: "Delete an organisation and everything of it, for ever",
		Long: `Delete an organisation and everything of it, for ever: its record, credentials, tokens,
users, groups, memberships and journal. It asks for the slug again. Service stops at
once. At the end a certificate is printed that counts what was deleted by tables; the
slug may be given to another organisation then.

A command that was broken off is to be repeated: it goes on, and its certificate
counts what was left. Exports and backups that were made before still hold the data.`,
		Example: `  extraordinary organisation export kereru
  extraordinary organisation erase kereru --confirm kereru --output json > certificate.json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return who.use(open, c, args, func(ctx context.Context, s *services, o *organisation.Organisation) error {
				if !c.Flags().Changed("confirm") {
					confirmation = ask(c, o)
				}
				if confirmation != who.slug {
					return usageError("nothing was erased: to erase %s, type its slug again or give --confirm %s", o.Snapshot().Name, who.slug)
				}
				p := progress{to: screen(c), what: "rows deleted"}
				erased, err := s.organisations.Erase(ctx, o.ID(), p.tell)
				p.clear()
				if err != nil {
					return fmt.Errorf("%w; run the command again, it goes on", err)
				}
				return out.print(c.OutOrStdout(), certify(erased), func(w io.Writer) error { return describeErased(w, erased) })
			})
		},
	}
	who.addTo(c)
	c.Flags().StringVar(&confirmation, "confirm", "", "the slug again, for scripts")
	return c
}

// ask gives what is typed when somebody is asked for the slug.
func ask(c *cobra.Command, o *organisation.Organisation) string {
	if f, ok := c.InOrStdin().(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprintf(c.ErrOrStderr(), "This deletes %s and everything of it, for ever. Type its slug to go on: ", o.Snapshot().Name)
	}
	typed := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(c.InOrStdin()).ReadString('\n') // whatever goes wrong, it is no slug
		typed <- strings.TrimSpace(line)
	}()
	select {
	case slug := <-typed:
		return slug
	case <-c.Context().Done(): // Ctrl-C; what reads ends with the process
		return ""
	}
}

// certificate is the JSON of an organisation that was erased.
type certificate struct {
	ID     string         `json:"id"`
	Slug   string         `json:"slug"`
	Name   string         `json:"name"`
	Erased time.Time      `json:"erased_at"`
	Rows   int            `json:"rows"`
	Counts map[string]int `json:"counts"` // of rows, by their tables
}

func certify(c organisations.Certificate) certificate {
	return certificate{string(c.ID), c.Slug, c.Name, c.At.UTC(), c.Rows(), c.Counts}
}

func describeErased(w io.Writer, c organisations.Certificate) error {
	fmt.Fprintf(w, "%s (slug %s, id %s)\nwas erased on %s. Nothing here names it any more. What was deleted:\n\n",
		c.Name, c.Slug, c.ID, c.At.UTC().Format("2006-01-02 at 15:04:05 UTC"))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, name := range slices.Sorted(maps.Keys(c.Counts)) {
		fmt.Fprintf(table, "%d\t  %s\n", c.Counts[name], name)
	}
	fmt.Fprintf(table, "%d\t  rows in all\n", c.Rows())
	return table.Flush()
}
