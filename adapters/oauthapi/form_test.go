package oauthapi_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestTheFormIsReadStrictly(t *testing.T) {
	t.Parallel()
	w := open(t)
	c := w.credential(t, w.acme, "Entra")
	other := w.credential(t, w.other, "Entra")
	pair, plain := [2]string{c.ClientID, c.Secret}, "grant_type=client_credentials"
	inBody := plain + "&client_id=" + c.ClientID + "&client_secret=" + c.Secret
	media := func(kinds ...string) http.Header { return http.Header{"Content-Type": kinds} }
	for sentence, try := range map[string]struct {
		ask
		status int
		code   string
	}{
		"no grant type":                             {ask{raw: "scope=scim.read", basic: pair}, 400, "invalid_request"},
		"an empty grant type":                       {ask{raw: "grant_type=", basic: pair}, 400, "invalid_request"},
		"an empty body":                             {ask{raw: "&", basic: pair}, 400, "invalid_request"},
		"a password grant":                          {ask{raw: "grant_type=password&username=a&password=b", basic: pair}, 400, "unsupported_grant_type"},
		"an authorisation code":                     {ask{raw: "grant_type=authorization_code&code=x", basic: pair}, 400, "unsupported_grant_type"},
		"a refresh token":                           {ask{raw: "grant_type=refresh_token&refresh_token=x", basic: pair}, 400, "unsupported_grant_type"},
		"a JWT bearer":                              {ask{raw: "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=x", basic: pair}, 400, "unsupported_grant_type"},
		"a grant type with a blank behind it":       {ask{raw: plain + "%20", basic: pair}, 400, "unsupported_grant_type"},
		"a grant type with a plus behind it":        {ask{raw: plain + "+", basic: pair}, 400, "unsupported_grant_type"},
		"two grant types in one":                    {ask{raw: plain + "+password", basic: pair}, 400, "unsupported_grant_type"},
		"a grant type in capitals":                  {ask{raw: "grant_type=CLIENT_CREDENTIALS", basic: pair}, 400, "unsupported_grant_type"},
		"a name in capitals":                        {ask{raw: "GRANT_TYPE=client_credentials", basic: pair}, 400, "invalid_request"},
		"the grant type twice":                      {ask{raw: plain + "&" + plain, basic: pair}, 400, "invalid_request"},
		"the scope twice":                           {ask{raw: plain + "&scope=scim.read&scope=scim.write", basic: pair}, 400, "invalid_request"},
		"the scope twice, once empty":               {ask{raw: plain + "&scope=scim.read&scope=", basic: pair}, 400, "invalid_request"},
		"the client twice":                          {ask{raw: inBody + "&client_id=" + c.ClientID}, 400, "invalid_request"},
		"the secret twice":                          {ask{raw: inBody + "&client_secret=" + c.Secret}, 400, "invalid_request"},
		"an unknown parameter twice":                {ask{raw: plain + "&x=1&x=2", basic: pair}, 400, "invalid_request"},
		"credentials in the query":                  {ask{path: "/oauth2/token?client_id=" + c.ClientID + "&client_secret=" + c.Secret, raw: plain}, 400, "invalid_request"},
		"the grant type in the query":               {ask{path: "/oauth2/token?" + plain, raw: "x=1", basic: pair}, 400, "invalid_request"},
		"a percent sign without digits":             {ask{raw: plain + "&scope=%zz", basic: pair}, 400, "invalid_request"},
		"a semicolon":                               {ask{raw: plain + ";scope=scim.read", basic: pair}, 400, "invalid_request"},
		"a NUL in a value":                          {ask{raw: plain + "&scope=scim.read%00", basic: pair}, 400, "invalid_request"},
		"a line break in a value":                   {ask{raw: plain + "&scope=scim.read%0Ascim.write", basic: pair}, 400, "invalid_request"},
		"a NUL in a name":                           {ask{raw: plain + "&a%00=1", basic: pair}, 400, "invalid_request"},
		"a value that is not UTF-8":                 {ask{raw: plain + "&scope=%ff", basic: pair}, 400, "invalid_request"},
		"JSON":                                      {ask{raw: `{"grant_type":"client_credentials"}`, basic: pair, headers: media("application/json")}, 415, "invalid_request"},
		"a multipart form":                          {ask{raw: plain, basic: pair, headers: media("multipart/form-data; boundary=x")}, 415, "invalid_request"},
		"plain text":                                {ask{raw: plain, basic: pair, headers: media("text/plain")}, 415, "invalid_request"},
		"no media type":                             {ask{raw: plain, basic: pair, headers: media()}, 415, "invalid_request"},
		"two media types":                           {ask{raw: plain, basic: pair, headers: media("application/x-www-form-urlencoded", "application/json")}, 415, "invalid_request"},
		"a media type that is none":                 {ask{raw: plain, basic: pair, headers: media("form;;")}, 415, "invalid_request"},
		"a compressed body":                         {ask{raw: plain, basic: pair, headers: http.Header{"Content-Encoding": {"gzip"}}}, 415, "invalid_request"},
		"8 KiB and one byte":                        {ask{raw: plain + "&x=" + strings.Repeat("x", 8<<10+1-len(plain)-3), basic: pair}, 413, "invalid_request"},
		"4 MiB":                                     {ask{raw: plain + "&x=" + strings.Repeat("x", 4<<20), basic: pair}, 413, "invalid_request"},
		"GET":                                       {ask{method: "GET", path: "/oauth2/token", basic: pair}, 405, "invalid_request"},
		"PUT":                                       {ask{method: "PUT", raw: plain, basic: pair}, 405, "invalid_request"},
		"no credentials":                            {ask{raw: plain}, 401, "invalid_client"},
		"an identifier without a secret":            {ask{raw: plain + "&client_id=" + c.ClientID}, 401, "invalid_client"},
		"a secret without an identifier":            {ask{raw: plain + "&client_secret=" + c.Secret}, 401, "invalid_client"},
		"basic without a secret":                    {ask{raw: plain, headers: basic(c.ClientID + ":")}, 401, "invalid_client"},
		"basic without a colon":                     {ask{raw: plain, headers: basic(c.ClientID)}, 401, "invalid_client"},
		"basic without an identifier":               {ask{raw: inBody, headers: basic(":" + c.Secret)}, 401, "invalid_client"},
		"basic that is no base64":                   {ask{raw: plain, headers: http.Header{"Authorization": {"Basic !!!"}}}, 401, "invalid_client"},
		"basic with a NUL":                          {ask{raw: plain, headers: basic(c.ClientID + ":" + c.Secret + "\x00")}, 401, "invalid_client"},
		"basic without anything":                    {ask{raw: plain, headers: http.Header{"Authorization": {"Basic"}}}, 401, "invalid_client"},
		"an empty Authorization header":             {ask{raw: inBody, headers: http.Header{"Authorization": {""}}}, 401, "invalid_client"},
		"a bearer token":                            {ask{raw: plain, headers: http.Header{"Authorization": {"Bearer x"}}}, 401, "invalid_client"},
		"a digest":                                  {ask{raw: inBody, headers: http.Header{"Authorization": {`Digest username="x"`}}}, 401, "invalid_client"},
		"two Authorization headers":                 {ask{raw: plain, headers: http.Header{"Authorization": {basic("a:b").Get("Authorization"), basic(c.ClientID + ":" + c.Secret).Get("Authorization")}}}, 400, "invalid_request"},
		"the same Authorization header twice":       {ask{raw: plain, headers: http.Header{"Authorization": {basic(c.ClientID + ":" + c.Secret).Get("Authorization"), basic(c.ClientID + ":" + c.Secret).Get("Authorization")}}}, 400, "invalid_request"},
		"another client in the body":                {ask{raw: plain + "&client_id=" + other.ClientID + "&client_secret=" + other.Secret, basic: pair}, 400, "invalid_request"},
		"another identifier in the body":            {ask{raw: plain + "&client_id=" + other.ClientID, basic: pair}, 400, "invalid_request"},
		"another secret in the body":                {ask{raw: plain + "&client_id=" + c.ClientID + "&client_secret=wrong", basic: pair}, 400, "invalid_request"},
		"another secret alone in the body":          {ask{raw: plain + "&client_secret=wrong", basic: pair}, 400, "invalid_request"},
		"an assertion":                              {ask{raw: plain + "&client_id=" + c.ClientID + "&client_assertion=x&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, 401, "invalid_client"},
		"an assertion beside good credentials":      {ask{raw: plain + "&client_assertion=x", basic: pair}, 401, "invalid_client"},
		"an assertion type beside good credentials": {ask{raw: plain + "&client_assertion_type=x", basic: pair}, 401, "invalid_client"},
		"another audience":                          {ask{raw: plain + "&audience=https://elsewhere.example", basic: pair}, 400, "invalid_request"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w.send(t, try.ask).is(t, try.status, try.code)
		})
	}
	w.send(t, ask{raw: plain + "&x=" + strings.Repeat("x", 8<<10-len(plain)-3), basic: pair}).is(t, 200, "")
}

func TestEveryEndpointSaysWhichMethodsItHas(t *testing.T) {
	t.Parallel()
	w := open(t)
	for path, allowed := range map[string]string{
		"/oauth2/token": "POST", "/oauth2/introspect": "POST", "/oauth2/revoke": "POST",
		"/.well-known/oauth-authorization-server": "GET, HEAD",
	} {
		for _, method := range []string{"DELETE", "PATCH", "OPTIONS", "PUT", "TRACE", "BREW"} {
			a := w.send(t, ask{method: method, path: path})
			a.is(t, http.StatusMethodNotAllowed, "invalid_request")
			if got := a.header.Get("Allow"); got != allowed {
				t.Errorf("%s %s allows %q, expected %q", method, path, got, allowed)
			}
		}
	}
}
