package oauthapi

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"github.com/ory/fosite"

	"github.com/extraordinary/provisioning/application/credentials"
	"github.com/extraordinary/provisioning/domain/fault"
)

// credentialsOf finds a client's identifier and secret in r (RFC 6749 §2.3.1): in the header, in the form, or the same
// in both, as Entra sends them where "Both" is chosen. Faults: Unauthorised, Syntax.
func credentialsOf(r *http.Request, form url.Values) (id, secret string, err error) {
	if form.Has("client_assertion") || form.Has("client_assertion_type") {
		return "", "", fault.New(fault.Unauthorised, "assertions are not read here; send client_id and client_secret")
	}
	id, secret, err = basic(r.Header.Values("Authorization"))
	if err != nil {
		return "", "", err
	}
	inForm, secretInForm := form.Get("client_id"), form.Get("client_secret")
	if id != "" && (inForm != "" && inForm != id || secretInForm != "" && secretInForm != secret) {
		return "", "", fault.New(fault.Syntax, "the header and the form name different credentials; send one pair")
	}
	if id == "" {
		id, secret = inForm, secretInForm
	}
	switch {
	case id == "":
		return "", "", fault.New(fault.Unauthorised, "the client identifier is missing; send it with the secret in the header (Basic) or in the form")
	case secret == "":
		return id, "", fault.New(fault.Unauthorised, "the client secret is missing; send it in the header (Basic) or in the form")
	}
	return id, secret, nil
}

// basic reads the credentials out of the Authorization headers; there may be none.
func basic(headers []string) (id, secret string, err error) {
	switch len(headers) {
	case 0:
		return "", "", nil
	case 1:
	default:
		return "", "", fault.New(fault.Syntax, "there is more than one Authorization header; send one")
	}
	scheme, encoded, _ := strings.Cut(headers[0], " ")
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	id, secret, colon := strings.Cut(string(decoded), ":")
	if !strings.EqualFold(scheme, "Basic") || err != nil || !colon || id == "" || !legible(string(decoded)) {
		return "", "", fault.New(fault.Unauthorised, "the Authorization header cannot be read; it is Basic and the base64 of client_id:client_secret")
	}
	return unescaped(id), unescaped(secret), nil
}

// unescaped takes form-encoding off, which RFC 6749 §2.3.1 asks for and many clients leave out. Ours have nothing to
// encode, so what cannot be decoded was not encoded.
func unescaped(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// client is what fosite knows of a client that has authenticated.
type client struct{ credentials.Client }

// client is fosite's way to authenticate a client: ours.
func (a *API) client(_ context.Context, r *http.Request, form url.Values) (fosite.Client, error) {
	who, err := a.authenticate(r, form)
	if err != nil {
		return nil, err
	}
	return client{who}, nil
}

// GetID is the client identifier.
func (c client) GetID() string { return c.ClientID }

// GetScopes are what it may ask for.
func (c client) GetScopes() fosite.Arguments {
	var scopes fosite.Arguments
	for _, scope := range c.Scopes {
		scopes = append(scopes, string(scope))
	}
	return scopes
}

// GetGrantTypes is the one that there is.
func (c client) GetGrantTypes() fosite.Arguments { return fosite.Arguments{clientCredentials} }

// GetAudience is empty: a token is for this server and no other.
func (c client) GetAudience() fosite.Arguments { return nil }

// IsPublic is never the case: every client has a secret.
func (c client) IsPublic() bool { return false }

// GetHashedSecret gives none: secrets are checked before fosite sees a client.
func (c client) GetHashedSecret() []byte { return nil }

// GetRedirectURIs gives none: nobody is sent anywhere.
func (c client) GetRedirectURIs() []string { return nil }

// GetResponseTypes gives none: there is no authorisation endpoint.
func (c client) GetResponseTypes() fosite.Arguments { return nil }
