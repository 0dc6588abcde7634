package oauthapi

import (
	"errors"
	"net/http"
	"strings"

	"github.com/ory/fosite"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/application/credentials"
	"github.com/extraordinary/provisioning/domain/fault"
)

const clientCredentials = "client_credentials"

// granted is the answer to a grant (RFC 6749 §5.1).
type granted struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"` // seconds
	Scope       string `json:"scope"`
}

// grant serves POST /oauth2/token (RFC 6749 §4.4.2).
func (a *API) grant(w http.ResponseWriter, r *http.Request) error {
	// fosite would call an unknown grant type a wrong request, and take one with a blank behind it.
	switch r.PostForm.Get("grant_type") {
	case clientCredentials:
	case "":
		return fault.New(fault.Syntax, "grant_type is missing; send grant_type=client_credentials")
	default:
		return fault.New(fault.Unsupported, "the only grant_type is client_credentials")
	}
	s := &session{}
	request, err := a.provider.NewAccessRequest(r.Context(), r, s)
	if err != nil {
		return ours(err)
	}
	who, ok := request.GetClient().(client)
	if !ok {
		return fault.New(fault.Internal, "fosite took a client that is none of ours")
	}
	s.token = who.Token()
	scopes := request.GetRequestedScopes()
	if len(scopes) == 0 {
		scopes = who.GetScopes()
	}
	for _, scope := range scopes {
		request.GrantScope(scope)
	}
	response, err := a.provider.NewAccessResponse(r.Context(), request)
	if err != nil {
		return ours(err)
	}
	// expires_in is the life of the token to the second: fosite counts down from it while it works, and Entra wants
	// no less than 60 minutes.
	send(w, http.StatusOK, granted{response.GetAccessToken(), "Bearer", int64(who.TokenLife.Seconds()), strings.Join(scopes, " ")})
	return nil
}

// ours turns fosite's errors into faults. Faults of our own that went through fosite stay what they are.
func ours(err error) error {
	var own *fault.Error
	switch {
	case errors.As(err, &own):
		return err
	case errors.Is(err, fosite.ErrInvalidScope):
		return fault.New(fault.Forbidden, "the credential does not have every scope that was asked for; there are scim.read and scim.write, and without scope a token has all of the credential's")
	case errors.Is(err, fosite.ErrInvalidRequest):
		return fault.New(fault.Syntax, "leave audience out; a token is for this server and no other")
	}
	return fault.Wrap(fault.Internal, err)
}

// counted counts how requests for a token end.
func counted(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := h(w, r)
		telemetry.Grant(r.Context(), outcome(err))
		return err
	}
}

func outcome(err error) telemetry.GrantOutcome {
	status, _ := answer(fault.Of(err).Kind)
	switch {
	case err == nil:
		return telemetry.Granted
	case errors.Is(err, credentials.SecretExpired):
		return telemetry.ExpiredSecret
	case errors.Is(err, credentials.WasSuspended), errors.Is(err, credentials.WasRevoked):
		return telemetry.Suspended
	case errors.Is(err, fault.Unauthorised):
		return telemetry.BadClient
	case errors.Is(err, fault.Forbidden):
		return telemetry.BadScope
	case errors.Is(err, fault.Limited):
		return telemetry.Throttled
	case status >= http.StatusInternalServerError:
		return telemetry.Unserved
	}
	return telemetry.BadRequest
}
