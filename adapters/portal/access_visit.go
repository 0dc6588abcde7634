package portal

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/extraordinary/provisioning/application/signin"
	"github.com/extraordinary/provisioning/domain/fault"
)

// Visits finds visitors by the sessions of s.
func Visits(s *signin.Service) func(ctx context.Context, cookie string, touch bool) (Visit, error) {
	return func(ctx context.Context, cookie string, touch bool) (Visit, error) {
		found, err := s.Visit(ctx, cookie, touch)
		if err != nil {
			return Visit{}, err
		}
		o, m := found.Organisation.Snapshot(), found.Member.Snapshot()
		zone, err := time.LoadLocation(o.TimeZone)
		if err != nil {
			return Visit{}, fault.Wrap(fault.Internal, err)
		}
		return Visit{
			Organisation: o.ID, OrganisationName: o.Name, Zone: zone, TokenLife: o.TokenLife, MemberID: m.ID, Name: m.Name, Email: m.Email, Roles: m.Roles,
			Ends: found.Session.Ends(), Confirmed: found.Session.Confirmed, MustSetUp: o.SecondStep && !found.Member.HasSecondStep(),
			visitor: found,
		}, nil
	}
}

// Confirms checks passwords by s.
func Confirms(s *signin.Service) func(ctx context.Context, v Visit, from, shown string) error {
	return func(ctx context.Context, v Visit, from, shown string) error {
		return s.Confirm(ctx, v.visitor, addressOf(from), shown)
	}
}

// addressOf reads a RemoteAddr, in which the server has written who it was past all trusted proxies. Who comes by no
// network shares the limits of the zero address.
func addressOf(remote string) netip.Addr {
	both, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	return both.Addr().Unmap()
}

// browserOf is where r comes from, as people recognise it.
func browserOf(r *http.Request) signin.Browser {
	return signin.Browser{Name: browserName(r.UserAgent()), Address: addressOf(r.RemoteAddr)}
}

// browserName makes "Firefox on Windows" of what a browser says of itself.
func browserName(agent string) string {
	first := func(names ...string) string {
		for _, n := range names {
			mark, name, _ := strings.Cut(n, "=")
			if strings.Contains(agent, mark) {
				return name
			}
		}
		return ""
	}
	browser := first("Edg/=Edge", "Firefox/=Firefox", "OPR/=Opera", "Chrome/=Chrome", "Safari/=Safari")
	system := first("Windows=Windows", "iPhone=iPhone", "iPad=iPad", "Android=Android", "Mac OS=macOS", "Linux=Linux")
	switch {
	case browser == "":
		return "Another browser"
	case system == "":
		return browser
	}
	return browser + " on " + system
}

// wrongs are the faults of a form, as the page says them. Any other error is the caller's to return.
func wrongs(err error) ([]fieldError, bool) {
	f := fault.Of(err)
	if err == nil || !errors.Is(err, fault.Invalid) && !errors.Is(err, fault.Conflict) && !errors.Is(err, fault.Limited) {
		return nil, false
	}
	return []fieldError{{f.Path, sentence(f.Detail)}}, true
}

// sentence makes a sentence of a fault's detail.
func sentence(detail string) string {
	if detail == "" {
		return "That is not possible."
	}
	detail = strings.ToUpper(detail[:1]) + detail[1:]
	if !strings.HasSuffix(detail, ".") && !strings.HasSuffix(detail, "?") {
		detail += "."
	}
	return detail
}
