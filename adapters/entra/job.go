package entra

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Location says where the client credentials stand in a token request: Entra's field "How credentials are sent".
type Location string

// The three choices that Entra offers (RFC 6749 §2.3.1).
const (
	InHeader Location = "header"
	InBody   Location = "body"
	InBoth   Location = "both"
)

// Dialect is the form of the PATCH requests (entra.md 1.3 and 1.4).
type Dialect string

// The dialects: what Entra sends by default, and what it sends under the flag of that name.
const (
	DialectDefault  Dialect = "default"
	DialectOptscim  Dialect = "aadOptscim062020"
	dialectByTenant Dialect = ""
)

// Job says where to provision, whom, and how. TenantURL, TokenEndpoint, ClientID, ClientSecret, People, Cycles and Now
// are needed; zero values elsewhere take the default that is named.
type Job struct {
	TenantURL     string // SCIM base; may carry the flag ?aadOptscim062020, which chooses the dialect
	TokenEndpoint string
	ClientID      string
	ClientSecret  string
	CredentialsIn Location // InHeader
	Scope         string   // none

	People          []Person
	Groups          int // none
	MembersPerGroup int // 10, at most everybody who is there from the start
	Cycles          int // the first is the initial one
	Dialect         Dialect
	Seed            uint64 // equal seeds make equal plans

	Concurrency int       // 1; people or groups in flight
	Progress    io.Writer // nil is silent; else a terminal, on which one line is rewritten

	Now  func() time.Time
	Wait func(ctx context.Context, d time.Duration) error // a timer; how to pause when the server asks for it
	HTTP *http.Client                                     // NewHTTPClient(Concurrency)
}

// Check says what is wrong with a job that cannot be run; Run refuses it with the same error.
func (j Job) Check() error {
	_, _, err := j.complete()
	return err
}

// complete fills in defaults, takes the Tenant URL apart, and refuses a job that cannot be run.
func (j Job) complete() (Job, address, error) {
	if j.CredentialsIn == "" {
		j.CredentialsIn = InHeader
	}
	if j.Concurrency == 0 {
		j.Concurrency = 1
	}
	if j.MembersPerGroup == 0 {
		j.MembersPerGroup = 10
	}
	if j.Wait == nil {
		j.Wait = pause
	}
	if j.HTTP == nil {
		j.HTTP = NewHTTPClient(j.Concurrency)
	}
	at, flagged, err := parseTenantURL(j.TenantURL)
	if err != nil {
		return j, at, err
	}
	if flagged && j.Dialect == DialectDefault {
		return j, at, errors.New("the Tenant URL carries the flag ?aadOptscim062020 and the dialect is said to be default: leave out one of them")
	}
	if flagged {
		j.Dialect = DialectOptscim
	} else if j.Dialect == dialectByTenant {
		j.Dialect = DialectDefault
	}
	return j, at, j.check()
}

func (j Job) check() error {
	endpoint, err := url.Parse(j.TokenEndpoint)
	switch {
	case err != nil || endpoint.Host == "" || endpoint.Scheme != "http" && endpoint.Scheme != "https":
		return errors.New("the token endpoint must be an http or https URL")
	case j.ClientID == "" || j.ClientSecret == "":
		return errors.New("a client identifier and a client secret are needed")
	case j.CredentialsIn != InHeader && j.CredentialsIn != InBody && j.CredentialsIn != InBoth:
		return fmt.Errorf("credentials are sent in header, body or both, not in %q", j.CredentialsIn)
	case j.Dialect != DialectDefault && j.Dialect != DialectOptscim:
		return fmt.Errorf("the dialect is %s or %s, not %q", DialectDefault, DialectOptscim, j.Dialect)
	case len(j.People) == 0:
		return errors.New("there is nobody to provision")
	case j.Cycles < 1:
		return errors.New("at least one cycle is needed")
	case j.Groups < 0 || j.MembersPerGroup < 0 || j.Concurrency < 0:
		return errors.New("groups, members per group and concurrency cannot be negative")
	case j.Now == nil:
		return errors.New("a job needs a clock")
	}
	return checkPeople(j.People)
}

// NewHTTPClient returns a client with one keep-alive HTTP/1.1 connection for each object in flight, as Entra has. It
// follows no redirect: a bearer token belongs to the host that it was meant for.
func NewHTTPClient(concurrency int) *http.Client {
	return &http.Client{
		Timeout: time.Minute,
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			MaxIdleConns:        2 * (concurrency + 1), // the token endpoint may be another host
			MaxIdleConnsPerHost: concurrency + 1,
			// A POST that meets a connection which the server is just closing cannot be repeated safely, so ours
			// closes first: servers commonly wait a minute or longer.
			IdleConnTimeout:    30 * time.Second,
			DisableCompression: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
