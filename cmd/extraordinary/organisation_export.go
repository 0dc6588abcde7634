package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

func organisationExport(open opener, out *output) *cobra.Command {
	var who named
	var file string
	c := &cobra.Command{
		Use:   "export SLUG [--file FILE]",
		Short: "Write everything of an organisation to one file",
		Long: `Write everything of an organisation to one file, as it is at one moment: lines of JSON,
compressed by gzip. The member "kind" says what a line is: Organisation, PortalMember
(without password), Schema (of its own), ClientCredential (without its secrets), User,
Group, Member (of the Group before it) or Event (of the journal). The last line, End, counts the others;
a file without it was broken off. Only its owner may read the file, which holds
personal data.`,
		Example: `  extraordinary organisation export kereru
  gzip -dc kereru.jsonl.gz | jq -r 'select(.kind == "User") | .document.userName'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return who.use(open, c, args, func(ctx context.Context, s *services, o *organisation.Organisation) error {
				if file == "" {
					file = who.slug + ".jsonl.gz"
				}
				counts, err := s.exportTo(ctx, file, o.ID(), screen(c))
				if err != nil {
					return err
				}
				return out.print(c.OutOrStdout(), exported{file, counts}, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "%s holds everything of %s. "+
						"Users: %d, groups: %d, members: %d, credentials: %d, lines of the journal: %d.\n",
						file, who.slug, counts["User"], counts["Group"], counts["Member"], counts["ClientCredential"], counts["Event"])
					return err
				})
			})
		},
	}
	who.addTo(c)
	c.Flags().StringVar(&file, "file", "", "where to write it; it must not be there yet (SLUG.jsonl.gz in this folder, if not given)")
	return c
}

// exported is the JSON of an export that was made.
type exported struct {
	File   string         `json:"file"`
	Counts map[string]int `json:"counts"` // of lines, by their kinds
}

// exportTo makes a file that only its owner may read. If it fails, there is none.
func (s *services) exportTo(ctx context.Context, file string, id organisation.ID, terminal io.Writer) (map[string]int, error) {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fault.New(fault.Conflict, "%s is there already; name another file with --file", file)
	}
	if err != nil {
		return nil, err
	}
	packed, p := gzip.NewWriter(f), progress{to: terminal, what: "lines written"}
	counts, err := s.organisations.Export(ctx, id, io.MultiWriter(packed, &p))
	p.clear()
	if err := errors.Join(err, packed.Close(), f.Sync(), f.Close()); err != nil {
		return nil, errors.Join(err, os.Remove(file))
	}
	return counts, nil
}

// screen is where a command may show how far it is: standard error, if somebody looks at it.
func screen(c *cobra.Command) io.Writer {
	if f, ok := c.ErrOrStderr().(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return f
	}
	return io.Discard
}

// progress rewrites one line of a terminal whenever some thousands more are done.
type progress struct {
	to          io.Writer
	what        string
	done, shown int
}

// Write counts lines.
func (p *progress) Write(text []byte) (int, error) {
	p.tell(p.done + bytes.Count(text, []byte("\n")))
	return len(text), nil
}

func (p *progress) tell(done int) {
	if p.done = done; p.done-p.shown >= 5000 {
		p.shown = p.done
		fmt.Fprintf(p.to, "\r%d %s", p.done, p.what)
	}
}

// clear leaves an empty line for what is printed next.
func (p *progress) clear() {
	if p.shown > 0 {
		fmt.Fprint(p.to, "\r\x1b[K")
	}
}
