package oauthapi

import (
	"net/http"

	"github.com/extraordinary/provisioning/domain/fault"
)

// revoke serves POST /oauth2/revoke: a client ends a token of its own (RFC 7009 §2). Whether there was such a token
// is not told.
func (a *API) revoke(w http.ResponseWriter, r *http.Request) error {
	who, err := a.authenticate(r, r.PostForm)
	if err != nil {
		return err
	}
	text := r.PostForm.Get("token")
	if text == "" {
		return fault.New(fault.Syntax, "token is missing; send the access token to end")
	}
	if err := a.credentials.End(r.Context(), who, text); err != nil {
		return err
	}
	send(w, http.StatusOK, struct{}{})
	return nil
}
