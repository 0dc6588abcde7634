package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

func organisationLimit(open opener, out *output) *cobra.Command {
	var who named
	var rate string
	c := &cobra.Command{
		Use:   "limit SLUG --rate N|default",
		Short: "Set how many requests a second an organisation may make",
		Long: `Set how many requests a second an organisation may make, whatever the service is set
to (rate_limit). It holds from the organisation's next request on, on every replica.
A read counts as one request and a write as two; what was not used adds up to four
seconds' worth, so that a burst passes. Entra sends up to 25 requests a second.`,
		Example: `  extraordinary organisation limit kereru --rate 250
  extraordinary organisation limit kereru --rate 0         # no limit
  extraordinary organisation limit kereru --rate default   # what the service is set to`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := needs(c, "rate"); err != nil {
				return err
			}
			l, err := parseRate(rate)
			if err != nil {
				return err
			}
			return who.use(open, c, args, func(ctx context.Context, s *services, o *organisation.Organisation) error {
				if err := s.organisations.Limit(ctx, o.ID(), l); err != nil {
					return err
				}
				return s.show(ctx, c.OutOrStdout(), out, who.slug, describeLimit(l), who.slug)
			})
		},
	}
	who.addTo(c)
	c.Flags().StringVar(&rate, "rate", "", "requests a second; 0: no limit; default: what the service is set to")
	return c
}

func parseRate(text string) (organisation.RateLimit, error) {
	if text == "default" {
		return organisation.DefaultRateLimit, nil
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, usageError("%q is no rate; write a whole number of requests a second, 0 for no limit, or default", text)
	}
	if n == 0 {
		return organisation.NoRateLimit, nil
	}
	return organisation.RateLimit(n), nil
}

func describeLimit(l organisation.RateLimit) string {
	switch l {
	case organisation.DefaultRateLimit:
		return "%s may make as many requests as the service is set to (rate_limit).\n"
	case organisation.NoRateLimit:
		return "%s may make any number of requests.\n"
	}
	burst := ports.PerSecond(int(l)).Burst
	return fmt.Sprintf("%%s may make %d requests a second from now on, and bursts of %d; a write counts as two.\n", l, burst)
}

// limit is a rate in a list.
func limit(perSecond *int) string {
	switch {
	case perSecond == nil:
		return "default"
	case *perSecond == 0:
		return "none"
	}
	return strconv.Itoa(*perSecond) + "/s"
}
