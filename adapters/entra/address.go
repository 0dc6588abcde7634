package entra

import (
	"errors"
	"net/url"
	"strings"
)

// address is a Tenant URL taken apart so that resources can be appended to its path.
type address struct {
	base  string // scheme, host and path, with no slash at the end
	query string // what the administrator put behind the path, less Entra's own flag
}

// parseTenantURL also says whether the URL carries the flag ?aadOptscim062020. The flag is an instruction to Entra and
// is not sent on; whether Entra does is not documented (entra.md 1.4). Any other parameter is the server's and is kept.
func parseTenantURL(raw string) (a address, flagged bool, err error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return address{}, false, errors.New("the Tenant URL must be an http or https URL, such as https://scim.example.com/scim/v2")
	}
	if u.User != nil {
		return address{}, false, errors.New("the Tenant URL must not contain credentials: give them as client identifier and client secret")
	}
	var kept []string
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		key, _, _ := strings.Cut(part, "=")
		switch {
		case strings.EqualFold(key, string(DialectOptscim)):
			flagged = true
		case part != "":
			kept = append(kept, part)
		}
	}
	base := u.Scheme + "://" + u.Host + strings.TrimRight(u.EscapedPath(), "/")
	return address{base: base, query: strings.Join(kept, "&")}, flagged, nil
}

// to is the URL of a path below the Tenant URL, such as /Users, with parameters that are encoded already.
func (a address) to(path string, parameters ...string) string {
	if a.query != "" {
		parameters = append([]string{a.query}, parameters...)
	}
	if len(parameters) == 0 {
		return a.base + path
	}
	return a.base + path + "?" + strings.Join(parameters, "&")
}

// equals writes a comparison of the filter language (RFC 7644 §3.4.2.2), whose strings are those of JSON.
func equals(attribute, value string) string {
	return attribute + ` eq "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}

// filter encodes its conditions as one parameter, with + for a space and %22 for a quote as Entra's traces show.
func filter(conditions ...string) string {
	return "filter=" + url.QueryEscape(strings.Join(conditions, " and "))
}
