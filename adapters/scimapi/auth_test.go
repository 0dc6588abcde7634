package scimapi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/extraordinary/provisioning/adapters/oauthapi"
	"github.com/extraordinary/provisioning/domain/activity"
)

const (
	noToken  = `Bearer realm="scim"`
	badToken = `Bearer realm="scim", error="invalid_token"`
	noScope  = `Bearer realm="scim", error="insufficient_scope"`
)

func TestATokenOpensTheInterfaceAndNothingElseDoes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	who := s.newTenant(t)
	basic := "Basic " + "a2VyZXJ1OnNlY3JldA=="
	for name, c := range map[string]struct {
		headers   []string
		status    int
		challenge string
	}{
		"the token":                           {[]string{"Bearer " + who.token}, http.StatusOK, ""},
		"the scheme in other letters":         {[]string{"bEaReR " + who.token}, http.StatusOK, ""},
		"no header":                           {nil, http.StatusUnauthorized, noToken},
		"an empty header":                     {[]string{""}, http.StatusUnauthorized, noToken},
		"another scheme":                      {[]string{basic}, http.StatusUnauthorized, noToken},
		"the token without its scheme":        {[]string{who.token}, http.StatusUnauthorized, noToken},
		"the scheme without a token":          {[]string{"Bearer"}, http.StatusUnauthorized, badToken},
		"garbage":                             {[]string{"Bearer garbage"}, http.StatusUnauthorized, badToken},
		"a very long one":                     {[]string{"Bearer " + strings.Repeat("x", 8<<10)}, http.StatusUnauthorized, badToken},
		"one letter is another":               {[]string{"Bearer " + other(who.token)}, http.StatusUnauthorized, badToken},
		"a token in the form that nobody has": {[]string{"Bearer sat_" + strings.Repeat("0", 43) + "_000000"}, http.StatusUnauthorized, badToken},
		"the secret instead of a token":       {[]string{"Bearer " + who.secret}, http.StatusUnauthorized, badToken},
		"the token with something behind":     {[]string{"Bearer " + who.token + " x"}, http.StatusUnauthorized, badToken},
		"two headers with one token":          {[]string{"Bearer " + who.token, "Bearer " + who.token}, http.StatusUnauthorized, badToken},
		"two headers, the wrong one first":    {[]string{basic, "Bearer " + who.token}, http.StatusUnauthorized, noToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request, err := http.NewRequest(http.MethodGet, s.base+"/Users", nil)
			must(t, err)
			request.Header["Authorization"] = c.headers
			heard, err := s.do(request, nil)
			must(t, err)
			expect(t, heard, c.status, c.challenge)
		})
	}
}

// other changes one letter in the middle.
func other(token string) string {
	middle := len(token) / 2
	letter := "a"
	if token[middle] == 'a' {
		letter = "b"
	}
	return token[:middle] + letter + token[middle+1:]
}

func expect(t *testing.T, heard answer, status int, challenge string) {
	t.Helper()
	if heard.status != status || heard.header.Get("WWW-Authenticate") != challenge {
		t.Errorf("status %d and challenge %q, expected %d and %q: %s", heard.status, heard.header.Get("WWW-Authenticate"), status, challenge, heard.body)
	}
}

func TestATokenIsReadFromItsHeaderAlone(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	who := s.newTenant(t)
	form := map[string]string{"Authorization": "", "Content-Type": "application/x-www-form-urlencoded"}
	heard, err := who.send(http.MethodGet, "/Users?access_token="+url.QueryEscape(who.token), form, nil)
	must(t, err)
	expect(t, heard, http.StatusUnauthorized, noToken)
	heard, err = who.send(http.MethodPost, "/Users", form, []byte("access_token="+url.QueryEscape(who.token)))
	must(t, err)
	expect(t, heard, http.StatusUnauthorized, noToken)
}

func TestNoAddressAnswersWithoutAToken(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	who := s.newTenant(t)
	id := "0190a000-0000-7000-8000-ffffffffffff"
	for _, path := range []string{
		"", "/", "/Users", "/Users/" + id, "/Users/nobody", "/Groups", "/Groups/" + id, "/Schemas",
		"/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", "/ResourceTypes", "/ResourceTypes/User",
		"/ServiceProviderConfig", "/Bulk", "/Me", "/nothing", "/users", "/Users/.search",
	} {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"} {
			heard, err := who.send(method, path, map[string]string{"Authorization": ""}, nil)
			must(t, err)
			if heard.status != http.StatusUnauthorized || lawful(heard, s.base) != nil {
				t.Errorf("%s %q without a token: %d %s", method, path, heard.status, heard.body)
			}
		}
	}
	heard, err := who.send(http.MethodGet, "/nothing", nil, nil)
	must(t, err)
	expect(t, heard, http.StatusNotFound, "")
}

func TestAScopeAllowsWhatItSays(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	who := s.newTenant(t)
	created, err := who.send(http.MethodPost, "/Users", nil, []byte(`{"userName":"scope@kereru.nz"}`))
	must(t, err)
	var user struct{ ID string }
	must(t, json.Unmarshal(created.body, &user))

	reader, writer := *who, *who
	reader.token, writer.token = who.fetchToken(t, "scim.read"), who.fetchToken(t, "scim.write")
	one := "/Users/" + user.ID
	body := []byte(`{"userName":"changed@kereru.nz","Operations":[{"op":"replace","path":"userName","value":"changed@kereru.nz"}],"displayName":"G"}`)
	for _, request := range []string{"POST /Users", "PUT " + one, "PATCH " + one, "DELETE " + one, "POST /Groups", "POST /nothing", "DELETE /Schemas"} {
		method, path, _ := strings.Cut(request, " ")
		heard, err := reader.send(method, path, nil, body)
		must(t, err)
		expect(t, heard, http.StatusForbidden, noScope)
		if err := lawful(heard, s.base); err != nil || !strings.Contains(string(heard.body), "scim.write") {
			t.Errorf("%s does not say which scope is lacking: %s", request, heard.body)
		}
	}
	heard, err := reader.send(http.MethodGet, one, nil, nil)
	must(t, err)
	expect(t, heard, http.StatusOK, "")
	if string(heard.body) != string(created.body) {
		t.Errorf("a reader has changed something: %s", heard.body)
	}

	heard, err = writer.send(http.MethodGet, one, nil, nil)
	must(t, err)
	expect(t, heard, http.StatusForbidden, noScope)
	heard, err = writer.send(http.MethodDelete, one, nil, nil)
	must(t, err)
	expect(t, heard, http.StatusNoContent, "")
}

// A token that has ended is 401 with invalid_token, which makes the client fetch another; that another works at once,
// and what was provisioned is there (azure-docs#11219, #17504, #49636).
func TestATokenThatHasEndedIsRefusedAndAnotherIsFetched(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, who *tenant){
		"it has expired": func(_ *testing.T, who *tenant) { who.ahead.Store(int64(time.Hour + time.Second)) },
		"it was revoked by its owner": func(t *testing.T, who *tenant) {
			form := url.Values{"token": {who.token}, "client_id": {who.clientID}, "client_secret": {who.secret}}
			heard, err := who.server.send(http.MethodPost, who.url+oauthapi.RevokePath, map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, []byte(form.Encode()))
			must(t, err)
			expect(t, heard, http.StatusOK, "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			who := newServer(t).newTenant(t)
			_, err := who.send(http.MethodPost, "/Users", nil, []byte(`{"userName":"stays@kereru.nz"}`))
			must(t, err)
			end(t, who)
			heard, err := who.send(http.MethodGet, "/Users", nil, nil)
			must(t, err)
			expect(t, heard, http.StatusUnauthorized, badToken)
			who.token = who.fetchToken(t, "")
			heard, err = who.send(http.MethodGet, "/Users", nil, nil)
			must(t, err)
			expect(t, heard, http.StatusOK, "")
			if !strings.Contains(string(heard.body), `"totalResults":1`) {
				t.Errorf("who was provisioned is gone: %s", heard.body)
			}
		})
	}
}

func TestWhoIsShutOutIsRefusedOnTheNextRequest(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	operator := activity.Actor{Kind: activity.Operator}

	must(t, who.organisations.Suspend(t.Context(), who.organisation.ID))
	heard, err := who.send(http.MethodGet, "/Users", nil, nil)
	must(t, err)
	expect(t, heard, http.StatusUnauthorized, badToken)

	must(t, who.organisations.Resume(t.Context(), who.organisation.ID))
	heard, err = who.send(http.MethodGet, "/Users", nil, nil)
	must(t, err)
	expect(t, heard, http.StatusOK, "")

	must(t, who.credentials.Revoke(t.Context(), who.organisation.ID, who.clientID, operator))
	heard, err = who.send(http.MethodGet, "/Users", nil, nil)
	must(t, err)
	expect(t, heard, http.StatusUnauthorized, badToken)
}
