package oauthapi

import (
	"errors"
	"net/http"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
)

// introspection is what is told of a token (RFC 7662 §2.2). Of one that is not active nothing else is told.
type introspection struct {
	Active    bool   `json:"active"`
	Scope     string `json:"scope,omitempty"`
	ClientID  string `json:"client_id,omitempty"`
	TokenType string `json:"token_type,omitempty"`
	Expires   int64  `json:"exp,omitempty"` // seconds since 1970
	Issued    int64  `json:"iat,omitempty"` // seconds since 1970
	Issuer    string `json:"iss,omitempty"`
}

// introspect serves POST /oauth2/introspect: a client asks after a token of its own.
func (a *API) introspect(w http.ResponseWriter, r *http.Request) error {
	who, err := a.authenticate(r, r.PostForm)
	if err != nil {
		return err
	}
	text := r.PostForm.Get("token")
	if text == "" {
		return fault.New(fault.Syntax, "token is missing; send the access token to look at")
	}
	t, err := a.credentials.Introspect(r.Context(), who, text)
	switch {
	case errors.Is(err, fault.NotFound):
		send(w, http.StatusOK, introspection{})
		return nil
	case err != nil:
		return err
	}
	send(w, http.StatusOK, introspection{
		Active: true, Scope: joined(t.Scopes), ClientID: t.ClientID, TokenType: "Bearer",
		Expires: t.Expires.Unix(), Issued: t.Issued.Unix(), Issuer: a.issuer,
	})
	return nil
}

func joined(scopes []credential.Scope) (text string) {
	for _, scope := range scopes {
		if text != "" {
			text += " "
		}
		text += string(scope)
	}
	return text
}
