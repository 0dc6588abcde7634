package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/extraordinary/provisioning/domain/fault"
)

var errUsage = errors.New("wrong usage")

// usageError is a fault of the command line: exit code 2.
func usageError(format string, args ...any) error {
	return &wrongUsage{fmt.Errorf(format, args...)}
}

type wrongUsage struct{ cause error }

func (w *wrongUsage) Error() string   { return w.cause.Error() }
func (w *wrongUsage) Unwrap() []error { return []error{errUsage, w.cause} }

// oneLine is what an operator reads: the detail of a fault says what to do, its kind is for protocols.
func oneLine(err error) string {
	text := err.Error()
	var f *fault.Error
	if errors.As(err, &f) && f.Detail != "" {
		text = f.Detail
		if f.Path != "" {
			text = f.Path + ": " + text
		}
	}
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "; ")
}

func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError("%s has no command or argument %q; see %s --help", c.CommandPath(), args[0], c.CommandPath())
	}
	return nil
}

// checkUsage makes cobra's own complaints about arguments ours, for the whole tree.
func checkUsage(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			err := check(c, args)
			if err == nil || errors.Is(err, errUsage) {
				return err
			}
			return usageError("%v; see %s --help", err, c.CommandPath())
		}
	}
	for _, sub := range c.Commands() {
		checkUsage(sub)
	}
}
