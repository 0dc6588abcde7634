package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/extraordinary/provisioning/domain/fault"
)

// output is the flag --output of the commands that make and show things.
type output struct{ json bool }

// addTo gives the flag to c and the commands below it.
func (o *output) addTo(c *cobra.Command) {
	c.PersistentFlags().Var(o, "output", "text or json: json prints one object on standard output")
}

// String, Set and Type make output a flag.
func (o *output) String() string {
	if o.json {
		return "json"
	}
	return "text"
}

// Set reads the flag.
func (o *output) Set(text string) error {
	if text != "text" && text != "json" {
		return errors.New("it is text or json")
	}
	o.json = text == "json"
	return nil
}

// Type names the flag's value in the help.
func (o *output) Type() string { return "text|json" }

// print writes object as JSON, or else what text writes.
func (o *output) print(w io.Writer, object any, text func(io.Writer) error) error {
	if !o.json {
		return text(w)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(object)
}

// use opens the services for do and closes them.
func (open opener) use(c *cobra.Command, do func(context.Context, *services) error) error {
	s, err := open(c.Context(), c)
	if err != nil {
		return err
	}
	err = do(c.Context(), s)
	if errors.Is(err, fault.Invalid) {
		err = usageError("%w", err) // the command line is all that these commands are told
	}
	return errors.Join(err, s.close())
}

// needs checks that flags were given.
func needs(c *cobra.Command, flags ...string) error {
	for _, flag := range flags {
		if c.Flag(flag).Value.String() == "" {
			return usageError("--%s is needed; see %s --help", flag, c.CommandPath())
		}
	}
	return nil
}

// group makes a command that only holds others.
func group(use, short, choice string) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return usageError("name one of %s; see %s --help", choice, c.CommandPath())
		},
	}
}
